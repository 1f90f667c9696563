/** Addresses that alerts point people to. */

export interface Links {
  /** A resource in the portal. */
  readonly portal: (resourceId: string) => string;
  /** The audit of a service, by the function app itself; absent where its host name is not known. */
  readonly report: (serviceId: string) => string | undefined;
}

/** Half a character, which no resource has but a hostile text may, cannot be encoded: it becomes the replacement character. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/**
 * @param settings `portal`: scheme and host; `host`: host name of the function app
 */
export function linksFor({ portal, host }: { readonly portal: string; readonly host?: string | undefined }): Links {
  return {
    portal: (resourceId) => `${portal}/#@/resource${resourceId.split('/').map(encoded).join('/')}`,
    report: (serviceId) =>
      host === undefined ? undefined : `https://${host}/api/audit?service=${encoded(serviceId)}&format=html`,
  };
}
