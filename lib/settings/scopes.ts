/** What is watched: subscriptions and management groups; neither: all that the identity may read. */

export interface Scopes {
  /** Ids alone, lower case. */
  readonly subscriptions: readonly string[];
  /** Names, as they are spelled. */
  readonly managementGroups: readonly string[];
}

const subscription = /^(?:\/subscriptions\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i;
const managementGroup =
  /^(?:\/providers\/Microsoft\.Management\/managementGroups\/|managementGroup:)([A-Za-z0-9_().-]{1,90})\/?$/i;

/**
 * @param text ids, separated by commas or white space
 * @throws Error that says which of the entries are no scopes, by their place
 */
export function readScopes(text: string): Scopes {
  const entries = text.split(/[\s,;]+/).filter((each) => each !== '');
  const wrong = entries.flatMap((entry, index) =>
    subscription.test(entry) || managementGroup.test(entry) ? [] : [index + 1],
  );
  if (wrong.length > 0) {
    const which = wrong.length === 1 ? `entry ${wrong[0]} is` : `entries ${wrong.join(', ')} are`;
    throw new Error(`${which} neither the id of a subscription nor that of a management group`);
  }
  const found = (pattern: RegExp) => entries.flatMap((entry) => pattern.exec(entry)?.[1] ?? []);
  return {
    subscriptions: [...new Set(found(subscription).map((id) => id.toLowerCase()))],
    managementGroups: [...new Set(found(managementGroup))],
  };
}
