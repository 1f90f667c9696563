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
  if (problem !== undefined) {
    reader.unresolved.subnetId = problem;
    return undefined;
  }
  return id;
}

function skuOf(reader: FieldReader): string | undefined {
  const sku = reader.record('sku');
  return sku && new FieldReader(sku).text('name');
}

function additionalLocation(raw: Fields): AdditionalLocation {
  const reader = new FieldReader(raw);
  return defined({
    location: reader.text('location') ?? '',
    skuName: skuOf(reader),
    subnetId: subnetOf(reader),
    platformVersion: reader.text('platformVersion'),
    ...reader.problems(),
  });
}

export function readService(raw: Fields, head: Head): ApiManagementService {
  const reader = new FieldReader(propertiesOf(raw));
  const top = new FieldReader(raw);
  return defined({
    ...head,
    skuName: skuOf(top) ?? skuOf(reader),
    virtualNetworkType: reader.text('virtualNetworkType'),
    subnetId: subnetOf(reader),
    platformVersion: reader.text('platformVersion'),
    provisioningState: reader.text('provisioningState'),
    additionalLocations: reader.records('additionalLocations').map(additionalLocation),
    ...reader.problems(),
  });
}
