/** `tunnelwatch audit`: an estate in, a report out, the verdict as exit code. */
import { isAbsolute, relative } from 'node:path';
import { type StreamedReport, streamAudit } from '../lib/audit/audit.ts';
import { type DeploymentReport, isAtLeast, type Report, type Severity } from '../lib/audit/report.ts';
import type { Estate, Origin } from '../lib/network/model.ts';
import type { FormatContext } from '../lib/report/format.ts';
import { formats } from '../lib/report/index.ts';
import { exitCode, UsageError, warn } from './exit.ts';
import { type EstateOptions, readInput, readPolicy, readTags } from './input.ts';
import { terminalWidth, wantsColour, writeOut } from './output.ts';
import { deployments, progressOf } from './progress.ts';

interface AuditCommandOptions extends EstateOptions {
  readonly serviceTags?: string;
  readonly policy?: string;
  readonly format: string;
  readonly output?: string;
  readonly failOn: Severity | 'never';
  readonly strict?: boolean;
}

/** Whether a deployment asks for exit code 1. */
function hasFailed({ verdict, findings }: DeploymentReport, { failOn, strict }: AuditCommandOptions): boolean {
  if (strict === true && verdict === 'unknown') return true;
  if (failOn === 'never') return false;
  return findings.some(({ status, severity }) => status === 'fail' && isAtLeast(severity, failOn));
}

/** The same report; the exit code follows its deployments as they go by. */
function watched(report: StreamedReport, options: AuditCommandOptions): StreamedReport {
  function* deployments(): Iterable<DeploymentReport> {
    for (const deployment of report.deployments) {
      if (hasFailed(deployment, options)) process.exitCode = exitCode.findings;
      yield deployment;
    }
  }
  return { ...report, deployments: deployments() };
}

/**
 * Above this many services a report is not held as a whole where its format allows. Below it is, so that a reader who
 * stops early does not change the exit code.
 */
const streamedFrom = 1000;

function warnIfEmpty(estate: Estate): void {
  if (estate.services.length > 0) return;
  const found = [...estate.resourceCounts].sort((a, b) => b[1] - a[1]).slice(0, 5);
  const seen = found.length === 0 ? 'no resource at all' : found.map(([type, count]) => `${count} ${type}`).join(', ');
  warn(`no API Management service in the input; it holds ${seen}`);
}

/** From the working directory, as code scanning wants it; a file elsewhere keeps its whole path. */
function relativePath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

/** Where each resource was read, or what it is part of: for SARIF's physical locations. */
function locator(estate: Estate): FormatContext['locate'] {
  const services = new Map(estate.services.map((service) => [service.id.toLowerCase(), service]));
  const maps: readonly ReadonlyMap<string, { readonly origin?: Origin }>[] = [
    services,
    estate.subnets,
    estate.routeTables,
    estate.networkSecurityGroups,
    estate.azureFirewalls,
    estate.firewallPolicies,
    estate.virtualNetworks,
    estate.ipGroups,
  ];
  return (id) => {
    for (let key = id.toLowerCase(); key !== ''; key = key.slice(0, key.lastIndexOf('/'))) {
      const origin = maps.map((map) => map.get(key)?.origin).find((found) => found !== undefined);
      const file = origin && estate.sources[origin.source]?.name;
      if (file !== undefined) return { file: relativePath(file), line: origin?.line };
      if (!key.includes('/')) break;
    }
    return undefined;
  };
}

/** Leaves its verdict in the exit code. @throws errors of input and usage, which the caller prints */
export async function runAudit(options: AuditCommandOptions, toolVersion: string): Promise<void> {
  const format = formats.find((each) => each.name === options.format.toLowerCase());
  if (!format) {
    throw new UsageError(
      `--format "${options.format}" is not known; one of ${formats.map((each) => each.name).join(', ')}`,
    );
  }
  const [policy, tagsFor] = await Promise.all([readPolicy(options.policy), readTags(options.serviceTags)]);
  const estate = await readInput(options.file.length > 0 ? options : { dependencies: 'list', ...options });
  warnIfEmpty(estate);
  const auditOptions = {
    tagsFor,
    policy,
    now: new Date(),
    onProgress: progressOf(deployments),
    addressSpace: format.drawsAddressSpace === true,
  };
  process.exitCode = exitCode.ok;
  const stream = watched(streamAudit(estate, auditOptions), options);
  const toTerminal = options.output === undefined && process.stdout.isTTY === true;
  const context = {
    width: terminalWidth(),
    colour: wantsColour(toTerminal),
    toolVersion,
    locate: locator(estate),
  };
  const whole = (): Report => ({ ...stream, deployments: [...stream.deployments] });
  const chunks =
    format.takes === 'stream'
      ? (await format.load())(estate.services.length > streamedFrom ? stream : whole(), context)
      : (await format.load())(whole(), context);
  await writeOut(chunks, options.output);
}
