/**
 * The functions of template expressions that look at the frame, or do not evaluate all their arguments. Source: Microsoft
 * Learn, "ARM template functions" (deployment, resource, scope, logical and lambda functions).
 */
import { type Expression, Unresolvable } from './expression.ts';
import { type Declared, deeper, type Frame } from './frame.ts';
import { resourceIdFrom } from './ids.ts';
import { flagOf, isObject, listOf, textOf } from './values.ts';

interface Evaluator {
  evaluate(expression: Expression, frame: Frame): unknown;
  evaluateValue(value: unknown, frame: Frame): unknown;
}

type Special = (frame: Frame, args: readonly Expression[], evaluator: Evaluator) => unknown;

function argument(args: readonly Expression[], index: number): Expression {
  const found = args[index];
  if (!found) throw new Unresolvable('an argument is missing');
  return found;
}

/** A text for an id: where it is not known, what stands for it in names. */
function identityText(expression: Expression, frame: Frame, { evaluate }: Evaluator): string {
  try {
    return textOf(evaluate(expression, frame));
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
    return textOf(evaluate(expression, { ...frame, isIdentity: true }));
  }
}

function identityTexts(frame: Frame, args: readonly Expression[], evaluator: Evaluator): string[] {
  return args.map((each) => identityText(each, frame, evaluator));
}

function lambda(frame: Frame, expression: Expression, { evaluate }: Evaluator) {
  if (expression.kind !== 'call' || expression.name !== 'lambda') throw new Unresolvable('a lambda is expected');
  const names = expression.args.slice(0, -1).map((each) => textOf(evaluate(each, frame)).toLowerCase());
  const body = argument(expression.args, expression.args.length - 1);
  return (...values: readonly unknown[]): unknown => {
    const locals = new Map(frame.locals);
    names.forEach((name, index) => {
      locals.set(name, values[index]);
    });
    return evaluate(body, deeper({ ...frame, locals }));
  };
}

function declared(frame: Frame, args: readonly Expression[], evaluator: Evaluator): Declared {
  const key = identityText(argument(args, 0), frame, evaluator);
  const found = frame.scope.resource(key);
  if (!found) throw new Unresolvable(`"${key}" is not declared in the template`);
  return found;
}

/** `and`, `or`: one deciding argument is enough, whatever the others would be. */
function decidedBy(deciding: boolean): Special {
  return (frame, args, { evaluate }) => {
    let unknown: Unresolvable | undefined;
    for (const each of args) {
      try {
        if (flagOf(evaluate(each, frame)) === deciding) return deciding;
      } catch (error) {
        if (!(error instanceof Unresolvable)) throw error;
        unknown = error;
      }
    }
    if (unknown) throw unknown;
    return !deciding;
  };
}

const scopeFunctions: Readonly<Record<string, Special>> = {
  subscription: ({ scope: { place } }) => ({
    subscriptionId: place.subscriptionId,
    id: `/subscriptions/${place.subscriptionId}`,
  }),
  resourcegroup: ({ scope: { place, location } }) => ({
    id: `/subscriptions/${place.subscriptionId}/resourceGroups/${place.resourceGroup}`,
    name: place.resourceGroup,
    ...(location !== undefined && { location }),
  }),
  deployment: () => ({ name: 'deployment' }),
  environment: () => ({
    name: 'AzureCloud',
    resourceManager: 'https://management.azure.com/',
    portal: 'https://portal.azure.com',
    suffixes: {
      storage: 'core.windows.net',
      sqlServerHostname: '.database.windows.net',
      keyvaultDns: '.vault.azure.net',
      acrLoginServer: '.azurecr.io',
    },
    authentication: { loginEndpoint: 'https://login.microsoftonline.com/', tenant: 'common' },
  }),
  resourceid: (frame, args, evaluator) => resourceIdFrom(identityTexts(frame, args, evaluator), frame.scope.place),
  subscriptionresourceid: (frame, args, evaluator) =>
    resourceIdFrom(identityTexts(frame, args, evaluator), { ...frame.scope.place, resourceGroup: '' }),
  tenantresourceid: (frame, args, evaluator) =>
    resourceIdFrom(identityTexts(frame, args, evaluator), { subscriptionId: '', resourceGroup: '' }),
  extensionresourceid: (frame, args, evaluator) => {
    const [base = '', ...rest] = identityTexts(frame, args, evaluator);
    return `${base}${resourceIdFrom(rest, { subscriptionId: '', resourceGroup: '' })}`;
  },
};

