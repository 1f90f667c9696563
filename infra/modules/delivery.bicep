// Which changes are told, and where to. Sieved by operation here, so that the rest of a subscription costs nothing; what of these
// concerns nobody is dismissed by the watcher (docs/events.md).
param topicName string
param storageAccountId string
@description('Id of the function that is called; empty: changes go into the queue.')
param functionId string

var toQueue = empty(functionId)
var identity = { type: 'SystemAssigned' }

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource delivery 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  // Two names: what an event subscription delivers to is not changed in place. An event that comes by both does no harm.
  name: toQueue ? 'network-changes' : 'network-changes-direct'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    deliveryWithResourceIdentity: toQueue
      ? {
          identity: identity
          destination: {
            endpointType: 'StorageQueue'
            properties: {
              resourceId: storageAccountId
              queueName: 'changes'
              queueMessageTimeToLiveInSeconds: 604800
            }
          }
        }
      : null
    // By the function's key, which Event Grid fetches itself: it signs in to no function.
    destination: toQueue
      ? null
      : {
          endpointType: 'AzureFunction'
          properties: { resourceId: functionId, maxEventsPerBatch: 10, preferredBatchSizeInKilobytes: 64 }
        }
    deadLetterWithResourceIdentity: {
      identity: identity
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storageAccountId, blobContainerName: 'dead-letters' }
      }
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      enableAdvancedFilteringOnArrays: true
      advancedFilters: [
        {
          operatorType: 'StringBeginsWith'
          key: 'data.operationName'
          values: [
            'Microsoft.Network/'
            'Microsoft.ApiManagement/service/write'
            'Microsoft.ApiManagement/service/delete'
            'Microsoft.ApiManagement/service/applynetworkconfigurationupdates/action'
          ]
        }
        {
          operatorType: 'StringNotContains'
          key: 'data.operationName'
          values: [
            '/join/action'
            '/getLearnedRoutes/action'
            '/effectiveRoutes/action'
            '/effectiveRouteTable/action'
            '/networkInterfaces/'
            '/publicIPAddresses/'
            '/privateDnsZones/'
            '/dnsZones/'
            '/loadBalancers/'
            '/applicationGateways/'
            '/networkWatchers/'
          ]
        }
      ]
    }
  }
}
