import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardOf, plain } from '../../lib/alerts/card.ts';
import { linksFor } from '../../lib/alerts/links.ts';
import type { Alert, SummaryAlert } from '../../lib/drift/model.ts';
import { alertOf, findingOf, transitionOf } from './sample-alert.ts';

const schemaUrl = new URL('../fixtures/adaptive-cards/adaptive-card-1.2.0.json', import.meta.url);
const { id: _id, $schema: _draft, ...schema } = JSON.parse(readFileSync(schemaUrl, 'utf8'));
const isCard = new Ajv({ strict: false, validateFormats: false }).compile(schema);
const links = linksFor({ portal: 'https://portal.azure.com', host: 'func.azurewebsites.net' });

/** Bytes of the whole message: 24 KB, however one counts them. */
const limit = 24_000;

/** What Teams reads beside the schema of Adaptive Cards. */
function check(alert: Alert): string {
  const { msteams, ...card } = cardOf(alert, links);
  expect(msteams).toEqual({ width: 'Full' });
  isCard(card);
  expect(isCard.errors ?? []).toEqual([]);
  const content = { ...card, msteams };
  const message = {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
  const text = JSON.stringify(message);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
  return JSON.stringify(card.body);
}

/** The commands of a card, as they are read off it. */
function commandsIn(azureCli: string): string[] {
  const finding = findingOf('r', { fix: { summary: 's', azureCli, bicep: '' } });
  const { body } = cardOf(alertOf([transitionOf('r', { finding })]), links) as { body: Record<string, string>[] };
  return body.flatMap(({ fontType, text = '' }) => (fontType === 'Monospace' ? text.replace(/\\(.)/g, '$1') : []));
}

describe('a card', () => {
  it('says what broke, where, since when, by whom, the counterexample, what it breaks and the fix', () => {
    const text = check(alertOf([transitionOf('control-plane-route')]));
    for (const part of [
      'control-plane-route',
      'apim-one',
      'westeurope',
      'rt-one',
      '2026-11-23T15:00:00.000Z',
      '5f0e6a1c',
      'Microsoft.Network/routeTables/routes/delete',
      '4.198.207.152/31 tcp/3443 (2,009 addresses in all)'.replace(/[()]/g, (bracket) => `\\\\${bracket}`),
      'portal and scaling operations fail',
      'az network route-table route create',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('has each command of a fix whole, on one line, as a shell takes it', () => {
    const azureCli = [
      "az network nsg rule create \\\n  --name tunnelwatch-in \\\n  --source-port-ranges '*'",
      'az network vnet subnet update \\\n  --name apim',
    ].join('\n');
    expect(commandsIn(azureCli)).toEqual([
      "az network nsg rule create --name tunnelwatch-in --source-port-ranges '*'",
      'az network vnet subnet update --name apim',
    ]);
  });

  it('has no half command: those that do not fit are counted', () => {
    const long = `az network route-table route create --name ${'n'.repeat(1_400)}`;
    const azureCli = Array.from({ length: 5 }, () => long).join('\n');
    expect(commandsIn(azureCli)).toEqual([long, long]);
    const finding = findingOf('r', { fix: { summary: 's', azureCli, bicep: '' } });
    expect(check(alertOf([transitionOf('r', { finding })]))).toContain('Commands that do not fit here: 3');
  });

  it('opens the resource in the portal and the report of the service', () => {
    const { actions } = cardOf(alertOf([transitionOf('control-plane-route')]), links) as { actions: { url: string }[] };
    expect(actions.map(({ url }) => url)).toEqual([
      'https://portal.azure.com/#@/resource/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/rt-one',
      expect.stringMatching(/^https:\/\/func\.azurewebsites\.net\/api\/audit\?service=%2Fsubscriptions/),
    ]);
  });

  it('is good news where all is resolved: no fix for what is right', () => {
    const resolved = transitionOf('control-plane-route', {
      kind: 'resolved',
      to: 'pass',
      finding: findingOf('x', { status: 'pass' }),
    });
    const text = check(alertOf([resolved]));
    expect(text).toContain('Resolved');
    expect(text).toContain('"color":"Good"');
    expect(text).not.toContain('Fix:');
  });

  it('has the gravest first and counts those that do not fit', () => {
    const many = Array.from({ length: 37 }, (_, index) =>
      transitionOf(`requirement-${index}`, {
        finding: findingOf(`requirement-${index}`, { message: '💥'.repeat(1_000) }),
      }),
    );
    const text = check(alertOf(many));
    expect(text).toContain('requirement-0');
    expect(text).toMatch(/and \d+ more; the report has all of them/);
  });

  it('shows names from Azure as text, whatever they would mean to Teams', () => {
    const text = plain('[click](http://evil.example) **bold** <at>all</at> `code`\u202e\n# title', 200);
    expect(text).toBe(
      '\\[click\\]\\(http://evil.example\\) \\*\\*bold\\*\\* \\<at\\>all\\</at\\> \\`code\\` \\# title',
    );
  });

  it('of a first sight counts the verdicts and names the worst', () => {
    const { deployment } = alertOf([]);
    const failing = [{ requirement: 'control-plane-route', severity: 'high' as const, message: 'm' }];
    const summary: SummaryAlert = {
      type: 'summary',
      id: 's',
      at: '2026-11-23T15:00:00.000Z',
      deployments: 18,
      verdicts: { compliant: 3, nonCompliant: 13, unknown: 1, outOfScope: 1 },
      worst: Array.from({ length: 20 }, () => ({ deployment, verdict: 'nonCompliant' as const, failing })),
    };
    const text = check(summary);
    expect(text).toContain('18 deployments');
    expect(text).toContain('control-plane-route');
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '💥'.repeat(20_000),
    '<script>alert(1)</script>'.repeat(500),
    '\u0000\u202e\ud800',
    '*_[]()#`\\'.repeat(3_000),
    '',
  ),
);

describe('whatever comes from Azure', () => {
  it('makes a card that is valid and that Teams takes', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 37 }), hostile, hostile, (messages, name, resource) => {
        const transitions = messages.map((message, index) =>
          transitionOf(`r-${index}`, {
            finding: findingOf(`r-${index}`, {
              message,
              resource,
              impact: message,
              fix: { summary: message, azureCli: message, bicep: message },
              evidence: { counterexample: { addressPrefix: message, addresses: 1, more: [] } },
            }),
            causes: [
              { eventId: 'e', resourceId: resource, operation: message, time: message, principal: { id: name } },
            ],
          }),
        );
        check(alertOf(transitions, name));
      }),
      { numRuns: 60 },
    );
  });
});
