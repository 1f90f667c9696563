import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeploymentReport, type Finding, severities, statuses } from '../../lib/audit/report.ts';
import type { OpenDrift, Transition } from '../../lib/drift/model.ts';
import type { DeploymentState } from '../../lib/drift/state.ts';
import { compare, endAll, factsOf, isOpen, type Moment, remind, statusesOf } from '../../lib/drift/transitions.ts';

function finding(requirement: string, status: Finding['status'], more: Partial<Finding> = {}): Finding {
  return {
    requirement,
    status,
    severity: 'high',
    message: `${requirement} is ${status}`,
    resource: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/rt',
    evidence: {},
    help: `docs/requirements/${requirement}.md`,
    ...more,
  };
}

function report(findings: readonly Finding[]): DeploymentReport {
  return {
    key: '/subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/a|westeurope',
    service: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/a',
    name: 'a',
    region: 'westeurope',
    role: 'primary',
    sku: 'Premium',
    mode: 'Internal',
    scope: 'in',
    subnet: null,
    routeTable: null,
    networkSecurityGroup: null,
    verdict: 'compliant',
    paths: [],
    findings: [...findings],
  };
}

let ids = 0;
function at(time: string, causes: Moment['causes'] = []): Moment {
  return { now: new Date(time), newId: () => `id-${++ids}`, causes };
}

function stateAfter(
  before: DeploymentState | undefined,
  findings: readonly Finding[],
  moment: Moment,
): DeploymentState {
  const now = report(findings);
  return {
    facts: factsOf(now),
    verdict: now.verdict,
    evaluatedAt: moment.now.toISOString(),
    statuses: statusesOf(now),
    open: compare(before, now, moment).open,
    readSet: [],
    readAt: {},
    errors: [],
  };
}

const first = at('2026-11-01T00:00:00Z');
const second = at('2026-11-01T01:00:00Z');
const short = ({ kind, requirement, from, to, since }: Transition) => ({ kind, requirement, from, to, since });

describe('a change between two evaluations', () => {
  it('opens what passed and fails', () => {
    const before = stateAfter(undefined, [finding('control-plane-route', 'pass')], first);
    const { transitions } = compare(before, report([finding('control-plane-route', 'fail')]), second);
    const since = '2026-11-01T01:00:00.000Z';
    expect(transitions.map(short)).toEqual([
      { kind: 'opened', requirement: 'control-plane-route', from: 'pass', to: 'fail', since },
    ]);
  });

  it('says nothing when nothing changed, or when only the words of the message did', () => {
    const before = stateAfter(undefined, [finding('kms-route', 'fail')], first);
    const reworded = finding('kms-route', 'fail', { message: 'other numbers' });
    expect(compare(before, report([reworded]), second).transitions).toEqual([]);
  });

  it('says that an open drift became graver, keeping since when it is open', () => {
    const before = stateAfter(undefined, [finding('control-plane-route', 'fail', { severity: 'medium' })], first);
    const { transitions, open } = compare(before, report([finding('control-plane-route', 'fail')]), second);
    expect(transitions.map(({ kind, severity }) => [kind, severity])).toEqual([['changed', 'high']]);
    expect(open[0]?.since).toBe('2026-11-01T00:00:00.000Z');
  });

  it('says that another route is to blame now', () => {
    const blame = (name: string) =>
      finding('control-plane-route', 'fail', {
        evidence: { route: { name, source: 'User', addressPrefix: '0.0.0.0/0', nextHopType: 'VirtualAppliance' } },
      });
    const before = stateAfter(undefined, [blame('default')], first);
    expect(compare(before, report([blame('default')]), second).transitions).toEqual([]);
    expect(compare(before, report([blame('other')]), second).transitions.map(({ kind }) => kind)).toEqual(['changed']);
  });

  it('resolves what passes again, with the severity that it had', () => {
    const before = stateAfter(undefined, [finding('control-plane-route', 'fail', { severity: 'critical' })], first);
    const { transitions, open } = compare(before, report([finding('control-plane-route', 'pass')]), second);
    expect(transitions.map(({ kind, severity, to }) => [kind, severity, to])).toEqual([
      ['resolved', 'critical', 'pass'],
    ]);
    expect(open).toEqual([]);
  });

  it('never shows a drift as resolved because it is not known any more', () => {
    const before = stateAfter(undefined, [finding('control-plane-route', 'fail')], first);
    const { transitions, open } = compare(before, report([finding('control-plane-route', 'unknown')]), second);
    expect(transitions.map(({ kind, to }) => [kind, to])).toEqual([['changed', 'unknown']]);
    expect(open.map(({ status }) => status)).toEqual(['unknown']);
  });

  it('opens what passed and is not known any more, where that decides the verdict', () => {
    const before = stateAfter(undefined, [finding('nsg-attached', 'pass'), finding('firewall-smtp', 'pass')], first);
    const after = [finding('nsg-attached', 'unknown'), finding('firewall-smtp', 'unknown', { severity: 'info' })];
    const { transitions } = compare(before, report(after), second);
    expect(transitions.map(({ kind, requirement }) => [kind, requirement])).toEqual([['opened', 'nsg-attached']]);
  });

  it('resolves what was exempted', () => {
    const before = stateAfter(undefined, [finding('kms-route', 'fail')], first);
    const { transitions } = compare(before, report([finding('kms-route', 'exempt')]), second);
    expect(transitions.map(({ kind, to }) => [kind, to])).toEqual([['resolved', 'exempt']]);
  });

  it('resolves what is demanded no more, without a fix for what is right', () => {
    const fix = { summary: 'Add a route.', azureCli: 'az', bicep: '' };
    const before = stateAfter(undefined, [finding('client-routes', 'fail', { fix, impact: 'all' })], first);
    const [resolved] = compare(before, report([]), second).transitions;
    expect(resolved?.to).toBe('notApplicable');
    expect(resolved?.finding).not.toHaveProperty('fix');
  });

  it('names the latest causes first and counts those left out', () => {
    const causes = Array.from({ length: 12 }, (_, minute) => ({
      eventId: `e${minute}`,
      resourceId: '/x',
      operation: 'Microsoft.Network/routeTables/routes/delete',
      time: `2026-11-01T00:${String(minute).padStart(2, '0')}:00Z`,
    }));
    const [opened] = compare(
      undefined,
      report([finding('kms-route', 'fail')]),
      at('2026-11-01T02:00:00Z', causes),
    ).transitions;
    expect(opened?.causes.map(({ eventId }) => eventId).slice(0, 2)).toEqual(['e11', 'e10']);
    expect([opened?.causes.length, opened?.moreCauses]).toEqual([10, 2]);
  });

  it('ends all that is open with the deployment', () => {
    const before = stateAfter(undefined, [finding('kms-route', 'fail'), finding('nsg-attached', 'pass')], first);
    expect(endAll(before, second).map(({ kind, requirement }) => [kind, requirement])).toEqual([
      ['resolved', 'kms-route'],
    ]);
  });
});

