/** `Microsoft.Network/ipGroups`. */
import type { IpGroup } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

export function readIpGroup(raw: Fields, head: Head): IpGroup {
  const reader = new FieldReader(propertiesOf(raw));
  return defined({
    ...head,
    provisioningState: reader.text('provisioningState'),
    ipAddresses: reader.texts('ipAddresses'),
    ...reader.problems(),
  });
}
