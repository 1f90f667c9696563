/** The command line from outside: the built program, its exit codes, and what goes to which stream. */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../lib/audit/report-schema.ts';
import { adminRule, toTag } from '../support/admin-rules.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { learned, withGateway } from '../support/learning-estate.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'dist/tunnelwatch.js');
const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-cli-'));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function run(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}) {
  const { input, env = {} } = options;
  const plain = { PATH: process.env.PATH ?? '', HOME: folder, ...env };
  const done = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: plain,
    maxBuffer: 1 << 28,
    ...(input !== undefined && { input }),
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

beforeAll(() => {
  if (!existsSync(program)) throw new Error('dist is not built: npm run build');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = brokenEstate([]);
const clients = file('policy.json', { clients: ['20.10.0.0/24'] });
const compliant = file('compliant.json', good.resources);
const broken = file('broken.json', { count: 7, data: brokenEstate(['no control plane route']).resources });
const minor = file('minor.json', brokenEstate(['no KMS route']).resources);

describe('tunnelwatch audit', () => {
  it('takes security admin rules beside the estate, which come before its security groups', () => {
    const closed = { ...toTag('Sql'), destinationPortRanges: ['1433'] };
    const rules = file('admin.json', { adminRulesOf: ids.network, value: [adminRule('no-sql', closed)] });
    const { code, out } = run(['audit', '--policy', clients, '--file', compliant, '--file', rules]);
    expect(code).toBe(1);
    expect(out.replace(/\s+/g, ' ')).toContain('by rule "no-sql of network manager central"');
    const refused = run(['audit', '--admin-rules', '--file', compliant]);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--admin-rules is about reading Azure')]);
  });

  it('takes what az prints of the learned routes of an ExpressRoute gateway beside the estate', () => {
    const estate = file('express-route.json', withGateway({ gatewayType: 'ExpressRoute' }));
    const audit = (...files: string[]) =>
      run(['audit', '--policy', clients, ...files.flatMap((each) => ['--file', each])]);
    const without = audit(estate);
    expect(without.out).toContain('0 non-compliant, 1 unknown');
    expect(without.out).toContain('what it has learned is not in the estate');
    const routes = file('routes.json', { value: [learned('0.0.0.0/0'), learned('10.0.0.0/8')] });
    const { code, out, err } = audit(estate, routes);
    expect(err).toBe('');
    expect(code).toBe(1);
    expect(out).toContain('1 non-compliant, 0 unknown');
    expect(out).toContain('gateway gw-one serves it: 2 routes, the default among them');
    expect(audit(estate, file('none.json', { value: [learned('10.0.0.0/8')] })).out).toContain(
      '0 unknown, 1 compliant',
    );
  });

  it('exits with 0 and says so when nothing fails', () => {
    const { code, out, err } = run(['audit', '--file', compliant, '--policy', clients]);
    expect(err).toBe('');
    expect(out).toContain('1 service, 1 deployment: 0 non-compliant, 0 unknown, 1 compliant');
    expect(code).toBe(0);
  });

  it('exits with 1 when a finding fails, and prints its proof and its fix', () => {
    const { code, out } = run(['audit', '--file', broken, '--policy', clients]);
    expect(code).toBe(1);
    expect(out).toContain('NON-COMPLIANT  apim-one');
    expect(out).toContain('control-plane-route');
    expect(out).toContain('Route ApiManagement to Internet in rt-one.');
  });

  it('fails from the severity on that --fail-on names', () => {
    const code = (severity: string): number | null =>
      run(['audit', '--file', minor, '--policy', clients, '--fail-on', severity]).code;
    expect([code('info'), code('low'), code('medium'), code('critical'), code('never')]).toEqual([1, 1, 0, 0, 0]);
  });

  it('exits with 1 for an unknown verdict only when it is asked to be strict', () => {
    const unseen = file(
      'unseen.json',
      good.resources.filter((resource) => resource.id !== ids.table),
    );
    expect(run(['audit', '--file', unseen, '--policy', clients]).code).toBe(0);
    expect(run(['audit', '--file', unseen, '--policy', clients, '--strict']).code).toBe(1);
  });

  it('prints a report that its schema accepts, the same bytes each time but for the time', () => {
    const [first, second] = [
      run(['audit', '--file', broken, '--format', 'json']),
      run(['audit', '--file', broken, '--format', 'json']),
    ];
    const report = reportSchema.parse(JSON.parse(first.out));
    expect(report.sources).toEqual([{ kind: 'file', name: broken }]);
    const timeless = (text: string): string => text.replace(/"generatedAt": "[^"]+"/, '');
    expect(timeless(first.out)).toBe(timeless(second.out));
  });

  it('takes several files as one estate, and standard input as one of them', () => {
    const half = good.resources.length >> 1;
    const first = file('first.json', good.resources.slice(0, half));
    const { code, out } = run(['audit', '--file', first, '--file', '-', '--policy', clients, '--format', 'json'], {
      input: JSON.stringify({ value: good.resources.slice(half) }),
    });
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report.summary).toMatchObject({ services: 1, compliant: 1 });
    expect(report.sources.map((source: { name: string }) => source.name)).toEqual([first, '<stdin>']);
  });

  it('writes a file whole or not at all', () => {
    const target = join(folder, 'out.json');
    const { code, out } = run(['audit', '--file', broken, '--format', 'json', '--output', target]);
    expect([code, out]).toEqual([1, '']);
    expect(JSON.parse(readFileSync(target, 'utf8')).summary.services).toBe(1);
    const lost = run(['audit', '--file', broken, '--output', join(folder, 'no/such/out.json')]);
    expect(lost.code).toBe(2);
    expect(lost.err).toContain('its folder does not exist');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('replaces what a link leads to, and leaves the link', () => {
    const [target, link] = [file('target.json', 'old'), join(folder, 'link.json')];
    symlinkSync(target, link);
    run(['audit', '--file', broken, '--format', 'json', '--output', link]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(target, 'utf8')).summary.services).toBe(1);
  });

  it.skipIf(!existsSync('/dev/full'))('says so in one line when standard output is full', () => {
    const full = openSync('/dev/full', 'w');
    const done = spawnSync(process.execPath, [program, 'audit', '--file', broken], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect([done.status, done.stderr]).toEqual([2, 'tunnelwatch: standard output cannot be written (ENOSPC)\n']);
  });

  it('points in SARIF at the file and the line where a resource stands, relative to the working directory', () => {
    const lines = good.resources.map((resource) => JSON.stringify(resource));
    const path = file('lines.ndjson', `${lines.join('\n')}\n`);
    const { out } = run(['audit', '--file', path, '--format', 'sarif']);
    const line = good.resources.findIndex((resource) => resource.id === ids.table) + 1;
    const places = JSON.parse(out).runs[0].results.flatMap((result: { locations: { physicalLocation: unknown }[] }) =>
      result.locations.map((each) => each.physicalLocation),
    );
    expect(places).toContainEqual({ artifactLocation: { uri: 'lines.ndjson' }, region: { startLine: line } });
  });

  it('treats an estate without API Management as empty, and says what it found instead', () => {
    const other = file('other.json', good.resources.slice(1));
    const { code, out, err } = run(['audit', '--file', other, '--format', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).deployments).toEqual([]);
    expect(err).toContain('no API Management service');
    expect(err).toContain('1 microsoft.network/routetables');
  });

  const unreadable = {
    'a file that is not there': ['audit', '--file', 'nowhere.json'],
    'a directory': ['audit', '--file', folder],
    'truncated JSON': ['audit', '--file', file('cut.json', JSON.stringify(good.resources).slice(0, 700))],
    'no JSON at all': ['audit', '--file', file('text.json', 'hello')],
    'an empty file': ['audit', '--file', file('empty.json', '')],
    'something that is no estate': ['audit', '--file', file('tags.json', { values: [], changeNumber: 1 })],
    'a broken policy': [
      'audit',
      '--file',
      compliant,
      '--policy',
      file('bad-policy.json', { clients: ['10.0.0.0/33'] }),
    ],
    'a policy that is not there': ['audit', '--file', compliant, '--policy', 'nowhere.json'],
    'broken service tags': [
      'audit',
      '--file',
      compliant,
      '--service-tags',
      file('bad-tags.json', '{"values":[{"name":"A"}]}'),
    ],
    'an unknown format': ['audit', '--file', compliant, '--format', 'pdf'],
    'an unknown severity': ['audit', '--file', compliant, '--fail-on', 'awful'],
    'an unknown option': ['audit', '--fiel', compliant],
    'no command': [],
    'an unknown command': ['adit'],
    'one word too many': ['audit', 'estate.json'],
    'an option without its value': ['audit', '--file'],
    'an empty path': ['audit', '--file', ''],
    'parameters without a template': ['audit', '--parameters', compliant],
    'standard input twice': ['audit', '--file', '-', '--file', '-'],
    'a folder to write to': ['audit', '--file', compliant, '--output', folder],
    'a file in place of a folder': ['audit', '--file', compliant, '--output', join(compliant, 'out.json')],
    'a policy that is no JSON': ['audit', '--file', compliant, '--policy', file('cut-policy.json', '{"tunnel"')],
    'names of a file that are to be resolved': ['audit', '--file', compliant, '--dependencies', 'resolve'],
    'dependencies that are read in no known way': ['audit', '--dependencies', 'some'],
    'files and Azure at once': ['audit', '--file', compliant, '--subscription', 'x'],
    'a subnet that is not there': ['trace', '--file', compliant, '--subnet', '/subscriptions/x', '--to', '1.2.3.4'],
    'a target that cannot be read': ['trace', '--file', compliant, '--subnet', ids.subnet, '--to', 'NoSuchTag'],
    'an IPv6 target': ['trace', '--file', compliant, '--subnet', ids.subnet, '--to', '2001:db8::/32'],
  };
  it.each(Object.entries(unreadable))('answers %s with exit code 2, one line and no report', (_, args) => {
    const { code, out, err } = run(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^tunnelwatch: [^\n]+\n$/);
    expect(err).not.toMatch(/internal error|\bat .*\.js/);
  });

  it('names the place of a fault', () => {
    expect(run(['audit', '--file', file('cut2.json', '[\n {"id": "/x", \n "type" "y"}]')]).err).toMatch(
      /cut2\.json: line 3, column \d+/,
    );
    expect(
      run(['audit', '--file', compliant, '--policy', file('p.json', { clients: ['a', '10.0.0.0/33'] })]).err,
    ).toContain('clients[1]: "10.0.0.0/33" is not a CIDR');
  });

  it('says at once how to sign in where there is no file and no Azure', () => {
    const { code, out, err } = run(['audit'], { env: { AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' } });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^tunnelwatch: no Azure sign-in found: run "az login"[^\n]*\n$/);
  });

  it('reports progress on standard error from 200 deployments up', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      ...good.resources[0],
      id: `${ids.service}-${index}`,
      name: `apim-${index}`,
    }));
    const { out, err } = run([
      'audit',
      '--file',
      file('many.json', [...many, ...good.resources.slice(1)]),
      '--format',
      'json',
    ]);
    expect(JSON.parse(out).summary.deployments).toBe(200);
    expect(err).toContain('evaluated 0 of 200 deployments');
    expect(err).toContain('evaluated 200 of 200 deployments (100 %)');
    expect(run(['audit', '--file', broken, '--format', 'json']).err).toBe('');
  });

  it('colours only where it is told to, and never against NO_COLOR', () => {
    const ansi = '\u001b[';
    expect(run(['audit', '--file', broken]).out).not.toContain(ansi);
    expect(run(['audit', '--file', broken], { env: { FORCE_COLOR: '1' } }).out).toContain(ansi);
    expect(run(['audit', '--file', broken], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).out).not.toContain(ansi);
  });

  it.each([
    ['requirements', '--format', 'json'],
    ['audit', '--file', broken, '--format', 'json'],
  ])('ends quietly when its reader stops early: %s', async (...args) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint += String(chunk);
    });
    child.stdout.destroy();
    await new Promise((resolve) => child.on('close', resolve));
    expect(complaint).toBe('');
  });
});

