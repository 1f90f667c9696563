/** Facts about an Azure Firewall's application rules: host names, ports, and what is reached only by name. */
import { describe, expect, it } from 'vitest';
import { emptySet } from '../../lib/address/interval-set.ts';
import { ask, askHost, type Parts, plainly, storage, unsurely, withCollections } from './firewall-questions.ts';
import { applicationRule, collection, networkRule } from './firewall-samples.ts';

describe('an application rule', () => {
  function allow(fields: Parameters<typeof applicationRule>[1]): Parts {
    return withCollections(collection('c', 200, 'Allow', [applicationRule('r', fields)]));
  }

  it('for every host allows every address on its ports', () => {
    const all = allow({ targetFqdns: ['*'] });
    expect(ask(all, storage)).toEqual(plainly(storage));
    expect(ask(all, storage, { port: 80 })).toEqual(plainly(emptySet));
    expect(ask(all, storage, { protocol: 'UDP' })).toEqual(plainly(emptySet));
    expect(ask(allow({ targetFqdns: ['*'], protocols: [{ protocolType: 'Mssql' }] }), storage, { port: 1433 })).toEqual(
      plainly(storage),
    );
  });

  it('for some hosts may allow any address, until it is known what they are called', () => {
    const some = allow({ targetFqdns: ['*.blob.core.windows.net', 'login.microsoftonline.com'] });
    const open = 'rule "r" of rule collection "c": host names *.blob.core.windows.net, login.microsoftonline.com';
    expect(ask(some, storage)).toEqual(unsurely(storage, open));
    expect(ask(some, storage, { hosts: [] })).toEqual(unsurely(storage, open));
    expect(ask(some, storage, { hosts: ['*.blob.core.windows.net'] })).toEqual(plainly(storage));
    expect(ask(some, storage, { hosts: ['*.blob.core.windows.net', '*.queue.core.windows.net'] })).toEqual(
      unsurely(storage, open),
    );
    expect(ask(some, storage, { hosts: ['*.core.windows.net'] })).toEqual(unsurely(storage, open));
    expect(ask(some, storage, { hosts: ['*.vault.azure.net'] })).toEqual(plainly(emptySet));
  });

  it.each([
    ['*.update.microsoft.com', 'a.update.microsoft.com', 'allowed'],
    ['*.update.microsoft.com', 'A.B.Update.Microsoft.com.', 'allowed'],
    ['*.update.microsoft.com', '*.update.microsoft.com', 'allowed'],
    ['*.microsoft.com', '*.update.microsoft.com', 'allowed'],
    ['*.update.microsoft.com', 'update.microsoft.com', 'denied'],
    ['*.update.microsoft.com', 'noupdate.microsoft.com', 'denied'],
    ['a.update.microsoft.com', '*.update.microsoft.com', 'unknown'],
    ['*.x.update.microsoft.com', '*.update.microsoft.com', 'unknown'],
    ['go.microsoft.com', 'go.microsoft.com', 'allowed'],
    ['go.microsoft.com', 'xgo.microsoft.com', 'denied'],
    ['go.*.com', 'go.microsoft.com', 'unknown'],
    ['*', 'go.microsoft.com', 'allowed'],
  ] as const)('for %s leaves %s %s', (pattern, host, decision) => {
    expect(askHost(allow({ targetFqdns: [pattern] }), host).decision).toBe(decision);
  });

  it('leaves open what FQDN tags, web categories and URLs hold', () => {
    const label = 'rule "r" of rule collection "c"';
    expect(askHost(allow({ fqdnTags: ['WindowsUpdate'], protocols: [] }), 'go.microsoft.com')).toEqual({
      decision: 'unknown',
      notSeen: [`${label}: FQDN tag "WindowsUpdate"`],
    });
    expect(askHost(allow({ webCategories: ['business'] }), 'go.microsoft.com').notSeen).toEqual([
      `${label}: web category "business"`,
    ]);
    const url = allow({ targetUrls: ['https://go.microsoft.com/fwlink/*'] });
    expect(askHost(url, 'go.microsoft.com').notSeen).toEqual([`${label}: host names go.microsoft.com`]);
    expect(askHost(url, 'mscrl.microsoft.com').decision).toBe('denied');
  });

  it('is not asked where a network rule decides first', () => {
    const parts = withCollections(
      collection('n', 200, 'Deny', [networkRule('none', { destinationAddresses: ['*'] })]),
      collection('c', 100, 'Allow', [applicationRule('r', { targetFqdns: ['go.microsoft.com'] })]),
    );
    expect(askHost(parts, 'go.microsoft.com')).toEqual({
      decision: 'denied',
      notSeen: [],
      rule: { name: 'n/none', id: '/groups/g', priority: 200, access: 'Deny' },
    });
  });
});