describe('a reminder', () => {
  it('comes once the drift was not spoken of for so long, and then not before as long again', () => {
    const before = stateAfter(undefined, [finding('kms-route', 'fail')], first);
    const early = remind(before, new Date('2026-10-31T23:59:59Z'), second);
    expect(early.transitions).toEqual([]);
    const due = remind(before, new Date('2026-11-01T00:00:00Z'), second);
    expect(due.transitions.map(({ kind, since }) => [kind, since])).toEqual([['reminder', '2026-11-01T00:00:00.000Z']]);
    const again = remind({ ...before, open: due.open }, new Date('2026-11-01T00:30:00Z'), second);
    expect(again.transitions).toEqual([]);
  });
});

const anyFindings = fc.uniqueArray(
  fc.record({
    requirement: fc.constantFrom('a', 'b', 'c', 'd'),
    status: fc.constantFrom(...statuses),
    severity: fc.constantFrom(...severities),
  }),
  { selector: ({ requirement }) => requirement },
);

/** What somebody who reads every alert believes. */
function replay(believed: Map<string, string>, transitions: readonly Transition[]): void {
  for (const { kind, requirement, to, severity } of transitions) {
    if (kind === 'resolved') believed.delete(requirement);
    else believed.set(requirement, `${to} ${severity}`);
  }
}

describe('the stream of alerts', () => {
  it('replays to exactly what is open, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(anyFindings, { maxLength: 8 }), (evaluations) => {
        let state: DeploymentState | undefined;
        const believed = new Map<string, string>();
        for (const each of evaluations) {
          const findings = each.map(({ requirement, status, severity }) => finding(requirement, status, { severity }));
          const { transitions, open } = compare(state, report(findings), second);
          state = stateAfter(state, findings, second);
          replay(believed, transitions);
          const truth = findings
            .filter(isOpen)
            .map(({ requirement, status, severity }) => [requirement, `${status} ${severity}`]);
          expect(Object.fromEntries(believed)).toEqual(Object.fromEntries(truth));
          expect(open.map((drift: OpenDrift) => drift.requirement).sort()).toEqual([...believed.keys()].sort());
        }
      }),
    );
  });
});
