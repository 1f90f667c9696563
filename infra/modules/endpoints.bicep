// Private endpoints of the storage account and the key vault, and the names under which they are found.
param namePrefix string
param location string
param tags object
param endpointSubnetId string
@description('The network in which the names are to be found; empty: somebody else writes the records.')
param zoneNetworkId string
param storageAccountId string
param vaultId string

var storageSuffix = environment().suffixes.storage
// The suffix begins with ".vault."; the private zone of it says "vaultcore" instead.
var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
var endpoints = [
  { name: 'blob', resource: storageAccountId, group: 'blob', zone: 'privatelink.blob.${storageSuffix}' }
  { name: 'queue', resource: storageAccountId, group: 'queue', zone: 'privatelink.queue.${storageSuffix}' }
  { name: 'table', resource: storageAccountId, group: 'table', zone: 'privatelink.table.${storageSuffix}' }
  { name: 'vault', resource: vaultId, group: 'vault', zone: vaultZone }
]
var makesZones = !empty(zoneNetworkId)

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for each in endpoints: {
    name: 'pe-${namePrefix}-${each.name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: endpointSubnetId }
      privateLinkServiceConnections: [
        { name: each.name, properties: { privateLinkServiceId: each.resource, groupIds: [each.group] } }
      ]
    }
  }
]

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for each in endpoints: if (makesZones) {
    name: each.zone
    location: 'global'
    tags: tags
  }
]

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (each, index) in endpoints: if (makesZones) {
    parent: zone[index]
    name: namePrefix
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: zoneNetworkId } }
  }
]

resource records 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (each, index) in endpoints: if (makesZones) {
    parent: endpoint[index]
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: each.name, properties: { privateDnsZoneId: zone[index].id } }] }
  }
]
