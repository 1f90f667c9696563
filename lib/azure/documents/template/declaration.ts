/** One resource as a template declares it: who it is, and its parts, evaluated once and when they are asked for. */
import { type Fields, isRecord, own } from '../fields.ts';
import { evaluateIdentity, evaluateWhatCanBe } from './evaluate.ts';
import { Unevaluated, Unresolvable } from './expression.ts';
import type { Declared, Frame } from './frame.ts';
import { resourceId } from './ids.ts';
import type { Place } from './place.ts';

export const deploymentType = 'microsoft.resources/deployments';

/** True, false, or the text of a condition that was not evaluated. */
export type Condition = boolean | string;

/** What is not a matter of the resource that Azure makes. */
const templateOnly = new Set(['properties', 'resources', 'copy', 'condition', 'dependsOn', 'existing', 'comments']);
/** Resources that stand inline in others and have ids of their own. */
const inlineLists: Readonly<Record<string, readonly string[]>> = {
  'microsoft.network/virtualnetworks': ['subnets', 'virtualNetworkPeerings'],
  'microsoft.network/routetables': ['routes'],
  'microsoft.network/networksecuritygroups': ['securityRules'],
};

/** Subnets, routes and rules that stand inline get their ids, as Azure would give them. */
function withInlineIds(properties: unknown, id: string, type: string): unknown {
  const lists = inlineLists[type.toLowerCase()];
  if (!lists || !isRecord(properties) || properties instanceof Unevaluated) return properties;
  const result: Record<string, unknown> = { ...properties };
  for (const list of lists) {
    const elements = result[list];
    if (!Array.isArray(elements)) continue;
    result[list] = elements.map((each) => {
      if (!isRecord(each) || each instanceof Unevaluated) return each;
      const name = own(each, 'name');
      const text = name instanceof Unevaluated ? name.identity() : name;
      return typeof text === 'string' ? { ...each, name: text, id: `${id}/${list}/${text}` } : each;
    });
  }
  return result;
}

export class Declaration implements Declared {
  readonly id: string;
  readonly type: string;
  /** With its parents' names before it. */
  readonly name: string;
  readonly raw: Fields;
  readonly frame: Frame;
  readonly parent: Declaration | undefined;
  private readonly expandNested: (deployment: Declaration) => Fields;
  private readonly evaluated = new Map<string, unknown>();
  private readonly evaluating = new Set<string>();

  /**
   * @param expandNested called once, when the properties of a deployment are first asked for: others refer to its outputs
   * @throws Unresolvable for a type that is not known, or a name that does not fit it
   */
  constructor(
    raw: Fields,
    frame: Frame,
    place: Place,
    parent: Declaration | undefined,
    expandNested: (deployment: Declaration) => Fields,
  ) {
    const ownType = evaluateIdentity(own(raw, 'type'), frame).split('@')[0] ?? '';
    const ownName = evaluateIdentity(own(raw, 'name'), frame);
    const isRelative = parent !== undefined && !ownType.includes('.');
    this.type = isRelative ? `${parent.type}/${ownType}` : ownType;
    this.name = isRelative ? `${parent.name}/${ownName}` : ownName;
    this.raw = raw;
    this.frame = frame;
    this.parent = parent;
    this.expandNested = expandNested;
    this.id = resourceId(this.type, this.name.split('/'), placeOf(raw, frame, place));
  }

  get isDeployment(): boolean {
    return this.type.toLowerCase() === deploymentType;
  }

  get isExisting(): boolean {
    return own(this.raw, 'existing') === true;
  }

  get condition(): Condition {
    const condition = own(this.raw, 'condition');
    if (condition === undefined) return true;
    const value = evaluateWhatCanBe(condition, this.frame);
    if (typeof value === 'boolean') return value;
    return value instanceof Unevaluated ? value.text : `[${JSON.stringify(value)}]`;
  }

  head(): Fields {
    return this.once('head', () => {
      const parts = Object.entries(this.raw).filter(([name]) => !templateOnly.has(name));
      const head = evaluateWhatCanBe(Object.fromEntries(parts), this.frame);
      return { ...(isRecord(head) ? head : {}), id: this.id, type: this.type, name: this.name.split('/').at(-1) ?? '' };
    });
  }

  properties(): unknown {
    if (this.isExisting) throw new Unresolvable(`${this.name} exists outside of the template`);
    if (this.condition === false) throw new Unresolvable(`${this.name} is not deployed`);
    return this.declaredProperties();
  }

  /** The properties, whatever the condition says. */
  declaredProperties(): unknown {
    return this.once('properties', () =>
      this.isDeployment
        ? this.expandNested(this)
        : withInlineIds(evaluateWhatCanBe(own(this.raw, 'properties'), this.frame), this.id, this.type),
    );
  }

  /** @throws Unresolvable for a part that refers to itself */
  private once<T>(part: string, evaluate: () => T): T {
    if (this.evaluated.has(part)) return this.evaluated.get(part) as T;
    if (this.evaluating.has(part)) throw new Unresolvable(`${this.name} refers to itself`);
    this.evaluating.add(part);
    try {
      const value = evaluate();
      this.evaluated.set(part, value);
      return value;
    } finally {
      this.evaluating.delete(part);
    }
  }
}

/** Where a resource says that it goes, else where its template does. */
export function placeOf(raw: Fields, frame: Frame, fallback: Place): Place {
  const subscriptionId = own(raw, 'subscriptionId');
  const resourceGroup = own(raw, 'resourceGroup');
  return {
    subscriptionId: subscriptionId === undefined ? fallback.subscriptionId : evaluateIdentity(subscriptionId, frame),
    resourceGroup: resourceGroup === undefined ? fallback.resourceGroup : evaluateIdentity(resourceGroup, frame),
  };
}