describe('tunnelwatch trace', () => {
  it('shows the winning route of every piece and why the others lost', () => {
    const { code, out } = run([
      'trace',
      '--file',
      compliant,
      '--subnet',
      ids.subnet.toUpperCase(),
      '--to',
      '20.118.99.224/31',
    ]);
    expect(code).toBe(0);
    expect(out).toContain('20.118.99.224/32 (1 address): straight to the Internet');
    expect(out).toContain('20.118.99.225/32 (1 address): into the tunnel');
    expect(out).toMatch(
      /loses +"default" 0\.0\.0\.0\/0 -> VirtualAppliance 10\.0\.1\.4 \(User\): shorter prefix: \/0 against \/32/,
    );
  });

  it('counts every address of a tag once', () => {
    const { out } = run([
      'trace',
      '--file',
      compliant,
      '--subnet',
      ids.subnet,
      '--to',
      'Storage.WestEurope',
      '--format',
      'json',
    ]);
    const { pieces } = JSON.parse(out);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toMatchObject({ path: 'endpoint', winner: { nextHopType: 'VirtualNetworkServiceEndpoint' } });
    expect(pieces[0].losers[0].reason).toBeTruthy();
  });
});

describe('tunnelwatch', () => {
  it('lists the requirements for people and for programs', () => {
    const list = JSON.parse(run(['requirements', '--format', 'json']).out);
    expect(list.map((each: { id: string }) => each.id)).toContain('control-plane-route');
    for (const each of list) expect(existsSync(join(root, each.help))).toBe(true);
    const { out } = run(['requirements']);
    expect(out).toContain('control-plane-route');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('helps, with examples', () => {
    for (const command of ['audit', 'trace', 'requirements']) {
      const { code, out } = run([command, '--help']);
      expect(code).toBe(0);
      expect(out).toMatch(/Examples?:/);
    }
    expect(run(['--help']).code).toBe(0);
    expect(run(['--version']).out.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
    expect(run([]).code).toBe(2);
  });
});
