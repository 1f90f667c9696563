import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listKey } from '../../lib/azure/source.ts';
import { keysOf, serviceOf } from '../../lib/events/keys.ts';
import { idKey } from '../../lib/network/model.ts';

const subscription = '/subscriptions/Sub';
const group = `${subscription}/resourceGroups/Hub`;
const network = `${group}/providers/Microsoft.Network`;
const service = `${group}/providers/Microsoft.ApiManagement/service/Api`;

/** Names that are also words of the grammar are names like others. */
const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.()-]{1,12}$/),
  fc.constantFrom('providers', 'subscriptions', 'resourceGroups'),
);
const type = fc.constantFrom('routeTables', 'routes', 'virtualNetworks', 'subnets', 'service', 'ruleCollectionGroups');
const pairs = fc.array(fc.tuple(type, name), { minLength: 1, maxLength: 3 });
const resourceOf = (groupName: string, path: readonly (readonly [string, string])[]): string =>
  [`${subscription}/resourceGroups/${groupName}/providers/Microsoft.Network`, ...path.flat()].join('/');
const resource = fc.tuple(name, pairs).map(([groupName, path]) => resourceOf(groupName, path));
const anything = fc.oneof(
  resource,
  fc.string(),
  fc.string().map((text) => `/${text}`),
  fc.array(name).map((all) => `/${all.join('/')}`),
);

describe('the keys of a change', () => {
  it('are the id, its parents, and the lists that they stand in', () => {
    expect(keysOf(`${network}/routeTables/Apim/routes/R`)).toEqual(
      [
        `${network}/routeTables/Apim/routes/R`,
        `${network}/routeTables/Apim/routes`,
        `${network}/routeTables/Apim`,
        `${subscription}/providers/Microsoft.Network/routeTables`,
      ].map(idKey),
    );
  });

  it.each([
    ['a subscription', subscription],
    ['a resource group', group],
    ['a group that is called providers', `${subscription}/resourceGroups/providers`],
    ['the tenant', '/'],
    ['no id', 'something else'],
    ['nothing', ''],
  ])('of %s are the id alone', (_, id) => {
    expect(keysOf(id)).toEqual([idKey(id)]);
  });

  it('stay the same with slashes too many', () => {
    expect(keysOf(`${network}//routeTables/Apim/`)).toEqual(keysOf(`${network}/routeTables/Apim`));
  });

  it('of a list or an operation of a resource are those of the resource too', () => {
    expect(keysOf(`${service}/applynetworkconfigurationupdates`)).toEqual([
      idKey(`${service}/applynetworkconfigurationupdates`),
      ...keysOf(service),
    ]);
  });

  it('of a lock do not hold what is locked', () => {
    const lock = `${network}/routeTables/Apim/providers/Microsoft.Authorization/locks/Keep`;
    expect(keysOf(lock)).toContain(idKey(lock));
    expect(keysOf(lock)).not.toContain(idKey(`${network}/routeTables/Apim`));
  });

  it('hold each parent and each list under the key that a reader asks with', () => {
    fc.assert(
      fc.property(name, pairs, (groupName, path) => {
        const keys = keysOf(resourceOf(groupName, path));
        path.forEach(([each], index) => {
          const above = resourceOf(groupName, path.slice(0, index));
          expect(keys).toContain(idKey(resourceOf(groupName, path.slice(0, index + 1))));
          const asked = index === 0 ? listKey(subscription, `Microsoft.Network/${each}`) : listKey(above, each);
          expect(keys).toContain(asked);
        });
        expect(keys.length).toBe(
          new Set(path.map((_, index) => idKey(resourceOf(groupName, path.slice(0, index + 1))))).size * 2,
        );
      }),
    );
  });

  it('do not depend on case', () => {
    fc.assert(
      fc.property(anything, (id) => {
        const loud = id.toUpperCase();
        expect(keysOf(loud)).toEqual(keysOf(loud.toLowerCase()));
      }),
    );
  });

  it('begin with the id, once each, and lead nowhere new', () => {
    fc.assert(
      fc.property(resource, (id) => {
        const keys = keysOf(id);
        expect(keys[0]).toBe(idKey(id));
        expect(new Set(keys).size).toBe(keys.length);
        // Keys of its resources are among its own; a list is no resource.
        const resources = keys.filter((_, index) => index % 2 === 0);
        for (const key of resources) expect(keys).toEqual(expect.arrayContaining([...keysOf(key)]));
      }),
    );
  });

  it('are there for any text', () => {
    fc.assert(
      fc.property(anything, (id) => {
        const keys = keysOf(id);
        expect(keys.length).toBeGreaterThan(0);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

describe('the service of a change', () => {
  it.each([
    ['the service itself', service],
    ['what stands inside', `${service}/apis/Orders/operations/Get`],
    ['what is attached to it', `${service}/providers/Microsoft.Insights/diagnosticSettings/All`],
    ['another case', service.toUpperCase()],
    ['a slash at the end', `${service}/`],
  ])('is found for %s', (_, id) => {
    expect(serviceOf(id)).toBe(idKey(service));
  });

  it.each([
    ['another resource', `${network}/routeTables/Apim`],
    ['another resource of the provider', `${group}/providers/Microsoft.ApiManagement/gateways/G`],
    ['all services', `${group}/providers/Microsoft.ApiManagement/service`],
    ['a deleted service', `${subscription}/providers/Microsoft.ApiManagement/locations/westeurope/deletedServices/Api`],
    ['a subscription', subscription],
    ['nothing', ''],
  ])('is none for %s', (_, id) => {
    expect(serviceOf(id)).toBeUndefined();
  });
});
