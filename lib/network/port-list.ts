/**
 * Port lists of NSG and firewall rules, as interval sets over 0 to 65535. A list that Azure would not accept is not
 * repaired: the rule that holds it becomes undecidable, and the text is named. Nothing is guessed from a bad list.
 */
import { emptySet, fromRange, type IntervalSet, union } from '../address/interval-set.ts';
import { isExpression } from './model.ts';

const lastPort = 65535;
export const everyPort: IntervalSet = fromRange(0, lastPort);

/** Ports that a list surely holds and those that it may hold; what keeps the two apart, in words. */
export interface PortList {
  readonly certain: IntervalSet;
  readonly possible: IntervalSet;
  readonly notSeen: readonly string[];
}

/** A list that may hold any port, for the reasons given. */
export function undecidedPorts(notSeen: readonly string[]): PortList {
  return { certain: emptySet, possible: everyPort, notSeen };
}

const portText = /^\d{1,5}$/;

function readPort(text: string): number {
  const port = portText.test(text) ? Number(text) : -1;
  return port <= lastPort ? port : -1;
}

/** One entry: `*`, `443` or `1024-2048`; `undefined` for what Azure would not accept. */
function readRange(text: string): IntervalSet | undefined {
  if (text === '*') return everyPort;
  const dash = text.indexOf('-');
  const first = readPort(dash < 0 ? text : text.slice(0, dash));
  const last = dash < 0 ? first : readPort(text.slice(dash + 1));
  return first >= 0 && last >= first ? fromRange(first, last) : undefined;
}

/**
 * Compiles a rule's port ranges.
 * @param what the list is called in messages: `source port`, `destination port`
 */
export function compilePorts(ranges: readonly string[], what: string): PortList {
  if (ranges.length === 0) return undecidedPorts([`no ${what} is given`]);
  let ports = emptySet;
  const notSeen: string[] = [];
  for (const text of ranges) {
    const range = readRange(text);
    if (range) ports = union(ports, range);
    else if (isExpression(text)) notSeen.push(`${what} expression "${text}"`);
    else notSeen.push(`${what} "${text}", which Azure does not accept`);
  }
  return notSeen.length === 0 ? { certain: ports, possible: ports, notSeen } : undecidedPorts(notSeen);
}
