/**
 * The schema of the report: the one source of its types (`report.ts`) and of `docs/report.schema.json`. Apart from the
 * types, so that evaluating and printing need no schema library at run time.
 */
import { z } from 'zod';
import { joins, pathKinds, severities, statuses, tunnelStates, verdicts } from './report.ts';

const statusSchema = z.enum(statuses);
export const severitySchema = z.enum(severities);

export const counterexampleSchema = z
  .object({
    addressPrefix: z.string().describe('One exact CIDR for which the requirement does not hold.'),
    port: z.string().optional().describe('Protocol and port, such as tcp/443, where the port matters.'),
    addresses: z.number().describe('How many addresses are concerned in all.'),
    more: z.array(z.string()).describe('Up to ten more CIDRs.'),
  })
  .describe('An exact case that disproves the requirement.');

export const routeEvidenceSchema = z.object({
  name: z.string(),
  id: z.string().optional(),
  source: z.string().describe('User, Default or VirtualNetworkGateway, as in effective routes.'),
  addressPrefix: z.string(),
  nextHopType: z.string(),
  nextHopIpAddress: z.string().optional(),
});

export const ruleEvidenceSchema = z.object({
  name: z.string(),
  id: z.string().optional(),
  priority: z.number().optional(),
  access: z.string(),
});

const exemptionEvidenceSchema = z.object({
  category: z.string(),
  reason: z.string(),
  requestedBy: z.string().optional(),
  expiresOn: z.string().optional(),
  expired: z.boolean(),
});

export const evidenceSchema = z.object({
  route: routeEvidenceSchema.optional().describe('The winning route.'),
  rule: ruleEvidenceSchema.optional().describe('The deciding rule.'),
  counterexample: counterexampleSchema.optional(),
  notSeen: z.array(z.string()).optional().describe('What an unknown waits for: resources, tags, expressions.'),
  exemption: exemptionEvidenceSchema.optional(),
  observed: z.string().optional().describe('What Azure itself observes where this fails.'),
  listed: z.string().optional().describe('Dependencies that Azure lists for the service and that this stops.'),
  endpoints: z
    .array(z.string())
    .optional()
    .describe('Host and port of what Azure lists that only this finding is about.'),
  details: z.array(z.string()).optional(),
});

export const fixSchema = z.object({
  summary: z.string(),
  azureCli: z.string(),
  bicep: z.string(),
  caveats: z.array(z.string()).optional().describe('Limits or policies that can stand against the fix.'),
});

export const findingSchema = z.object({
  requirement: z.string(),
  status: statusSchema,
  severity: severitySchema,
  message: z.string(),
  resource: z.string().describe('Id of the resource that the finding is about: the one a fix would change.'),
  evidence: evidenceSchema,
  impact: z.string().optional(),
  fix: fixSchema.optional(),
  help: z.string(),
});

const nextHopSchema = z.object({
  type: z.string(),
  address: z.string().optional(),
  addresses: z.number(),
  learned: z.string().optional().describe('Where the route comes from, if no route table has it.'),
});

const learnedFromSchema = z.object({
  resource: z.string().describe('Id of the gateway, the Route Server or the virtual hub.'),
  way: z.string().describe('How its routes reach the subnet.'),
  routes: z.number().describe('How many of its routes compete.'),
  defaultRoute: z.boolean(),
  notRead: z.string().optional().describe('Why there may be more.'),
});

export const tunnelSchema = z.object({
  state: z.enum(tunnelStates),
  nextHops: z.array(nextHopSchema),
  learnedFrom: z.array(learnedFromSchema).optional().describe('Who brings routes that no route table has.'),
  natGateway: z.string().optional().describe('Id of the NAT gateway from whose addresses next hop Internet leaves.'),
  assumptions: z.array(z.string()),
});

const viaSchema = z.object({
  path: z.enum(pathKinds),
  nextHop: z.string(),
  address: z.string().optional().describe('Address of the next hop, where it has one.'),
  addresses: z.number(),
  sample: z.array(z.string()),
});

export const pathSchema = z.object({
  dependency: z.string(),
  tag: z.string().describe('The service tag, or the name of a set of addresses.'),
  ports: z.array(z.string()),
  addresses: z.number(),
  via: z.array(viaSchema),
});

export const observedSchema = z.object({
  name: z.string().describe('The host or thing that the network status names.'),
  resourceType: z.string(),
  isOptional: z.boolean(),
  severity: severitySchema.describe('Of losing it; low where it is optional.'),
  state: z.enum(['success', 'failure', 'stale', 'unknown']),
  status: z.string().optional().describe('In the words of Azure.'),
  error: z.string().optional(),
  lastUpdated: z.string().optional(),
  lastStatusChange: z.string().optional(),
  dependency: z.string().optional().describe('What it is among the dependencies that are computed.'),
  computed: z.enum(['pass', 'fail', 'unknown', 'none']).describe('What the requirements on the way to it say.'),
  path: z.array(z.enum(pathKinds)),
  requirements: z.array(z.string()).describe('Those that fail; where none does, those that are unknown.'),
  join: z
    .enum(joins)
    .describe(
      'confirmed: both fail. predicted: computed to fail, not felt yet. unexplained: computed to pass, and fails. healthy: both pass.',
    ),
  note: z.string().optional().describe('Why it could not be joined.'),
});

