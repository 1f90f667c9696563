/** `Microsoft.ApiManagement/service` as Resource Manager or `az apim show` gives it. */
import { type AdditionalLocation, type ApiManagementService, isExpression } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

/** The subnet that a `virtualNetworkConfiguration` names; an expression counts as not known. */
function subnetOf(reader: FieldReader): string | undefined {
  const configuration = reader.record('virtualNetworkConfiguration');
  if (reader.unresolved.virtualNetworkConfiguration !== undefined) {
    reader.unresolved.subnetId = reader.unresolved.virtualNetworkConfiguration;
  }
  if (!configuration) return undefined;
  const inner = new FieldReader(configuration);
  const id = inner.text('subnetResourceId');
  const problem =
    id !== undefined && isExpression(id) ? `expression "${id}" was not evaluated` : inner.unresolved.subnetResourceId;
  if (problem === undefined) return id;
  reader.unresolved.subnetId = problem;
  return undefined;
}

function skuOf(reader: FieldReader): string | undefined {
  const sku = reader.record('sku');
  if (!sku) return undefined;
  const inner = new FieldReader(sku);
  const name = inner.text('name');
  reader.adopt('sku', inner);
  return name;
}

/** A mode that is not known is called so: as absent it would take the service out of scope. */
const unknownMode = 'unknown';

function additionalLocation(raw: Fields): AdditionalLocation {
  const reader = new FieldReader(raw);
  const location = reader.text('location');
  if (location === undefined) reader.unresolved.location ??= 'is missing';
  return defined({
    location: location ?? '',
    skuName: skuOf(reader),
    subnetId: subnetOf(reader),
    platformVersion: reader.text('platformVersion'),
    ...reader.problems(),
  });
}

export function readService(raw: Fields, head: Head): ApiManagementService {
  const reader = new FieldReader(propertiesOf(raw));
  const top = new FieldReader(raw);
  const skuName = skuOf(top);
  reader.adopt('sku', top);
  const service = {
    ...head,
    skuName: skuName ?? skuOf(reader),
    virtualNetworkType: reader.text('virtualNetworkType'),
    subnetId: subnetOf(reader),
    platformVersion: reader.text('platformVersion'),
    provisioningState: reader.text('provisioningState'),
    additionalLocations: reader.records('additionalLocations', additionalLocation),
  };
  reader.demand(raw, 'virtualNetworkType', 'subnetId', 'additionalLocations');
  const virtualNetworkType = 'virtualNetworkType' in reader.unresolved ? unknownMode : service.virtualNetworkType;
  return defined({ ...service, virtualNetworkType, ...reader.problems() });
}
