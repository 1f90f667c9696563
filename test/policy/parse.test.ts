import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { defaultPolicy } from '../../lib/policy/policy.ts';
import { choicesFor, exemptionFor } from '../../lib/policy/resolve.ts';
import { publishedSchemas } from '../../lib/published-schemas.ts';

const known = ['kms-route', 'client-routes'];
const parse = (document: unknown) => parsePolicy(JSON.stringify(document), 'policy.json', known);

const whole = {
  $schema: 'https://example.invalid/policy.schema.json',
  tunnel: 'required',
  serviceEndpoints: 'orFirewall',
  appliances: ['10.0.1.4'],
  clients: ['203.0.113.0/24', '2001:db8::/32'],
  allowDirect: ['AzureMonitor', 'Storage.WestEurope', '198.51.100.7/32'],
  staleAfter: 'PT1H30M',
  requirements: { 'kms-route': { severity: 'info' }, 'client-routes': { enabled: false } },
  exemptions: [
    {
      requirement: 'client-routes',
      scope: '/subscriptions/a',
      category: 'waiver',
      reason: 'agreed',
      requestedBy: 'me',
      expiresOn: '2027-01-01T00:00:00Z',
    },
  ],
  overrides: [{ scope: '/subscriptions/a/resourceGroups/b', clients: ['192.0.2.0/24'], staleAfter: 'PT5M' }],
};

describe('the policy file', () => {
  it('is read field by field', () => {
    const policy = parse(whole);
    expect(policy).toMatchObject({
      tunnel: 'required',
      serviceEndpoints: 'orFirewall',
      appliances: ['10.0.1.4'],
      staleAfterMs: 5_400_000,
    });
    expect(policy.clients).toEqual(whole.clients);
    expect(policy.allowDirect).toEqual(whole.allowDirect);
    expect(policy.requirements).toEqual(whole.requirements);
    expect(policy.exemptions).toEqual(whole.exemptions);
    expect(policy.overrides).toEqual([
      { scope: '/subscriptions/a/resourceGroups/b', clients: ['192.0.2.0/24'], staleAfterMs: 300_000 },
    ]);
  });

  it('may leave everything out', () => {
    expect(parse({})).toEqual(defaultPolicy);
  });

  it.each([
    [{ tunel: 'required' }, 'policy.json: tunel: there is no such field'],
    [{ tunnel: 'maybe' }, 'policy.json: tunnel: '],
    [{ clients: ['10.0.0.0/33'] }, 'policy.json: clients[0]: "10.0.0.0/33" is not a CIDR'],
    [{ clients: 'all' }, 'policy.json: clients: '],
    [{ appliances: ['10.0.0.0/24'] }, 'appliances[0]: "10.0.0.0/24" is not an IPv4 address'],
    [{ allowDirect: ['not a tag'] }, 'allowDirect[0]: "not a tag" is neither a CIDR nor a service tag'],
    [{ staleAfter: '45 minutes' }, 'staleAfter: "45 minutes" is not an ISO 8601 duration'],
    [
      { requirements: { 'kms-rout': { severity: 'low' } } },
      'requirements.kms-rout: there is no requirement "kms-rout"; did you mean "kms-route"?',
    ],
    [{ requirements: { 'kms-route': { sevrity: 'low' } } }, 'requirements.kms-route.sevrity: there is no such field'],
    [{ requirements: { 'kms-route': { severity: 'awful' } } }, 'requirements.kms-route.severity: '],
    [{ exemptions: [{ requirement: 'kms-route', scope: '/', category: 'waiver' }] }, 'exemptions[0].reason: '],
    [
      { exemptions: [{ ...whole.exemptions[0], expiresOn: '2027-13-01' }] },
      'exemptions[0].expiresOn: "2027-13-01" is not an ISO 8601 date',
    ],
    [{ exemptions: [{ ...whole.exemptions[0], category: 'because' }] }, 'exemptions[0].category: '],
    [
      { exemptions: [{ ...whole.exemptions[0], requirement: 'nothing' }] },
      'exemptions[0].requirement: there is no requirement "nothing"',
    ],
    [{ overrides: [{ clients: [] }] }, 'overrides[0].scope: '],
    [{ overrides: [{ scope: '/', clients: ['x'] }] }, 'overrides[0].clients[0]: "x" is not a CIDR'],
    [{ overrides: [{ scope: '/', exemptions: [] }] }, 'overrides[0].exemptions: there is no such field'],
    [[], 'policy.json: '],
  ])('%j is refused with its place', (document, message) => {
    expect(() => parse(document)).toThrow(message);
  });

  it('names every problem at once', () => {
    const document = { tunel: 1, clients: ['x'], staleAfter: 'y', requirements: { 'kms-rout': {} } };
    expect(() => parse(document)).toThrow(/clients\[0\].*staleAfter.*requirements\.kms-rout.*tunel/);
  });

  it('suggests no requirement that is nothing like the one named', () => {
    expect(() => parse({ requirements: { firewall: {} } })).toThrow(/there is no requirement "firewall"$/);
  });

  it.each([
    ['{"tunnel" "required"}', 'policy.json: line 1, column 11: '],
    ['{\n  "tunnel": "required",\n}', 'policy.json: line 3, column 1: '],
    ['{"tunnel": "requ', 'policy.json: line 1, column 17: '],
    ['{}\n\n{}', 'policy.json: line 3, column 1: something else follows'],
    ['', 'policy.json: line 1, column 1: the file is empty'],
  ])('that is no JSON is refused with line and column: %j', (text, message) => {
    expect(() => parsePolicy(text, 'policy.json', known)).toThrow(message);
  });

  it('may begin with a byte order mark', () => {
    expect(parsePolicy('\ufeff{"tunnel":"required"}', 'policy.json', known).tunnel).toBe('required');
  });

  it.each([
    ['PT45M', 45 * 60],
    ['PT0S', 0],
    ['P1W', 7 * 86_400],
    ['P1DT2H3M4.5S', 86_400 + 2 * 3600 + 3 * 60 + 4.5],
    ['P1Y2M', (365 + 2 * 30) * 86_400],
  ])('reads %s as %d seconds', (staleAfter, seconds) => {
    expect(parse({ staleAfter }).staleAfterMs).toBe(seconds * 1000);
  });

  it.each(['P', 'PT', '-PT5M', 'PT5', '45M', 'P1.5D'])('reads no duration in %s', (staleAfter) => {
    expect(() => parse({ staleAfter })).toThrow('is not an ISO 8601 duration');
  });
});

