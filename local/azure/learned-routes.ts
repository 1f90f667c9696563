/**
 * What the simulated gateways have learned, and the long-running operation in which Resource Manager tells it: 202, and the answer
 * later. Shapes are those of the REST API's published examples (azure-rest-api-specs, network 2024-01-01,
 * "VirtualNetworkGatewayLearnedRoutes") and of its definition of `GatewayRoute`.
 */
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import type { ResourceId } from './ids.ts';
import type { Resource } from './store.ts';

/** Where an operation's outcome will be, and what is said of the operation itself. */
const operationPath = /\/locations\/[^/]+\/(operationResults|operations)\/([^/]+)$/i;

/** Answered at once (published example "NetworkManagerEffectiveSecurityAdminRulesList"). */
const adminRules = 'listnetworkmanagereffectivesecurityadminrules';

/** Names of the actions that tell something, lower case. */
const actions = new Set(['getlearnedroutes', 'learnedroutes', 'effectiveroutes', adminRules]);

export function isLearnedAction(action: string): boolean {
  return actions.has(action.toLowerCase());
}

interface Operation {
  readonly body: Resource;
  /** How often it is still asked for in vain. */
  looksLeft: number;
}

export class LearnedRouteBook {
  /**
   * How an outcome is told: at the address in `Location`, or, as in the published example, in the body of the operation that
   * `Azure-AsyncOperation` names; `failed`: such an operation comes to nothing.
   */
  way: 'location' | 'operation' | 'failed' = 'location';
  private readonly answers = new Map<string, Resource>();
  private readonly operations = new Map<string, Operation>();

  /**
   * What an action answers from now on.
   * @param path such as `<gateway>/getLearnedRoutes`
   * @param about the `resourceId` or the `skipToken` of the request's body, where it has one
   */
  set(path: string, body: Resource, about = ''): void {
    this.answers.set(`${path} ${about}`.toLowerCase(), body);
  }

  /** Accepts; one that was told nothing has learned nothing. */
  accept(context: Context, id: ResourceId, path: string, origin: string, about = ''): Response {
    const body = this.answers.get(`${path} ${about}`.toLowerCase()) ?? { value: [] };
    if (path.toLowerCase().endsWith(`/${adminRules}`)) return context.json(body);
    const name = randomUUID();
    this.operations.set(name, { body, looksLeft: 1 });
    const place = `${origin}/subscriptions/${id.subscription ?? ''}/providers/Microsoft.Network/locations/westeurope`;
    if (this.way === 'location') context.header('Location', `${place}/operationResults/${name}?api-version=2024-05-01`);
    context.header('Azure-AsyncOperation', `${place}/operations/${name}?api-version=2024-05-01`);
    context.header('Retry-After', '0');
    return context.body(null, 202);
  }

  /** What has become of an operation; `undefined` for another path. */
  outcome(context: Context, path: string): Response | undefined {
    const [, place, name = ''] = operationPath.exec(path) ?? [];
    const operation = this.operations.get(name);
    if (!operation) return undefined;
    const isOver = operation.looksLeft-- <= 0;
    context.header('Retry-After', '0');
    if (place?.toLowerCase() === 'operationresults')
      return isOver ? context.json(operation.body) : context.body(null, 202);
    if (!isOver) return context.json({ status: 'InProgress' });
    if (this.way === 'failed') return context.json({ status: 'Failed', error: { code: 'InternalServerError' } });
    return context.json({ status: 'Succeeded', properties: { output: operation.body } });
  }
}
