/** Names for what a fix adds: readable, and not taken yet. Azure compares names without regard to case. */

export function freeName(wanted: string, taken: Iterable<string>): string {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  let name = wanted;
  for (let number = 2; used.has(name.toLowerCase()); number++) name = `${wanted}-${number}`;
  return name;
}

/** The parts of a resource id that a command line needs. */
export interface IdParts {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** Names along the path: `[vnet, subnet]`. */
  readonly names: readonly string[];
}

let lastParts: { readonly id: string; readonly parts: IdParts } | undefined;

/** The commands of one fix ask for the same id again and again. */
export function idParts(id: string): IdParts {
  if (lastParts?.id !== id) lastParts = { id, parts: partsOf(id) };
  return lastParts.parts;
}

function partsOf(id: string): IdParts {
  const segments = id.split('/').filter((segment) => segment !== '');
  const after = (word: string): string => {
    const index = segments.findIndex((segment) => segment.toLowerCase() === word);
    return index < 0 ? '' : (segments[index + 1] ?? '');
  };
  const provider = segments.findIndex((segment) => segment.toLowerCase() === 'providers');
  const tail = provider < 0 ? [] : segments.slice(provider + 2);
  return {
    subscription: after('subscriptions'),
    resourceGroup: after('resourcegroups'),
    names: tail.filter((_, index) => index % 2 === 1),
  };
}
