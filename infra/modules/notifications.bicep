// Resource Notifications of a subscription, into the queue. What is told is the resource as it stands; only its id is believed.
param namePrefix string
param storageSubscription string
param storageGroup string
param storageAccountName string
param index int

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: 'evgt-${namePrefix}-notifications'
}

module sender 'sender.bicep' = {
  name: '${namePrefix}-sender-notifications-${index}'
  scope: resourceGroup(storageSubscription, storageGroup)
  params: { storageAccountName: storageAccountName, principalId: topic.identity.principalId, toQueue: true }
}

var storageAccountId = resourceId(
  storageSubscription,
  storageGroup,
  'Microsoft.Storage/storageAccounts',
  storageAccountName
)

resource delivery 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'network-notifications'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: storageAccountId
          queueName: 'changes'
          queueMessageTimeToLiveInSeconds: 604800
        }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storageAccountId, blobContainerName: 'dead-letters' }
      }
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    filter: {
      includedEventTypes: [
        'Microsoft.ResourceNotifications.Resources.CreatedOrUpdated'
        'Microsoft.ResourceNotifications.Resources.Deleted'
      ]
      enableAdvancedFilteringOnArrays: true
      advancedFilters: [
        {
          operatorType: 'StringBeginsWith'
          key: 'data.resourceInfo.type'
          values: ['Microsoft.Network/', 'Microsoft.ApiManagement/service']
        }
        {
          operatorType: 'StringNotContains'
          key: 'data.resourceInfo.type'
          values: [
            '/networkInterfaces'
            '/publicIPAddresses'
            '/privateDnsZones'
            '/dnsZones'
            '/loadBalancers'
            '/applicationGateways'
            '/networkWatchers'
            'Microsoft.ApiManagement/service/'
          ]
        }
      ]
    }
  }
  // The topic may write into the queue before it is told to.
  dependsOn: [sender]
}
