/** `Microsoft.Network/ipGroups`. */
import type { IpGroup } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

export function readIpGroup(raw: Fields, head: Head): IpGroup {
  const reader = new FieldReader(propertiesOf(raw));
  const group = {
    ...head,
    provisioningState: reader.text('provisioningState'),
    ipAddresses: reader.texts('ipAddresses'),
  };
  reader.demand(raw, 'ipAddresses');
  return defined({ ...group, ...reader.problems() });
}