const lookups: Readonly<Record<string, Special>> = {
  parameters: (frame, args, { evaluate }) => {
    const name = textOf(evaluate(argument(args, 0), frame));
    const local = frame.locals.get(name.toLowerCase());
    return local !== undefined ? local : frame.scope.parameter(name, frame);
  },
  variables: (frame, args, { evaluate }) => frame.scope.variable(textOf(evaluate(argument(args, 0), frame)), frame),
  lambdavariables: (frame, args, { evaluate }) => {
    const name = textOf(evaluate(argument(args, 0), frame));
    const value = frame.locals.get(name.toLowerCase());
    if (value === undefined) throw new Unresolvable(`there is no lambda variable "${name}"`);
    return value;
  },
  copyindex: (frame, args, { evaluate }) => {
    const values = args.map((each) => evaluate(each, frame));
    const name = typeof values[0] === 'string' ? values[0].toLowerCase() : '';
    const offset = values.find((each) => typeof each === 'number');
    const index = frame.copyIndex.get(name);
    if (index === undefined) throw new Unresolvable('copyIndex outside of a loop');
    return index + (typeof offset === 'number' ? offset : 0);
  },
  /** The properties that this template declares for a resource; `Full` gives the whole body. */
  reference: (frame, args, evaluator) => {
    const found = declared(frame, args, evaluator);
    const full = args[2] && evaluator.evaluate(args[2], frame);
    const properties = found.properties() ?? {};
    return full === 'Full' ? { ...found.head(), id: found.id, properties } : properties;
  },
  resourceinfo: (frame, args, evaluator) => {
    const found = declared(frame, args, evaluator);
    return { ...found.head(), id: found.id };
  },
};

const logical: Readonly<Record<string, Special>> = {
  if: (frame, args, { evaluate }) => {
    const condition = flagOf(evaluate(argument(args, 0), frame));
    return evaluate(argument(args, condition ? 1 : 2), frame);
  },
  and: decidedBy(false),
  or: decidedBy(true),
  coalesce: (frame, args, { evaluate }) => {
    for (const each of args) {
      const value = evaluate(each, frame);
      if (value !== null && value !== undefined) return value;
    }
    return null;
  },
};

const lambdas: Readonly<Record<string, Special>> = {
  map: (frame, args, evaluator) => {
    const apply = lambda(frame, argument(args, 1), evaluator);
    return listOf(evaluator.evaluate(argument(args, 0), frame)).map((value, index) => apply(value, index));
  },
  filter: (frame, args, evaluator) => {
    const apply = lambda(frame, argument(args, 1), evaluator);
    return listOf(evaluator.evaluate(argument(args, 0), frame)).filter((value, index) => flagOf(apply(value, index)));
  },
  reduce: (frame, args, evaluator) => {
    const apply = lambda(frame, argument(args, 2), evaluator);
    const start = evaluator.evaluate(argument(args, 1), frame);
    return listOf(evaluator.evaluate(argument(args, 0), frame)).reduce(
      (total: unknown, value, index) => apply(total, value, index),
      start,
    );
  },
  sort: (frame, args, evaluator) => {
    const isBefore = lambda(frame, argument(args, 1), evaluator);
    const list = listOf(evaluator.evaluate(argument(args, 0), frame));
    return [...list].sort((a, b) => (flagOf(isBefore(a, b)) ? -1 : flagOf(isBefore(b, a)) ? 1 : 0));
  },
  toobject: (frame, args, evaluator) => {
    const name = lambda(frame, argument(args, 1), evaluator);
    const content = args[2] ? lambda(frame, args[2], evaluator) : (each: unknown) => each;
    const list = listOf(evaluator.evaluate(argument(args, 0), frame));
    return Object.fromEntries(list.map((each) => [textOf(name(each)), content(each)]));
  },
  mapvalues: (frame, args, evaluator) => {
    const apply = lambda(frame, argument(args, 1), evaluator);
    const object = evaluator.evaluate(argument(args, 0), frame);
    if (!isObject(object)) throw new Unresolvable('an object is expected');
    return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, apply(value)]));
  },
};

/** All of them, by their names in lower case. */
export const special: Readonly<Record<string, Special>> = { ...scopeFunctions, ...lookups, ...logical, ...lambdas };
