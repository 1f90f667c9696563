/** What changed beside Azure, in words: only what did, and nothing of what older code did not keep. */
import { expect, it } from 'vitest';
import type { Finding } from '../../lib/audit/report.ts';
import { type Basis, reasonsOf } from '../../lib/drift/basis.ts';
import type { DeploymentState } from '../../lib/drift/state.ts';
import { defaultPolicy } from '../../lib/policy/policy.ts';
import { basisOf } from '../../lib/watch/basis.ts';

const facts = {
  service: '/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/a',
  subnet: null,
};
const tags = { cloud: 'Public', changeNumber: 89 };
const finding = { requirement: 'sql-path', status: 'fail', severity: 'high', evidence: {} } as unknown as Finding;
const stateWith = (basis: Basis | undefined, status = 'pass') =>
  ({ statuses: { 'sql-path': { status, severity: 'high' } }, ...(basis && { basis }) }) as unknown as DeploymentState;
const basis = basisOf(facts, defaultPolicy, tags);

it('nothing is said where nothing changed, of a first sight, and of what was not kept', () => {
  expect(reasonsOf(stateWith(basis), finding, basisOf(facts, { ...defaultPolicy }, tags))).toEqual([]);
  expect(reasonsOf(undefined, finding, basis)).toEqual([]);
  expect(reasonsOf(stateWith(undefined), finding, basis)).toEqual([]);
});

it('other service tags are named with both change numbers', () => {
  const now = basisOf(facts, defaultPolicy, { ...tags, changeNumber: 90 });
  expect(reasonsOf(stateWith(basis), finding, now)).toEqual([
    'the service tags changed: Public, change 89 -> Public, change 90',
  ]);
});

it('a policy that changed elsewhere is none for this deployment', () => {
  const override = { scope: '/subscriptions/other', clients: ['10.0.0.0/8'] };
  expect(
    reasonsOf(stateWith(basis), finding, basisOf(facts, { ...defaultPolicy, overrides: [override] }, tags)),
  ).toEqual([]);
  const own = { ...override, scope: '/SUBSCRIPTIONS/S' };
  expect(reasonsOf(stateWith(basis), finding, basisOf(facts, { ...defaultPolicy, overrides: [own] }, tags))).toEqual([
    'the policy changed; clients added: 10.0.0.0/8',
  ]);
});

it('an exemption that was taken back is told from one that expired', () => {
  expect(reasonsOf(stateWith(basis, 'exempt'), finding, basis)).toEqual(['the policy exempts it no more']);
  const exemption = { category: 'waiver', reason: 'r', expiresOn: '2026-01-01', expired: true };
  const expired = { ...finding, evidence: { exemption } } as unknown as Finding;
  expect(reasonsOf(stateWith(basis, 'exempt'), expired, basis)).toEqual(['its exemption expired on 2026-01-01: r']);
});
