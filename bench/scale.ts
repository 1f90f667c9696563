/**
 * Whole audits as their users run them: a process that reads an export, evaluates it and writes the JSON report. The
 * peer is a process that does nothing but `JSON.parse` the same file.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Claim, middle, type Result, times } from './claim.ts';
import { deploymentResources, writeEstate } from './estate-generator.ts';

const program = fileURLToPath(new URL('../dist/tunnelwatch.js', import.meta.url));

interface Run {
  readonly milliseconds: number;
  /** Peak resident set, in bytes. */
  readonly memory: number;
}

/** A child process; GNU-less: the child reports its own peak memory on descriptor 3. */
function child(args: readonly string[]): Run {
  const hook = "process.on('exit',()=>require('node:fs').writeSync(3,String(process.resourceUsage().maxRSS*1024)))";
  const start = performance.now();
  const done = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,import{createRequire}from'node:module';const require=createRequire('file:///');${hook}`,
      ...args,
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 20,
    },
  );
  const milliseconds = performance.now() - start;
  if (done.status !== 0) throw new Error(`the audit ended with ${done.status ?? done.signal}: ${String(done.stderr)}`);
  const memory = Number(String(done.output[3] ?? ''));
  if (!(memory > 0)) throw new Error('the audit did not report its peak memory');
  return { milliseconds, memory };
}

function audit(path: string, folder: string): Run {
  return child([
    program,
    'audit',
    '--file',
    path,
    '--format',
    'json',
    '--output',
    join(folder, 'report.json'),
    '--fail-on',
    'never',
  ]);
}

/** `JSON.parse` of the file inside a process of its own, without the start of that process. */
function parse(path: string): number {
  const code = `const t=performance.now();JSON.parse(require('node:fs').readFileSync(${JSON.stringify(path)},'utf8'));process.stdout.write(String(performance.now()-t))`;
  return Number(spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' }).stdout);
}

function tenThousand(folder: string): Result[] {
  const path = join(folder, 'estate.json');
  const bytes = writeEstate(path, 10_000);
  const own = [audit(path, folder), audit(path, folder), audit(path, folder)];
  const peer = middle([parse(path), parse(path), parse(path)]);
  const time = middle(own.map((run) => run.milliseconds));
  const memory = Math.max(...own.map((run) => run.memory));
  const allowed = 6 * bytes + 150e6;
  const size = `10,000 deployments, ${(bytes / 1e6).toFixed(0)} MB`;
  return [
    {
      claim: `${size}: audit to JSON (${(time / 1000).toFixed(1)} s)`,
      bar: 'own / JSON.parse <= 10',
      measured: times(time / peer),
      holds: time / peer <= 10,
    },
    {
      claim: `${size}: peak memory`,
      bar: `<= 6 x file + 150 MB = ${(allowed / 1e6).toFixed(0)} MB`,
      measured: `${(memory / 1e6).toFixed(0)} MB`,
      holds: memory <= allowed,
    },
  ];
}

function linear(folder: string): Result[] {
  const perDeployment = [1_000, 10_000, 100_000].map((count) => {
    const path = join(folder, 'estate.json');
    writeEstate(path, count);
    const start = audit(join(folder, 'one.json'), folder).milliseconds;
    return { count, microseconds: ((audit(path, folder).milliseconds - start) / count) * 1000 };
  });
  const [small, , large] = perDeployment.map(({ microseconds }) => microseconds);
  const ratio = (large ?? 0) / (small ?? 1);
  const listed = perDeployment.map(({ count, microseconds }) => `${count}: ${microseconds.toFixed(0)} us`).join(', ');
  return [
    {
      claim: `time a deployment (${listed})`,
      bar: '100,000 no more than 15 % above 1,000',
      measured: `${((ratio - 1) * 100).toFixed(0)} %`,
      holds: ratio <= 1.15,
    },
  ];
}

function oneDeployment(folder: string): Result {
  const path = join(folder, 'one.json');
  const pairs = Array.from({ length: 10 }, () => {
    const start = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    const between = performance.now();
    const done = spawnSync(process.execPath, [program, 'audit', '--file', path], { encoding: 'utf8' });
    const own = performance.now() - between;
    // The generated deployment has a fault: anything but 1 is an audit that did not take place.
    if (done.status !== 1) throw new Error(`the audit ended with ${done.status ?? done.signal}: ${done.stderr}`);
    return { node: between - start, own };
  });
  const node = middle(pairs.map((pair) => pair.node));
  const own = middle(pairs.map((pair) => pair.own));
  return {
    claim: `audit of one deployment (${own.toFixed(0)} ms; node -e 0: ${node.toFixed(0)} ms)`,
    bar: `<= 2 x node -e 0 + 150 ms = ${(2 * node + 150).toFixed(0)} ms`,
    measured: `${own.toFixed(0)} ms`,
    holds: own <= 2 * node + 150,
  };
}

function run(): Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-bench-'));
  try {
    writeFileSync(join(folder, 'one.json'), JSON.stringify({ data: deploymentResources(5) }));
    return [oneDeployment(folder), ...tenThousand(folder), ...linear(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const scale: Claim = { name: 'scale', run };
