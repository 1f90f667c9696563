/**
 * What alert rules and workbook ask for, held to what the watcher tells: the queries are checked by Kusto's own language service
 * against the tables of Application Insights, and every name in them is one that a local watcher has sent.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { QueueClient } from '@azure/storage-queue';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { names } from '../../lib/alerts/names.ts';
import { type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { Colleague } from '../watch/colleague.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const workbookSchema = z.object({
  items: z.array(z.object({ content: z.looseObject({ query: z.string().optional() }) })),
});
const ofRules = readdirSync(new URL('../../infra/queries', import.meta.url)).map(
  (name) => [name, read(`infra/queries/${name}`)] as const,
);
const ofWorkbook = workbookSchema
  .parse(JSON.parse(read('infra/workbook.json')))
  .items.flatMap(({ content }) =>
    content.query === undefined ? [] : [[String(content.title), content.query] as const],
  );
const queries = [...ofRules, ...ofWorkbook];

interface Diagnostics {
  readonly Count: number;
  getItem(index: number): { readonly Message: string };
}

interface KustoLanguage {
  readonly Symbols: {
    readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string) => object };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, tables: readonly object[]) => object };
  };
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly KustoCode: { ParseAndAnalyze(query: string, globals: object): { GetDiagnostics(): Diagnostics } };
}

/** What Kusto says against a query; nothing: it is right. */
function complaints(query: string): readonly string[] {
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  // The package is a compiled .NET library that puts itself into the global scope, and numbers its constructors.
  const { Kusto } = globalThis as unknown as { Kusto: { Language: KustoLanguage } };
  const { Symbols, GlobalState, KustoCode } = Kusto.Language;
  const common = 'timestamp: datetime, name: string, customDimensions: dynamic';
  const events = new Symbols.TableSymbol.$ctor7('customEvents', `(${common}, customMeasurements: dynamic)`);
  const numbers = 'value: real, valueCount: int, valueSum: real, valueMin: real, valueMax: real';
  const metrics = new Symbols.TableSymbol.$ctor7('customMetrics', `(${common}, ${numbers})`);
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('insights', [events, metrics]));
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message);
}

/** Rules of the template and sections of the page about them, without the prefix. */
it('every alert rule has its section in docs/operate.md', () => {
  const bicep = `${read('infra/modules/alerts.bicep')}${read('infra/modules/topic-alerts.bicep')}`;
  const rules = [...bicep.matchAll(/^ {4}name: '([a-z-]+)'$/gm)].map((match) => match[1] ?? '');
  const told = [...read('docs/operate.md').matchAll(/^## `([a-z-]+)`/gm)].map((match) => match[1] ?? '');
  expect(rules.length).toBeGreaterThan(4);
  expect(told.sort()).toEqual([...rules, 'drift'].sort());
});

describe('every query', () => {
  it.each(queries)('%s is right for Kusto', (_, query) => {
    expect(complaints(query)).toEqual([]);
  });

  it('is refused where it is not', () => {
    expect(complaints("customEvents | where nam == 'x'")).toHaveLength(1);
    expect(complaints('requests | take 1')).toHaveLength(1);
  });
});

it('the workbook is what the published schema says', () => {
  const schema = JSON.parse(read('test/fixtures/workbooks/workbook.schema.json')) as Record<string, unknown>;
  const validate = new Ajv({ strict: false, validateSchema: false }).compile(schema);
  const isValid = validate(JSON.parse(read('infra/workbook.json')));
  expect(validate.errors ?? []).toEqual([]);
  expect(isValid).toBe(true);
});

const itemSchema = z.object({
  data: z.object({
    baseData: z.object({
      name: z.string().optional(),
      properties: z.record(z.string(), z.string()).optional(),
      measurements: z.record(z.string(), z.number()).optional(),
    }),
  }),
});

describe('every name in a query', () => {
  let watcher: LocalWatcher;
  const sent = new Set<string>();
  const fields = new Set<string>();

  beforeAll(async () => {
    watcher = await startLocalWatcher({
      resources: brokenEstate([]).resources,
      policy: JSON.stringify({ clients: ['20.10.0.0/24'] }),
      settleSeconds: 0,
      retryMs: 200,
    });
    const colleague = new Colleague(watcher.azure);
    await watcher.host.invokeTimer('sweep');
    await watcher.idle();
    await colleague.remove(`${ids.table}/routes/control-plane`);
    await watcher.idle();
    await watcher.host.invokeTimer('sweep');
    await colleague.makeItSo(brokenEstate([]).resources);
    await watcher.idle();
    const queue = new QueueClient(watcher.storage.connectionString, 'changes');
    await queue.sendMessage(Buffer.from('{"no":"event"}').toString('base64'));
    const { received } = watcher.receiver;
    await vi.waitFor(() => expect(received.map(({ type }) => type)).toContain('TunnelPoisonMessage'), 60_000);
    for (const { type, body, channel } of watcher.receiver.received) {
      if (channel !== 'applicationInsights') continue;
      sent.add(type);
      const { properties = {}, measurements = {} } = itemSchema.parse(body).data.baseData;
      for (const field of Object.keys(properties)) fields.add(`customDimensions.${field}`);
      for (const field of Object.keys(measurements)) fields.add(`customMeasurements.${field}`);
    }
  }, 120_000);
  afterAll(() => watcher?.stop());

  it.each(queries)('%s: is one that the watcher has sent', (_, query) => {
    // These need a day to pass, and a verdict that changes while it is open; they come with what the others come with.
    const toldElsewhere: readonly string[] = [names.reminder, names.changed];
    const named = [...query.matchAll(/'((?:Tunnel|tunnelwatch\.)\w+)'/g)].map((match) => match[1] ?? '');
    const asked = [...query.matchAll(/custom(?:Dimensions|Measurements)\.\w+/g)].map((match) => match[0]);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !sent.has(name) && !toldElsewhere.includes(name))).toEqual([]);
    expect(asked.filter((field) => !fields.has(field))).toEqual([]);
  });
});
