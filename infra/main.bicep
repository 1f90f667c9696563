// The watcher in one deployment: `az deployment sub create --location <region> --template-file infra/main.bicep`.
// Everything by managed identity; the code is put into the app afterwards (docs/deploy.md).
import { OwnSubnets } from 'types.bicep'

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

@description('Who gets a mail of each alert rule that fires.')
param alertEmails string[] = []

@description('A ticket system that gets the same: a webhook receiver of an action group (serviceUri; with useAadAuth, objectId, identifierUri and tenantId Azure signs in to it).')
@secure()
param ticketWebhook object = {}

@description('Closes storage and key vault to the Internet: address prefix, at least /26, of a network that is made for it. Empty: open to whoever signs in.')
param privateNetworkPrefix string = ''

@description('The same with subnets of yours.')
param ownSubnets OwnSubnets?

@description('Ranges that may ask the HTTP functions; empty: whoever has a key.')
param allowedClients string[] = []

@description('Name of a management group: all that is under it is watched, and infra/management-group.bicep lets it be read. Events come from watchedSubscriptions alone; the sweep sees to the others. Empty: only watchedSubscriptions.')
param managementGroupName string = ''

@description('Tags of every resource.')
param tags object = {}

var token = uniqueString(subscription().id, namePrefix, location)
var group = 'rg-${namePrefix}'
var makesNetwork = !empty(privateNetworkPrefix)
var isPrivate = makesNetwork || ownSubnets != null
var readsGroup = !empty(managementGroupName)

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

module network 'modules/network.bicep' = if (makesNetwork) {
  name: '${namePrefix}-network'
  scope: resourceGroup
  params: {
    namePrefix: namePrefix
    token: token
    location: location
    tags: tags
    addressPrefix: privateNetworkPrefix
  }
}

module endpoints 'modules/endpoints.bicep' = if (isPrivate) {
  name: '${namePrefix}-endpoints'
  scope: resourceGroup
  params: {
    namePrefix: namePrefix
    location: location
    tags: tags
    endpointSubnetId: makesNetwork ? network!.outputs.endpointSubnetId : (ownSubnets.?endpointSubnetId ?? '')
    zoneNetworkId: makesNetwork ? network!.outputs.networkId : ''
    storageAccountId: storage.outputs.id
    vaultId: vault.outputs.id
  }
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
    isPrivate: isPrivate
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
    isPrivate: isPrivate
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
    scopes: readsGroup ? 'managementGroup:${managementGroupName}' : join(watchedSubscriptions, ',')
    integrationSubnetId: makesNetwork
      ? network!.outputs.integrationSubnetId
      : (ownSubnets.?integrationSubnetId ?? '')
    allowedClients: allowedClients
    policy: policy
    settleSeconds: settleSeconds
    reminderHours: reminderHours
    alwaysReadyInstances: alwaysReadyInstances
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
  }
}

module actionGroups 'modules/action-groups.bicep' = {
  name: '${namePrefix}-action-groups'
  scope: resourceGroup
  params: {
    namePrefix: namePrefix
    location: location
    tags: tags
    alertEmails: alertEmails
    ticketWebhook: ticketWebhook
    teamsWebhookUrl: teamsWebhookUrl
  }
}

module alerts 'modules/alerts.bicep' = {
  name: '${namePrefix}-alerts'
  scope: resourceGroup
  params: {
    namePrefix: namePrefix
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
    aboutDrift: actionGroups.outputs.aboutDrift
    aboutWatcher: actionGroups.outputs.aboutWatcher
  }
}

module workbook 'modules/workbook.bicep' = {
  name: '${namePrefix}-workbook'
  scope: resourceGroup
  params: { namePrefix: namePrefix, location: location, tags: tags, insightsId: monitoring.outputs.insightsId }
}

module reader 'modules/reader.bicep' = [
  for watched in watchedSubscriptions: if (!readsGroup) {
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

module topicAlerts 'modules/topic-alerts.bicep' = [
  for (watched, index) in watchedSubscriptions: {
    name: '${namePrefix}-topic-alerts'
    scope: az.resourceGroup(watched, 'rg-${namePrefix}-events')
    params: {
      namePrefix: namePrefix
      topicId: topics[index].outputs.topicId
      tags: tags
      actionGroupIds: actionGroups.outputs.aboutWatcher
    }
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

@description('For infra/management-group.bicep.')
output principalId string = identity.outputs.principalId
output functionAppName string = app.outputs.name
output resourceGroupName string = group
