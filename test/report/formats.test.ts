/**
 * Every format is read back by a reader of its own kind and compared with the report it was made from. The report is a
 * real one, of the sample estate and of an estate whose names are hostile.
 */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Log } from 'sarif';
import { describe, expect, it } from 'vitest';
import { create } from 'xmlbuilder2';
import { auditEstate, streamAudit } from '../../lib/audit/audit.ts';
import type { Finding, Report } from '../../lib/audit/report.ts';
import { reportSchema } from '../../lib/audit/report-schema.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { defaultPolicy, type Policy } from '../../lib/policy/policy.ts';
import type { FormatContext } from '../../lib/report/format.ts';
import { formats } from '../../lib/report/index.ts';
import { toJson } from '../../lib/report/json.ts';
import { catalogue } from '../../lib/requirements/catalogue.ts';
import { breakages, brokenEstate } from '../support/broken-estate.ts';

const context: FormatContext = { width: 100, colour: false, toolVersion: '1.2.3', locate: () => undefined };

async function format(name: string, report: Report, given: Partial<FormatContext> = {}): Promise<string> {
  const found = formats.find((each) => each.name === name);
  if (!found) throw new Error(`no format ${name}`);
  return [...(await found.load())(report, { ...context, ...given })].join('');
}

function audit(resources: readonly unknown[], policy: Policy = defaultPolicy): Report {
  const estate = estateFromResources(resources, { kind: 'file', name: 'estate.json' });
  return auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: new Date('2026-11-23T15:00:00Z') });
}

const sample = audit(JSON.parse(readFileSync(new URL('../../samples/estate.json', import.meta.url), 'utf8')).data);
const exempted = audit(brokenEstate(Object.keys(breakages).slice(0, 8)).resources, {
  ...defaultPolicy,
  exemptions: [{ requirement: 'control-plane-route', scope: '/', category: 'waiver', reason: 'agreed with <all>' }],
});

/** Names that break out of formats which forget to escape. */
const hostile = [
  '<script>alert(1)</script>',
  '"quoted" \'twice\' & more',
  'a|b\nc\r\nd\te',
  '=HYPERLINK("http://x")',
  '-2+3',
  '@SUM(A1)',
  '\u202egnp.exe',
  '\u001b[31mred',
  'x'.repeat(260),
  '\ud800 lone',
  '```\n# heading',
  ']]>',
  '\u0000\u0008\ufffe',
];

function renamed(name: string): Report {
  const rename = (text: string): string => text.replaceAll('apim-one', name).replaceAll('nsg-one', name);
  return audit(
    JSON.parse(JSON.stringify(brokenEstate(['outbound closed']).resources), (_, value) =>
      typeof value === 'string' ? rename(value) : value,
    ),
  );
}

function findings(report: Report): Finding[] {
  return report.deployments.flatMap((deployment) => deployment.findings);
}

const reports: [string, Report][] = [
  ['the sample estate', sample],
  ['an exempted one', exempted],
  ...hostile.map((name): [string, Report] => [JSON.stringify(name), renamed(name)]),
];

describe('json', () => {
  it('says the same, a line a deployment, while the estate is still being evaluated', async () => {
    const resources = JSON.parse(readFileSync(new URL('../../samples/estate.json', import.meta.url), 'utf8')).data;
    const estate = estateFromResources(resources, { kind: 'file', name: 'estate.json' });
    const options = { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date('2026-11-23T15:00:00Z') };
    const text = [...toJson(streamAudit(estate, options))].join('');
    expect(JSON.parse(text)).toEqual(JSON.parse(await format('json', sample)));
    expect(text.split('\n').filter((line) => line.includes('"verdict"'))).toHaveLength(sample.deployments.length);
  });

  it.each(reports)('says all of %s and nothing else', async (_, report) => {
    const read = JSON.parse(await format('json', report));
    expect(read).toEqual(JSON.parse(JSON.stringify(report)));
    reportSchema.parse(read);
  });

  it('is indented by two spaces, as if it were printed in one go', async () => {
    const printed = ({ summary, ...rest }: Report): string => `${JSON.stringify({ ...rest, summary }, null, 2)}\n`;
    expect(await format('json', sample)).toBe(printed(sample));
    const empty = audit([]);
    expect(await format('json', empty)).toBe(printed(empty));
  });
});

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const sarifSchema = JSON.parse(
  readFileSync(new URL('../fixtures/sarif/sarif-schema-2.1.0.json', import.meta.url), 'utf8'),
);
const isSarif = ajv.compile({ ...sarifSchema, $schema: undefined, id: undefined, $id: undefined });

