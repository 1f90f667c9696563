/** `Microsoft.Network/routeTables` and its routes. */
import type { Route, RouteTable } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, propertiesOf } from '../fields.ts';
import { childHead, type Head } from './head.ts';

export function readRoute(raw: Fields): Route {
  const reader = new FieldReader(propertiesOf(raw));
  const addressPrefix = reader.text('addressPrefix');
  const nextHopType = reader.text('nextHopType');
  if (addressPrefix === undefined) reader.unresolved.addressPrefix ??= 'is missing';
  if (nextHopType === undefined) reader.unresolved.nextHopType ??= 'is missing';
  return defined({
    ...childHead(raw),
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
  const table = {
    ...head,
    provisioningState: reader.text('provisioningState'),
    disableBgpRoutePropagation: reader.flag('disableBgpRoutePropagation'),
    routes: reader.records('routes', readRoute),
  };
  reader.demand(raw, 'disableBgpRoutePropagation', 'routes');
  return defined({ ...table, ...reader.problems() });
}