const service = '/subscriptions/A/resourceGroups/B/providers/Microsoft.ApiManagement/service/c';
const subnet = '/subscriptions/N/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/v/subnets/s';

describe('overrides', () => {
  const policy = parse({
    clients: ['10.0.0.0/8'],
    tunnel: 'optional',
    requirements: { 'kms-route': { severity: 'low' } },
    overrides: [
      {
        scope: '/subscriptions/a',
        clients: ['10.1.0.0/16'],
        tunnel: 'required',
        requirements: { 'kms-route': { enabled: false } },
      },
      { scope: '/subscriptions/a/resourcegroups/b/', clients: ['10.2.0.0/16'] },
      { scope: '/subscriptions/a/resourceGroups/b2', clients: ['10.3.0.0/16'] },
      { scope: '/subscriptions/n/resourceGroups/net', serviceEndpoints: 'forbidden' },
    ],
  });

  it('win by the longest scope, field by field, over the ids of service and subnet', () => {
    expect(choicesFor(policy, [service, subnet])).toMatchObject({
      clients: ['10.2.0.0/16'],
      tunnel: 'required',
      serviceEndpoints: 'forbidden',
    });
    expect(choicesFor(policy, [service.replace('/B/', '/B2/')])).toMatchObject({
      clients: ['10.3.0.0/16'],
      tunnel: 'required',
      serviceEndpoints: 'required',
    });
    expect(choicesFor(policy, ['/subscriptions/ab'])).toMatchObject({ clients: ['10.0.0.0/8'], tunnel: 'optional' });
  });

  it('merge the settings of a requirement', () => {
    expect(choicesFor(policy, [service]).requirements).toEqual({ 'kms-route': { severity: 'low', enabled: false } });
  });
});

describe('exemptions', () => {
  const exemption = (scope: string, expiresOn?: string) => ({
    requirement: 'kms-route',
    scope,
    category: 'waiver',
    reason: scope,
    ...(expiresOn && { expiresOn }),
  });
  const now = new Date('2026-11-23T00:00:00Z');

  it('hold until they expire, for the scope that they name', () => {
    const policy = parse({
      exemptions: [
        exemption('/subscriptions/a', '2026-11-23T00:00:01Z'),
        exemption('/subscriptions/z', '2026-11-23T00:00:00Z'),
      ],
    });
    expect(exemptionFor(policy, 'kms-route', [service], now)).toMatchObject({ expired: false });
    expect(exemptionFor(policy, 'kms-route', ['/subscriptions/z/x'], now)).toMatchObject({ expired: true });
    expect(exemptionFor(policy, 'kms-route', ['/subscriptions/y'], now)).toBeUndefined();
    expect(exemptionFor(policy, 'client-routes', [service], now)).toBeUndefined();
  });

  it('in force come before expired ones, then the longest scope', () => {
    const policy = parse({
      exemptions: [
        exemption(service, '2020-01-01T00:00:00Z'),
        exemption('/subscriptions/a'),
        exemption('/subscriptions/a/resourceGroups/b'),
      ],
    });
    expect(exemptionFor(policy, 'kms-route', [service], now)).toMatchObject({
      expired: false,
      exemption: { reason: '/subscriptions/a/resourceGroups/b' },
    });
  });
});

describe('the published schemas', () => {
  it.each(Object.entries(publishedSchemas()))('%s is what the program uses', (path, schema) => {
    const published = JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
    expect(published).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  it('accept and refuse policies as the program does', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(
      JSON.parse(readFileSync(new URL('../../docs/policy.schema.json', import.meta.url), 'utf8')),
    );
    expect(validate(whole)).toBe(true);
    expect(validate({ tunel: 'required' })).toBe(false);
    expect(validate({ staleAfter: '45 minutes' })).toBe(false);
  });
});
