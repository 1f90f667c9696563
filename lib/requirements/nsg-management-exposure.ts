/** Nobody but the platform reaches the management endpoint. */
import { difference, fromPrefixes, isEmpty, union, wholeSpace } from '../address/interval-set.ts';
import { decidingRule, type FlowSet, filterSecurityGroup } from '../network/security-group.ts';
import { controlPlaneTag } from './dependency.ts';
import { planNarrowManagement } from './fix/plan-security-rules.ts';
import { counterexample, pass, rangesText, unknown } from './outcome.ts';
import type { Requirement } from './requirement.ts';
import { isAdminRule, type SeenGroup, tagSets, withoutGroup } from './security-group.ts';

/** The address behind the AzureLoadBalancer tag (Microsoft Learn, "What is IP address 168.63.129.16?"). */
const loadBalancer = fromPrefixes(['168.63.129.16/32']);

export const nsgManagementExposure: Requirement = {
  id: 'nsg-management-exposure',
  severity: 'high',
  needsTunnel: false,
  title: 'Nobody else may reach port 3443',
  demand: 'Nothing wider than ApiManagement, VirtualNetwork and AzureLoadBalancer reaches TCP 3443.',
  impact: 'The management endpoint is open to addresses that have no business there.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const tag = tagSets(situation, [{ base: controlPlaneTag }]);
    if ('status' in tag) return tag;
    const { group, compiled } = situation.securityGroup as SeenGroup;
    const virtualNetwork = situation.routing?.virtualNetworkSpace ?? situation.localAddresses;
    const approved = union(union(tag.set, virtualNetwork), loadBalancer);
    const flow: FlowSet = {
      direction: 'Inbound',
      protocol: 'Tcp',
      port: 3443,
      remote: difference(wholeSpace, approved),
      local: situation.localAddresses,
    };
    const verdict = filterSecurityGroup(compiled, flow);
    if (!isEmpty(verdict.reachable)) {
      const rule = decidingRule(compiled, flow, verdict.reachable.bounds[0] as number, 'Allow');
      return {
        status: 'fail',
        message: `${group.name} lets ${rangesText(verdict.reachable)} reach tcp/3443${rule ? ` by rule "${rule.name}"` : ''}.`,
        resource: group.id,
        evidence: { ...(rule && { rule }), counterexample: counterexample(verdict.reachable, 'tcp/3443') },
        ...(!isAdminRule(rule) && { fix: () => planNarrowManagement(situation, group) }),
      };
    }
    if (!isEmpty(verdict.possiblyReachable)) {
      return unknown(
        `Whether ${group.name} lets ${rangesText(verdict.possiblyReachable)} reach tcp/3443 cannot be said.`,
        verdict.notSeen,
        group.id,
      );
    }
    return pass('Only the platform and the virtual network reach tcp/3443.', group.id);
  },
};
