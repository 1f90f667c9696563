// A topic of a subscription's changes stands in that subscription, in a group of its own.
targetScope = 'subscription'

param namePrefix string
param location string
param tags object

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${namePrefix}-events'
  location: location
  tags: tags
}

module topic 'topic.bicep' = {
  name: '${namePrefix}-topic'
  scope: group
  params: { name: 'evgt-${namePrefix}', tags: tags }
}

output principalId string = topic.outputs.principalId
output topicName string = topic.outputs.name
output topicId string = topic.outputs.id
