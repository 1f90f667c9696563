// Has Event Grid call onResourceChange of an app whose code is there: before, the function is not there to be named. Deployed into
// the resource group of a topic, by the hook of azure.yaml or by `az deployment group create`.
param topicName string
param storageAccountId string
param functionAppId string

module delivery 'modules/delivery.bicep' = {
  name: 'tunnelwatch-trigger'
  params: {
    topicName: topicName
    storageAccountId: storageAccountId
    functionId: '${functionAppId}/functions/onResourceChange'
  }
}
