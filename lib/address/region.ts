/** Region names: API Management says `West Europe`, network resources `westeurope`, tags `WestEurope`. One spelling. */

/** Lower case, letters and digits only: `West US 2` -> `westus2`, `eastus2(stage)` -> `eastus2stage`. */
export function normaliseRegion(region: string): string {
  return region.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export type Cloud = 'Public' | 'AzureGovernment' | 'China';

/** The cloud that a region belongs to, by the prefixes that Microsoft gives the names of sovereign regions. */
export function cloudOfRegion(region: string): Cloud {
  const name = normaliseRegion(region);
  if (name.startsWith('usgov') || name.startsWith('usdod')) return 'AzureGovernment';
  if (name.startsWith('china')) return 'China';
  return 'Public';
}
