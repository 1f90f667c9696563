/**
 * The report as SARIF 2.1.0 (OASIS), for code scanning: results point at resources by id, and at the line of the input
 * file where they were read. At most 25,000 results a run, GitHub's limit.
 */
import type { Location, Notification, ReportingDescriptor, Result, Run } from 'sarif';
import type { DeploymentReport, Finding, Report, Severity } from '../audit/report.ts';
import { catalogue } from '../requirements/catalogue.ts';
import { helpOf, type Requirement } from '../requirements/requirement.ts';
import type { FormatContext } from './format.ts';
import { oneLine, plural } from './text.ts';

const schema = 'https://json.schemastore.org/sarif-2.1.0.json';
const repository = 'https://github.com/tunnelwatch/tunnelwatch';
const resultsInRun = 25_000;
/** Passes tell little in code scanning, and a large estate has many. */
const resultsWithPasses = 5_000;

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** GitHub's scale: over 9.0 critical, 7.0 high, 4.0 medium. */
const securitySeverity: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
};

function rule(requirement: Requirement): ReportingDescriptor {
  const { id, title, demand, impact, severity } = requirement;
  const help = `${demand} Without it: ${impact}`;
  return {
    id,
    name: title.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? ''),
    shortDescription: { text: title },
    fullDescription: { text: demand },
    help: { text: help, markdown: `${demand}\n\n**Without it:** ${impact}` },
    helpUri: `${repository}/blob/main/${helpOf(id)}`,
    defaultConfiguration: { level: levels[severity] },
    properties: { 'security-severity': securitySeverity[severity], tags: ['azure', 'network', 'api-management'] },
  };
}

const ruleIndexes = new Map(catalogue.map(({ id }, index) => [id, index]));

/** `azure/<subscription>/<group>/<type>/<name>`: a path for resources that were not read from a file. */
function virtualPath(id: string): string {
  const segments = id.split('/').filter((segment) => segment !== '');
  const after = (word: string): string | undefined => {
    const index = segments.findIndex((segment) => segment.toLowerCase() === word);
    return index < 0 ? undefined : segments[index + 1];
  };
  const provider = segments.findIndex((segment) => segment.toLowerCase() === 'providers');
  const tail = provider < 0 ? segments : segments.slice(provider + 1);
  const parts = ['azure', after('subscriptions') ?? 'unknown', after('resourcegroups') ?? 'unknown', ...tail];
  return uri(parts.join('/'));
}

/** A relative reference, also on Windows; lone surrogates have no encoding. */
function uri(path: string): string {
  return path
    .toWellFormed()
    .replaceAll('\\', '/')
    .replace(/^(?:[A-Za-z]:)?\/+/, '')
    .split('/')
    .map((segment) => encodeURIComponent(segment))
    .join('/');
}

function location(finding: Finding, context: FormatContext): Location {
  const found = context.locate(finding.resource);
  return {
    physicalLocation: {
      artifactLocation: { uri: found ? uri(found.file) : virtualPath(finding.resource) },
      region: { startLine: found?.line ?? 1 },
    },
    logicalLocations: [{ fullyQualifiedName: oneLine(finding.resource), kind: 'resource' }],
  };
}

function message(deployment: DeploymentReport, finding: Finding): string {
  const example = finding.evidence.counterexample;
  const proof = example ? ` Counterexample: ${example.addressPrefix}${example.port ? ` ${example.port}` : ''}.` : '';
  const observed = finding.evidence.observed ? ` Observed: ${finding.evidence.observed}.` : '';
  const listed = finding.evidence.listed ? ` Listed by Azure: ${finding.evidence.listed}.` : '';
  const wait = finding.evidence.notSeen?.length ? ` Waits for: ${finding.evidence.notSeen.join('; ')}.` : '';
  return oneLine(`${deployment.name} (${deployment.region}): ${finding.message}${proof}${observed}${listed}${wait}`);
}

