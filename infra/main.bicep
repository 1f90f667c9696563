// The watcher in one deployment: `az deployment sub create --location <region> --template-file infra/main.bicep`.
// Everything by managed identity; the code is put into the app afterwards (docs/deploy.md).
targetScope = 'subscription'

@description('Begins the name of every resource.')
@minLength(3)
@maxLength(11)
param namePrefix string = 'tunnelwatch'

@description('Region of the watcher itself; it watches every region.')
param location string = deployment().location

@description('Ids of the subscriptions that are watched.')
@minLength(1)
param watchedSubscriptions string[] = [subscription().subscriptionId]

@description('Incoming webhook of a Teams workflow; empty: no card is posted.')
@secure()
param teamsWebhookUrl string = ''

@description('Receiver of signed CloudEvents; empty: none.')
@secure()
param webhookUrl string = ''

@description('Signing secret of the webhook, whsec_ and base64; needed with webhookUrl.')
@secure()
param webhookSecret string = ''

@description('The policy as JSON; empty: the defaults.')
param policy string = ''

@description('Seconds after which a burst of changes counts as settled.')
param settleSeconds int = 10

@description('Hours after which an open drift is said again.')
param reminderHours int = 24

@description('Instances that are always ready for events; 0 is cheaper and starts cold.')
@minValue(0)
param alwaysReadyInstances int = 1

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Tags of every resource.')
param tags object = {}

var token = uniqueString(subscription().id, namePrefix, location)
var group = 'rg-${namePrefix}'

resource resourceGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: group
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: '${namePrefix}-identity'
  scope: resourceGroup
  params: { name: 'id-${namePrefix}-${token}', location: location, tags: tags }
}

module storage 'modules/storage.bicep' = {
  name: '${namePrefix}-storage'
  scope: resourceGroup
  params: {
    // Storage accounts have at most 24 characters, small letters and digits.
    name: take('st${replace(toLower(namePrefix), '-', '')}${token}', 24)
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: '${namePrefix}-monitoring'
  scope: resourceGroup
  params: {
    namePrefix: namePrefix
    token: token
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  name: '${namePrefix}-vault'
  scope: resourceGroup
  params: {
    // Key vaults have at most 24 characters.
    name: take('kv-${token}-${namePrefix}', 24)
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    teamsWebhookUrl: teamsWebhookUrl
    webhookUrl: webhookUrl
    webhookSecret: webhookSecret
  }
}

module app 'modules/app.bicep' = {
  name: '${namePrefix}-app'
  scope: resourceGroup
  params: {
    namePrefix: namePrefix
    token: token
    location: location
    tags: tags
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    insightsConnectionString: monitoring.outputs.connectionString
    vaultUri: vault.outputs.uri
    hasTeams: !empty(teamsWebhookUrl)
    hasWebhook: !empty(webhookUrl)
    watchedSubscriptions: watchedSubscriptions
    policy: policy
    settleSeconds: settleSeconds
    reminderHours: reminderHours
    alwaysReadyInstances: alwaysReadyInstances
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
  }
}

module reader 'modules/reader.bicep' = [
  for watched in watchedSubscriptions: {
    name: '${namePrefix}-reader'
    scope: subscription(watched)
    params: { namePrefix: namePrefix, principalId: identity.outputs.principalId }
  }
]

module topics 'modules/topic-group.bicep' = [
  for watched in watchedSubscriptions: {
    name: '${namePrefix}-events'
    scope: subscription(watched)
    params: { namePrefix: namePrefix, location: location, tags: tags }
  }
]

module senders 'modules/sender.bicep' = [
  for (watched, index) in watchedSubscriptions: {
    name: '${namePrefix}-sender-${index}'
    scope: resourceGroup
    params: {
      storageAccountName: storage.outputs.name
      topicSubscription: watched
      principalId: topics[index].outputs.principalId
    }
  }
]

module deliveries 'modules/delivery.bicep' = [
  for (watched, index) in watchedSubscriptions: {
    name: '${namePrefix}-delivery'
    scope: az.resourceGroup(watched, 'rg-${namePrefix}-events')
    params: { topicName: topics[index].outputs.topicName, storageAccountId: storage.outputs.id }
    // The topic may write into the queue before it is told to.
    dependsOn: [senders[index]]
  }
]

output functionAppName string = app.outputs.name
output resourceGroupName string = group
