/** `Microsoft.ApiManagement/service` as Resource Manager or `az apim show` gives it. */
import { type AdditionalLocation, type ApiManagementService, isExpression } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, own, propertiesOf } from '../fields.ts';
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

/** An odd mode stays odd: as absent it would take the service out of scope. */
function modeOf(reader: FieldReader, fields: Fields): string | undefined {
  const mode = reader.text('virtualNetworkType');
  if (reader.unresolved.virtualNetworkType === undefined) return mode;
  return JSON.stringify(own(fields, 'virtualNetworkType'));
}

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
  const properties = propertiesOf(raw);
  const reader = new FieldReader(properties);
  const top = new FieldReader(raw);
  const skuName = skuOf(top);
  reader.adopt('sku', top);
  return defined({
    ...head,
    skuName: skuName ?? skuOf(reader),
    virtualNetworkType: modeOf(reader, properties),
    subnetId: subnetOf(reader),
    platformVersion: reader.text('platformVersion'),
    provisioningState: reader.text('provisioningState'),
    additionalLocations: reader.records('additionalLocations', additionalLocation),
    ...reader.problems(),
  });
}