describe('sarif', () => {
  it.each(reports)('is valid for %s, with each failure and each open question', async (_, report) => {
    const log: Log = JSON.parse(await format('sarif', report));
    isSarif(log);
    expect(isSarif.errors ?? []).toEqual([]);
    const results = log.runs.flatMap((run) => run.results ?? []);
    const count = (kind: string): number => results.filter((result) => result.kind === kind).length;
    const status = (...wanted: string[]): number =>
      findings(report).filter((finding) => wanted.includes(finding.status)).length;
    expect(count('fail')).toBe(status('fail', 'exempt'));
    expect(count('open')).toBe(status('unknown'));
    expect(count('pass')).toBe(status('pass'));
    expect(results.filter((result) => result.suppressions).length).toBe(status('exempt'));
    expect(new Set(results.map((result) => JSON.stringify(result.partialFingerprints))).size).toBe(results.length);
  });

  it('describes every requirement as a rule and names the tool', async () => {
    const log: Log = JSON.parse(await format('sarif', sample));
    const driver = log.runs[0]?.tool.driver;
    expect(driver).toMatchObject({ name: 'tunnelwatch', semanticVersion: '1.2.3' });
    expect(driver?.rules?.map((rule) => rule.id)).toEqual(catalogue.map(({ id }) => id));
    expect(driver?.rules?.every((rule) => rule.help?.markdown && rule.helpUri?.endsWith(`${rule.id}.md`))).toBe(true);
  });

  it('points at the resource, and at the line of the file where it was read', async () => {
    const locate = () => ({ file: 'my estates/a#1.json', line: 42 });
    const log: Log = JSON.parse(await format('sarif', exempted, { locate }));
    const result = log.runs[0]?.results?.find((each) => each.kind === 'fail');
    const location = result?.locations?.[0];
    expect(location?.physicalLocation?.artifactLocation?.uri).toBe('my%20estates/a%231.json');
    expect(location?.physicalLocation?.region?.startLine).toBe(42);
    expect(location?.logicalLocations?.[0]?.fullyQualifiedName).toContain('/providers/Microsoft.');
  });

  it('names each rule by its place in the list of rules', async () => {
    const [run] = (JSON.parse(await format('sarif', sample)) as Log).runs;
    const rules = run?.tool.driver.rules ?? [];
    expect(run?.results?.length).toBeGreaterThan(0);
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex ?? -1]?.id).toBe(ruleId);
  });

  it('gives what was not read from a file a path of its own, and never an absolute one', async () => {
    const uriOf = async (report: Report, given: Partial<FormatContext> = {}): Promise<string | undefined> => {
      const log: Log = JSON.parse(await format('sarif', report, given));
      const result = log.runs[0]?.results?.find(({ ruleId }) => ruleId === 'control-plane-route');
      return result?.locations?.[0]?.physicalLocation?.artifactLocation?.uri;
    };
    expect(await uriOf(exempted)).toMatch(/^azure\/[0-9a-f-]{36}\/[^/]+\/Microsoft\.Network\/routeTables\/rt-one$/);
    expect(await uriOf(exempted, { locate: () => ({ file: '/srv/estates/a.json' }) })).toBe('srv/estates/a.json');
    expect(await uriOf(exempted, { locate: () => ({ file: 'C:\\estates\\a.json' }) })).toBe('estates/a.json');
  });

  it('tells of reads that failed, and of passes that it leaves out', async () => {
    const summary = { ...exempted.summary, findings: { ...exempted.summary.findings, pass: 5_000 } };
    const errors = [{ resource: '/subscriptions/a', message: 'no permission\nto read' }];
    const log: Log = JSON.parse(await format('sarif', { ...exempted, summary, errors }));
    expect(log.runs[0]?.invocations?.[0]?.toolExecutionNotifications).toEqual([
      { level: 'warning', message: { text: '/subscriptions/a: no permission to read' } },
      { level: 'note', message: { text: expect.stringContaining('5,000 passes left out') } },
    ]);
    expect(log.runs[0]?.results?.filter(({ kind }) => kind === 'pass')).toEqual([]);
  });

  it('splits what is too much for one run', async () => {
    const [deployment] = exempted.deployments;
    if (!deployment) throw new Error('no deployment');
    const times = 6500;
    const { fail, unknown, exempt, notApplicable } = exempted.summary.findings;
    const counts = {
      pass: 100_000,
      fail: fail * times,
      unknown: unknown * times,
      exempt: exempt * times,
      notApplicable,
    };
    const summary = { ...exempted.summary, findings: counts };
    const deployments = Array.from({ length: times }, (_, index) => ({ ...deployment, key: String(index) }));
    const many: Report = { ...exempted, summary, deployments };
    const log: Log = JSON.parse(await format('sarif', many));
    const notes = log.runs[0]?.invocations?.[0]?.toolExecutionNotifications ?? [];
    expect(notes.map((note) => note.message.text).join()).toMatch(/results in \d+ runs of at most 25000/);
    const sizes = log.runs.map((run) => run.results?.length ?? 0);
    const expected = findings(many).filter(
      ({ status }) => status === 'fail' || status === 'unknown' || status === 'exempt',
    ).length;
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(expected);
    expect(sizes.length).toBeGreaterThan(1);
    expect(new Set(log.runs.map((run) => run.automationDetails?.id)).size).toBe(sizes.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(25_000);
  });
});

