/** The subnet has a security group: the load balancer of the platform rejects inbound traffic without one. */
import { planNewSecurityGroup } from './fix/plan-security-rules.ts';
import { pass, unknown } from './outcome.ts';
import type { Requirement } from './requirement.ts';

export const nsgAttached: Requirement = {
  id: 'nsg-attached',
  severity: 'critical',
  needsTunnel: false,
  title: 'The subnet has a network security group',
  demand: 'A network security group is attached to the subnet.',
  impact:
    "The platform's Standard load balancer rejects all inbound traffic: the gateway and its management endpoint are unreachable.",
  check: (situation) => {
    const { subnet, notSeen } = situation;
    if (!subnet) return unknown('The subnet cannot be seen.', notSeen);
    if (subnet.networkSecurityGroupId !== undefined) {
      return pass('A network security group is attached.', subnet.id);
    }
    const unresolved = subnet.unresolved?.networkSecurityGroup;
    if (unresolved !== undefined) {
      return unknown(
        'Whether a network security group is attached cannot be seen.',
        [`networkSecurityGroup: ${unresolved}`],
        subnet.id,
      );
    }
    return {
      status: 'fail',
      message: 'The subnet has no network security group.',
      resource: subnet.id,
      fix: () => planNewSecurityGroup(situation),
    };
  },
};