function result(deployment: DeploymentReport, finding: Finding, context: FormatContext): Result | undefined {
  const base = {
    ruleId: finding.requirement,
    ...(ruleIndexes.has(finding.requirement) && { ruleIndex: ruleIndexes.get(finding.requirement) }),
    message: { text: message(deployment, finding) },
    locations: [location(finding, context)],
    partialFingerprints: { 'requirementAndDeployment/v1': `${finding.requirement}|${deployment.key}` },
  };
  const { fix, impact, severity } = finding;
  const properties = { severity, ...(impact && { impact }), ...(fix && { fix }) };
  switch (finding.status) {
    case 'fail':
      return { ...base, kind: 'fail', level: levels[severity], properties };
    case 'exempt': {
      const { exemption } = finding.evidence;
      const justification = `${exemption?.category ?? ''}: ${exemption?.reason ?? ''}`;
      return {
        ...base,
        kind: 'fail',
        level: levels[severity],
        properties,
        suppressions: [{ kind: 'external', status: 'accepted', justification: oneLine(justification) }],
      };
    }
    case 'unknown':
      return { ...base, kind: 'open', level: 'none', properties };
    case 'pass':
      return { ...base, kind: 'pass', level: 'none' };
    case 'notApplicable':
      return undefined;
  }
}

/** Statuses that become results: passes only while they are few. */
function listed({ summary: { findings } }: Report): ReadonlySet<Finding['status']> {
  const withPasses = findings.pass + findings.fail + findings.unknown + findings.exempt < resultsWithPasses;
  return new Set(['fail', 'unknown', 'exempt', ...(withPasses ? (['pass'] as const) : [])]);
}

function* results(report: Report, context: FormatContext): Iterable<Result> {
  const statuses = listed(report);
  for (const deployment of report.deployments) {
    for (const finding of deployment.findings) {
      const each = statuses.has(finding.status) ? result(deployment, finding, context) : undefined;
      if (each) yield each;
    }
  }
}

/** What the reader should know: reads that failed, passes that are left out, results that stand in several runs. */
function notifications(report: Report): Notification[] {
  const statuses = listed(report);
  const { findings } = report.summary;
  const total = [...statuses].reduce((sum, status) => sum + findings[status], 0);
  const notes = [
    ...(statuses.has('pass') ? [] : [`${plural(findings.pass, 'pass', 'passes')} left out: there are too many`]),
    ...(total > resultsInRun
      ? [`${plural(total, 'result')} in ${Math.ceil(total / resultsInRun)} runs of at most ${resultsInRun}`]
      : []),
  ];
  return [
    ...report.errors.map(({ resource, message }): Notification => {
      return { level: 'warning', message: { text: oneLine(`${resource}: ${message}`) } };
    }),
    ...notes.map((text): Notification => ({ level: 'note', message: { text } })),
  ];
}

/** What stands in a run beside its results. */
function runHead(report: Report, context: FormatContext, index: number): Omit<Run, 'results'> {
  return {
    tool: {
      driver: {
        name: 'tunnelwatch',
        semanticVersion: context.toolVersion,
        informationUri: repository,
        rules: catalogue.map(rule),
      },
    },
    automationDetails: { id: `tunnelwatch/${index === 0 ? '' : `${index + 1}/`}` },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: true,
        endTimeUtc: report.generatedAt,
        toolExecutionNotifications: index === 0 ? notifications(report) : [],
      },
    ],
  };
}

export function* toSarif(report: Report, context: FormatContext): Iterable<string> {
  yield `{"$schema":"${schema}","version":"2.1.0","runs":[`;
  let inRun = 0;
  let runs = 0;
  const open = (): string =>
    `${runs > 0 ? ',' : ''}\n${JSON.stringify(runHead(report, context, runs++)).slice(0, -1)},"results":[`;
  yield open();
  for (const each of results(report, context)) {
    if (inRun === resultsInRun) {
      yield `]}${open()}`;
      inRun = 0;
    }
    yield `${inRun > 0 ? ',' : ''}\n${JSON.stringify(each)}`;
    inRun++;
  }
  yield ']}\n]}\n';
}
