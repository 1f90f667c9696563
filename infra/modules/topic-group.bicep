// Topics of a subscription's changes stand in that subscription, in a group of their own.
targetScope = 'subscription'

param namePrefix string
param location string
param tags object
@description('Whether a topic of operations is made; there may be one already.')
param operations bool
@description('Whether a topic of Resource Notifications is made.')
param notifications bool

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${namePrefix}-events'
  location: location
  tags: tags
}

module operationsTopic 'topic.bicep' = if (operations) {
  name: '${namePrefix}-topic'
  scope: group
  params: { name: 'evgt-${namePrefix}', topicType: 'Microsoft.Resources.Subscriptions', tags: tags }
}

module notificationsTopic 'topic.bicep' = if (notifications) {
  name: '${namePrefix}-topic-notifications'
  scope: group
  params: {
    name: 'evgt-${namePrefix}-notifications'
    topicType: 'Microsoft.ResourceNotifications.Resources'
    tags: tags
  }
}
