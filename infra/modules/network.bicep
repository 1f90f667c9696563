// A small network of the watcher's own: one subnet through which the functions go out, one for the private endpoints.
param namePrefix string
param token string
param location string
param tags object
@description('At least /26; half of it for each subnet.')
param addressPrefix string

var size = int(split(addressPrefix, '/')[1]) + 1

resource security 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg-${namePrefix}-${token}'
  location: location
  tags: tags
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${namePrefix}-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, size, 0)
          networkSecurityGroup: { id: security.id }
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, size, 1)
          networkSecurityGroup: { id: security.id }
        }
      }
    ]
  }
}

output networkId string = network.id
output integrationSubnetId string = '${network.id}/subnets/functions'
output endpointSubnetId string = '${network.id}/subnets/endpoints'
