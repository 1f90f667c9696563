/** `Microsoft.Network/networkSecurityGroups` and its rules; singular and plural members are joined. */
import type { NetworkSecurityGroup, SecurityRule } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, propertiesOf } from '../fields.ts';
import { childHead, type Head } from './head.ts';

export function readSecurityRule(raw: Fields): SecurityRule {
  const reader = new FieldReader(propertiesOf(raw));
  return defined({
    ...childHead(raw),
    priority: reader.number('priority'),
    direction: reader.text('direction') ?? '',
    access: reader.text('access') ?? '',
    protocol: reader.text('protocol') ?? '',
    sourceAddressPrefixes: reader.joined('sourceAddressPrefix', 'sourceAddressPrefixes'),
    sourcePortRanges: reader.joined('sourcePortRange', 'sourcePortRanges'),
    sourceApplicationSecurityGroupIds: reader.references('sourceApplicationSecurityGroups'),
    destinationAddressPrefixes: reader.joined('destinationAddressPrefix', 'destinationAddressPrefixes'),
    destinationPortRanges: reader.joined('destinationPortRange', 'destinationPortRanges'),
    destinationApplicationSecurityGroupIds: reader.references('destinationApplicationSecurityGroups'),
    ...reader.problems(),
  });
}

export function readSecurityGroup(raw: Fields, head: Head): NetworkSecurityGroup {
  const reader = new FieldReader(propertiesOf(raw));
  const group = {
    ...head,
    provisioningState: reader.text('provisioningState'),
    securityRules: reader.records('securityRules', readSecurityRule),
  };
  reader.demand(raw, 'securityRules');
  return defined({ ...group, ...reader.problems() });
}