describe('junit', () => {
  it.each(reports)('has a suite a deployment and a case a requirement for %s', async (_, report) => {
    const xml = await format('junit', report);
    const { testsuites } = create(xml).end({ format: 'object' }) as unknown as { testsuites: Record<string, unknown> };
    expect(Number(testsuites['@tests'])).toBe(findings(report).length);
    expect(Number(testsuites['@failures'])).toBe(report.summary.findings.fail);
    expect(xml.match(/<testcase /g)?.length ?? 0).toBe(findings(report).length);
    expect(xml.match(/<failure /g)?.length ?? 0).toBe(report.summary.findings.fail);
    expect(xml.match(/<skipped message="unknown: /g)?.length ?? 0).toBe(report.summary.findings.unknown);
  });
});

/** RFC 4180, read slowly. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (quoted) {
      if (character === '"' && text[i + 1] === '"') cell += text[i++];
      else if (character === '"') quoted = false;
      else cell += character;
    } else if (character === '"') quoted = true;
    else if (character === ',') {
      rows.at(-1)?.push(cell);
      cell = '';
    } else if (character === '\r' && text[i + 1] === '\n') {
      i++;
      rows.at(-1)?.push(cell);
      cell = '';
      rows.push([]);
    } else cell += character;
  }
  return rows.slice(0, -1);
}

describe('csv', () => {
  it.each(reports)('has a row a finding for %s, and no cell that a spreadsheet would run', async (_, report) => {
    const [head = [], ...rows] = readCsv(await format('csv', report));
    expect(rows.length).toBe(findings(report).length);
    for (const row of rows) expect(row.length).toBe(head.length);
    const column = (name: string): string[] => rows.map((row) => row[head.indexOf(name)] ?? '');
    expect(column('requirement')).toEqual(findings(report).map(({ requirement }) => requirement));
    expect(column('status')).toEqual(findings(report).map(({ status }) => status));
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });
});

describe('markdown', () => {
  it.each(reports)('lets no name of %s out of its cell', async (_, report) => {
    const text = await format('markdown', report);
    let fence: string | undefined;
    const outside: string[] = [];
    for (const line of text.split('\n')) {
      const mark = /^`{3,}/.exec(line)?.[0];
      if (fence === undefined && mark) fence = mark;
      else if (fence !== undefined && line === fence) fence = undefined;
      else if (fence === undefined) outside.push(line);
    }
    expect(fence).toBeUndefined();
    const harmful = ['<script', '\u202e', '\u001b'];
    for (const line of outside) for (const text of harmful) expect(line).not.toContain(text);
    const rows = outside.filter((line) => line.startsWith('|'));
    const known = /^\| (---|verdict|status|\*\*|compliant|out of scope|fail|unknown|exempt)/;
    for (const row of rows) expect(row).toMatch(known);
    expect(outside.filter((line) => line.startsWith('#')).every((line) => /^##[# ]/.test(line))).toBe(true);
  });

  it('says what it leaves out of a page that would be too large', async () => {
    const deployment = exempted.deployments[0] as Report['deployments'][number];
    const deployments = Array.from({ length: 20_000 }, () => deployment);
    const errors = Array.from({ length: 500 }, () => ({ resource: '|'.repeat(2000), message: 'x' }));
    const text = await format('markdown', { ...exempted, deployments, errors });
    expect(Buffer.byteLength(text)).toBeLessThan(900_000);
    const listed = text.match(/^\| (\*\*)?[a-z-]+(\*\*)? \| apim-one /gm)?.length ?? 0;
    const described = text.match(/^### apim-one /gm)?.length ?? 0;
    const error = text.match(/^- &#124;/gm)?.length ?? 0;
    const numbers = (pattern: RegExp): number[] =>
      [...(pattern.exec(text)?.slice(1) ?? [])].map((found) => Number(found.replaceAll(',', '')));
    expect(numbers(/([\d,]+) more deployments not listed/)).toEqual([20_000 - listed]);
    expect(numbers(/([\d,]+) deployments and ([\d,]+) errors left out/)).toEqual([20_000 - described, 500 - error]);
  });

  it('leaves compliant deployments out of the list first', async () => {
    const deployment = exempted.deployments[0] as Report['deployments'][number];
    const compliant = Array.from({ length: 20_000 }, () => ({ ...deployment, verdict: 'compliant' as const }));
    const last = { ...deployment, name: 'the-last', verdict: 'nonCompliant' as const };
    const text = await format('markdown', { ...exempted, deployments: [...compliant, last] });
    expect(text).toContain('| **non-compliant** | the-last |');
  });
});

describe('table', () => {
  it.each(reports)('shows %s in lines that a terminal can hold', async (_, report) => {
    const text = await format('table', report);
    for (const { requirement, status } of findings(report)) if (status === 'fail') expect(text).toContain(requirement);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  });

  it('takes one line for a compliant deployment among many', async () => {
    const good = audit(brokenEstate([]).resources, { ...defaultPolicy, clients: ['20.10.0.0/24'] });
    const deployment = good.deployments[0] as Report['deployments'][number];
    expect(deployment.verdict).toBe('compliant');
    const many: Report = {
      ...good,
      deployments: Array.from({ length: 60 }, (_, index) => ({
        ...deployment,
        service: `${deployment.service}${index}`,
      })),
    };
    expect((await format('table', many)).split('\n').length).toBeLessThan(70);
  });

  it('paints only when it may', async () => {
    expect(await format('table', sample, { colour: true })).toContain('\u001b[');
    expect(await format('table', sample)).not.toContain('\u001b');
  });
});