const gates = ['allowed', 'denied', 'unknown'] as const;

const listedEndpointSchema = z.object({
  category: z.string().describe('In the words of Azure.'),
  domainName: z.string(),
  port: z.string().optional().describe('Such as tcp/443; absent where the list names none.'),
  region: z.string().optional(),
  dependency: z.string().optional().describe('What it is among the dependencies that are computed.'),
  severity: severitySchema.describe('Of losing it.'),
  basis: z
    .enum(['addresses', 'ranges', 'name'])
    .describe(
      'What was followed: the addresses that the name was resolved to; all that it can have by its service tag; the name alone.',
    ),
  addresses: z.array(z.string()).describe('IPv4, as resolved.'),
  alias: z.string().optional().describe('The name behind the name, such as one of a private link.'),
  isPrivate: z.literal(true).optional().describe('All answers are in private ranges.'),
  result: z.enum(['pass', 'fail', 'unknown']),
  via: z.array(viaSchema),
  securityGroup: z.enum([...gates, 'none']),
  firewall: z.enum([...gates, 'notOnPath']),
  requirements: z.array(z.string()).describe('Findings that say the same.'),
  stop: z.string().optional().describe('What stands in the way.'),
  rule: ruleEvidenceSchema.optional(),
  notSeen: z.array(z.string()).optional().describe('What an unknown waits for.'),
});

export const listedSchema = z.object({
  dnsServers: z.array(z.string()).describe('Of the virtual network; empty: the own ones of Azure.'),
  missing: z.string().optional().describe('What of the list could not be read.'),
  endpoints: z.array(listedEndpointSchema),
});

const hopSchema = z.object({
  path: z.enum(pathKinds),
  nextHop: z.string(),
  address: z.string().optional(),
  isUnused: z
    .literal(true)
    .optional()
    .describe('Private ranges that Azure itself routes nowhere until a network uses them.'),
  addresses: z.number(),
});

export const addressSpaceSchema = z
  .object({
    hops: z.array(hopSchema),
    blocks: z.array(
      z.object({
        first: z.number().describe('First octet of the first /8 block.'),
        last: z.number().describe('First octet of the last one; more than one only where all goes to one hop.'),
        via: z.array(z.object({ hop: z.number().describe('Index in hops.'), addresses: z.number() })),
      }),
    ),
  })
  .describe('Where each /8 block of the IPv4 space goes; only in reports that are drawn.');

export const deploymentSchema = z.object({
  key: z.string(),
  service: z.string(),
  name: z.string(),
  region: z.string(),
  role: z.enum(['primary', 'additional']),
  sku: z.string(),
  mode: z.string(),
  scope: z.enum(['in', 'out']),
  reason: z.string().optional(),
  subnet: z.string().nullable(),
  routeTable: z.string().nullable(),
  networkSecurityGroup: z.string().nullable(),
  verdict: z.enum(verdicts),
  tunnel: tunnelSchema.optional(),
  paths: z.array(pathSchema),
  observed: z
    .array(observedSchema)
    .optional()
    .describe("The service's own network status beside what is computed; absent where it was not read."),
  listed: listedSchema
    .optional()
    .describe('What Azure lists as dependencies of the service, each followed; absent where it was not read.'),
  addressSpace: addressSpaceSchema.optional(),
  findings: z.array(findingSchema),
});

export const serviceTagsSchema = z.object({
  changeNumber: z.union([z.number(), z.string()]),
  cloud: z.string(),
  origin: z.enum(['bundled', 'file', 'arm']),
  asOf: z.string().optional(),
});

export const reportSchema = z.object({
  schemaVersion: z.literal('1'),
  generatedAt: z.iso.datetime(),
  sources: z.array(z.object({ kind: z.enum(['file', 'arm', 'resourceGraph', 'template']), name: z.string() })),
  serviceTags: serviceTagsSchema,
  summary: z.object({
    services: z.number(),
    deployments: z.number(),
    outOfScope: z.number(),
    compliant: z.number(),
    nonCompliant: z.number(),
    unknown: z.number(),
    findings: z.object({
      pass: z.number(),
      fail: z.number(),
      unknown: z.number(),
      notApplicable: z.number(),
      exempt: z.number(),
    }),
  }),
  deployments: z.array(deploymentSchema),
  errors: z.array(z.object({ resource: z.string(), message: z.string() })),
});
