/** What is watched: subscriptions and management groups; neither: all that the identity may read. */

export interface Scopes {
  readonly subscriptions: readonly string[];
  readonly managementGroups: readonly string[];
}

const guid = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const subscription = new RegExp(`^(?:/subscriptions/)?(${guid})/?$`, 'i');
const managementGroup =
  /^(?:\/providers\/Microsoft\.Management\/managementGroups\/|managementGroup:)([A-Za-z0-9_().-]{1,90})\/?$/i;

/**
 * @param text ids, separated by commas or white space
 * @throws Error naming the entry that is no scope
 */
export function readScopes(text: string): Scopes {
  const subscriptions: string[] = [];
  const managementGroups: string[] = [];
  for (const entry of text.split(/[\s,;]+/).filter((each) => each !== '')) {
    const id = subscription.exec(entry)?.[1];
    const group = managementGroup.exec(entry)?.[1];
    if (id !== undefined) subscriptions.push(id.toLowerCase());
    else if (group !== undefined) managementGroups.push(group);
    else {
      throw new Error(
        `"${entry.slice(0, 80)}" is no scope; expected a subscription id or /providers/Microsoft.Management/managementGroups/<name>`,
      );
    }
  }
  return { subscriptions: [...new Set(subscriptions)], managementGroups: [...new Set(managementGroups)] };
}
