/** `tunnelwatch audit`: an estate in, a report out, the verdict as exit code. */
import { auditEstate } from '../lib/audit/audit.ts';
import { isAtLeast, type Report, type Severity } from '../lib/audit/report.ts';
import type { Estate } from '../lib/network/model.ts';
import { formats } from '../lib/report/index.ts';
import { exitCode, UsageError, warn } from './exit.ts';
import { type EstateOptions, readInput, readPolicy, readTags } from './input.ts';
import { wantsColour, writeOut } from './output.ts';
import { progressLine } from './progress.ts';

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

/** Where each resource was read: for SARIF's physical locations. */
function locator(estate: Estate): (id: string) => { file: string; line?: number } | undefined {
  const maps = [
    estate.subnets,
    estate.routeTables,
    estate.networkSecurityGroups,
    estate.azureFirewalls,
    estate.firewallPolicies,
  ];
  const services = new Map(estate.services.map((service) => [service.id.toLowerCase(), service]));
  return (id) => {
    const key = id.toLowerCase();
    const origin = [services, ...maps].map((map) => map.get(key)?.origin).find((found) => found !== undefined);
    const file = origin && estate.sources[origin.source]?.name;
    return file === undefined || origin === undefined
      ? undefined
      : { file, ...(origin.line !== undefined && { line: origin.line }) };
  };
}

/** @returns the exit code @throws errors of input and usage, which the caller prints */
export async function runAudit(options: AuditCommandOptions, toolVersion: string): Promise<number> {
  const format = formats.find((each) => each.name === options.format.toLowerCase());
  if (!format) {
    throw new UsageError(
      `--format "${options.format}" is not known; one of ${formats.map((each) => each.name).join(', ')}`,
    );
  }
  const [policy, tagsFor] = await Promise.all([readPolicy(options.policy), readTags(options.serviceTags)]);
  const estate = await readInput(options);
  warnIfEmpty(estate);
  const report = auditEstate(estate, { tagsFor, policy, now: new Date(), onProgress: progressLine() });
  const formatter = await format.load();
  const toTerminal = options.output === undefined && process.stdout.isTTY === true;
  const context = {
    width: Math.min(160, Math.max(80, process.stdout.columns ?? 100)),
    colour: wantsColour(toTerminal),
    toolVersion,
    locate: locator(estate),
  };
  await writeOut(formatter(report, context), options.output);
  return hasFailed(report, options) ? exitCode.findings : exitCode.ok;
}
