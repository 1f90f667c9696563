/**
 * Azure on your machine: a Resource Manager with Resource Graph behind https on loopback, a managed identity that signs in to it, and
 * Event Grid that tells of its changes. The real `@azure/*` clients talk to it. For development and tests; it holds what it is given
 * and nothing else.
 */
import type { Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { selfSigned } from '../certificate.ts';
import { EventGrid } from './delivery.ts';
import { Faults } from './faults.ts';
import { type Identity, localIdentity } from './identity.ts';
import { laggingView } from './lagging-view.ts';
import { LearnedRouteBook } from './learned-routes.ts';
import { NetworkStatusBook } from './network-status.ts';
import { OutboundDependencyBook } from './outbound-dependencies.ts';
import type { Quota } from './quota.ts';
import type { Exchange } from './recording.ts';
import { type AskedRequest, isRead, resourceManager } from './resource-manager.ts';
import { type Resource, ResourceStore } from './store.ts';

export interface AzureOptions {
  /** Raw, as Resource Manager or Resource Graph gives them. */
  readonly resources: Iterable<Resource>;
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** How long a changed resource stays `Updating`; default 0. */
  readonly updatingMs?: number;
  /** How far Resource Graph lags behind; default 0. */
  readonly graphLagMs?: number;
  /** Resources of a page; default 1,000. */
  readonly pageSize?: number;
  /** Stands in every claim and in everything else that nobody may repeat. */
  readonly canary?: string;
  /** Of Resource Manager; default: any that is free. */
  readonly armPort?: number;
  /** Subscriptions of each management group; without it every group has all of them. */
  readonly managementGroups?: Readonly<Record<string, readonly string[]>>;
  /** Reads of each subscription, see `realQuota`; without it there are always enough. */
  readonly quota?: Quota;
  /** Recorded traffic that is answered first, before the resources. */
  readonly recording?: readonly Exchange[];
}

export interface SimulatedAzure {
  /** Of Resource Manager. */
  readonly endpoint: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
  /** What a process needs to sign in and to find Resource Manager. */
  readonly environment: Readonly<Record<string, string>>;
  readonly store: ResourceStore;
  readonly events: EventGrid;
  readonly faults: Faults;
  readonly identity: Identity;
  /** What the services observe of their networks. */
  readonly networkStatus: NetworkStatusBook;
  /** What is listed as the services' dependencies. */
  readonly outboundDependencies: OutboundDependencyBook;
  /** What gateways have learned. */
  readonly learnedRoutes: LearnedRouteBook;
  /** Every request that was answered, the oldest first. */
  readonly requests: AskedRequest[];
  /** How many of them read: GETs and queries of Resource Graph, those that failed included. */
  readonly reads: () => number;
  /** Counts from here on. */
  readonly reset: () => void;
  readonly stop: () => Promise<void>;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

export async function startAzure(options: AzureOptions): Promise<SimulatedAzure> {
  const { certificate = selfSigned(), updatingMs = 0, graphLagMs = 0, pageSize = 1_000, canary = 'personal' } = options;
  const { armPort = 0, managementGroups, quota, recording = [] } = options;
  const store = new ResourceStore(options.resources, updatingMs);
  const events = new EventGrid();
  const faults = new Faults();
  const networkStatus = new NetworkStatusBook();
  const outboundDependencies = new OutboundDependencyBook();
  const learnedRoutes = new LearnedRouteBook();
  const { identity, endpoint: identityEndpoint } = await localIdentity();
  const requests: AskedRequest[] = [];
  const graph = laggingView(store, graphLagMs);
  const app = resourceManager({
    store,
    graph,
    events,
    faults,
    identity,
    networkStatus,
    outboundDependencies,
    learnedRoutes,
    requests,
    pageSize,
    canary,
    managementGroups,
    quota,
    recording,
  });
  const arm = createServer(certificate, getRequestListener(app.fetch));
  const endpoint = `https://127.0.0.1:${await listen(arm, armPort)}`;
  return {
    endpoint,
    certificate: certificate.cert,
    environment: {
      TUNNELWATCH_ARM_ENDPOINT: endpoint,
      IDENTITY_ENDPOINT: identityEndpoint,
      IDENTITY_HEADER: identity.header,
      // The chain of credentials then looks nowhere else.
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    },
    store,
    events,
    faults,
    identity,
    networkStatus,
    outboundDependencies,
    learnedRoutes,
    requests,
    reads: () => requests.filter(isRead).length,
    reset: () => {
      requests.length = 0;
    },
    stop: async () => {
      events.stop();
      graph.stop();
      store.stop();
      await close(arm);
    },
  };
}
