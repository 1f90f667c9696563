/** `Microsoft.Network/routeTables` and its routes. */
import type { Route, RouteTable } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, own, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

export function readRoute(raw: Fields): Route {
  const reader = new FieldReader(propertiesOf(raw));
  const id = own(raw, 'id');
  const name = own(raw, 'name');
  const addressPrefix = reader.text('addressPrefix');
  const nextHopType = reader.text('nextHopType');
  if (addressPrefix === undefined) reader.unresolved.addressPrefix ??= 'is missing';
  if (nextHopType === undefined) reader.unresolved.nextHopType ??= 'is missing';
  return defined({
    name: typeof name === 'string' ? (name.split('/').at(-1) ?? '') : '',
    id: typeof id === 'string' ? id : undefined,
    addressPrefix: addressPrefix ?? '',
    nextHopType: nextHopType ?? '',
    nextHopIpAddress: reader.text('nextHopIpAddress'),
    hasBgpOverride: reader.flag('hasBgpOverride'),
    provisioningState: reader.text('provisioningState'),
    ...reader.problems(),
  });
}

export function readRouteTable(raw: Fields, head: Head): RouteTable {
  const reader = new FieldReader(propertiesOf(raw));
  return defined({
    ...head,
    provisioningState: reader.text('provisioningState'),
    disableBgpRoutePropagation: reader.flag('disableBgpRoutePropagation'),
    routes: reader.records('routes').map(readRoute),
    ...reader.problems(),
  });
}
