/** `tunnelwatch audit`: an estate in, a report out, the verdict as exit code. */
import { isAbsolute, relative } from 'node:path';
import { auditEstate } from '../lib/audit/audit.ts';
import { isAtLeast, type Report, type Severity } from '../lib/audit/report.ts';
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

/** Whether the report asks for exit code 1. */
function hasFailed(report: Report, options: AuditCommandOptions): boolean {
  const { failOn } = options;
  if (options.strict === true && report.summary.unknown > 0) return true;
  if (failOn === 'never') return false;
  return report.deployments.some((deployment) =>
    deployment.findings.some((finding) => finding.status === 'fail' && isAtLeast(finding.severity, failOn)),
  );
}

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
  const estate = await readInput(options);
  warnIfEmpty(estate);
  const report = auditEstate(estate, { tagsFor, policy, now: new Date(), onProgress: progressOf(deployments) });
  const formatter = await format.load();
  const toTerminal = options.output === undefined && process.stdout.isTTY === true;
  const context = {
    width: terminalWidth(),
    colour: wantsColour(toTerminal),
    toolVersion,
    locate: locator(estate),
  };
  // Set before the report is written: a reader that stops early does not change the verdict.
  process.exitCode = hasFailed(report, options) ? exitCode.findings : exitCode.ok;
  await writeOut(formatter(report, context), options.output);
}
