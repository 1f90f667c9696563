// The watcher in one deployment: `az deployment sub create --location <region> --template-file infra/main.bicep`.
// Everything by managed identity; the code is put into the app afterwards (docs/deploy.md).
import { ExistingTopic, OwnSubnets } from 'types.bicep'

targetScope = 'subscription'

@description('Begins the name of every resource.')
@minLength(3)
@maxLength(11)
param namePrefix string = 'tunnelwatch'

@description('Region of the watcher itself; it watches every region.')
param location string = deployment().location

@description('Ids of the subscriptions that are watched; empty: the one that is deployed into.')
param watchedSubscriptions string[] = []

@description('Event Grid system topics of watched subscriptions that are there already: a subscription has one at most. Each needs a system-assigned identity.')
param existingTopics ExistingTopic[] = []

@description('Also takes Resource Notifications, which tell a resource as it is after a change: a second way, for double the events. Whoever deploys needs Microsoft.ResourceNotifications/systemTopics/subscribeToResources/action.')
param resourceNotifications bool = false

@description('queue: Event Grid puts changes into the queue, code or no code. function: it calls onResourceChange, by infra/trigger.json, which is deployed when the code is there.')
@allowed(['queue', 'function'])
param delivery string = 'queue'

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

var watchedIds = empty(watchedSubscriptions) ? [subscription().subscriptionId] : watchedSubscriptions
var givenTopics = [for id in watchedIds: filter(existingTopics, topic => toLower(topic.subscriptionId) == toLower(id))]
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
    scopes: readsGroup ? 'managementGroup:${managementGroupName}' : join(watchedIds, ',')
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
  for watched in watchedIds: if (!readsGroup) {
    name: '${namePrefix}-reader'
    scope: subscription(watched)
    params: { namePrefix: namePrefix, principalId: identity.outputs.principalId }
  }
]

module newTopics 'modules/topic-group.bicep' = [
  for (watched, index) in watchedIds: if (empty(givenTopics[index]) || resourceNotifications) {
    name: '${namePrefix}-events'
    scope: subscription(watched)
    params: {
      namePrefix: namePrefix
      location: location
      tags: tags
      operations: empty(givenTopics[index])
      notifications: resourceNotifications
    }
  }
]

module topics 'modules/topic-given.bicep' = [
  for (watched, index) in watchedIds: {
    name: '${namePrefix}-topic-given'
    scope: az.resourceGroup(watched, first(givenTopics[index]).?resourceGroup ?? 'rg-${namePrefix}-events')
    params: { name: first(givenTopics[index]).?name ?? 'evgt-${namePrefix}' }
    dependsOn: [newTopics[index]]
  }
]

module topicAlerts 'modules/topic-alerts.bicep' = [
  for (watched, index) in watchedIds: {
    name: '${namePrefix}-topic-alerts'
    scope: az.resourceGroup(watched, first(givenTopics[index]).?resourceGroup ?? 'rg-${namePrefix}-events')
    params: {
      namePrefix: namePrefix
      topicId: topics[index].outputs.id
      tags: tags
      actionGroupIds: actionGroups.outputs.aboutWatcher
    }
  }
]

module senders 'modules/sender.bicep' = [
  for (watched, index) in watchedIds: {
    name: '${namePrefix}-sender-${index}'
    scope: resourceGroup
    params: {
      storageAccountName: storage.outputs.name
      principalId: topics[index].outputs.principalId
      toQueue: delivery == 'queue'
    }
  }
]

module deliveries 'modules/delivery.bicep' = [
  for (watched, index) in watchedIds: if (delivery == 'queue') {
    name: '${namePrefix}-delivery'
    scope: az.resourceGroup(watched, first(givenTopics[index]).?resourceGroup ?? 'rg-${namePrefix}-events')
    params: { topicName: topics[index].outputs.name, storageAccountId: storage.outputs.id, functionId: '' }
    // The topic may write into the queue before it is told to.
    dependsOn: [senders[index]]
  }
]

module notifications 'modules/notifications.bicep' = [
  for (watched, index) in watchedIds: if (resourceNotifications) {
    name: '${namePrefix}-notifications'
    scope: az.resourceGroup(watched, 'rg-${namePrefix}-events')
    params: {
      namePrefix: namePrefix
      storageGroup: group
      storageSubscription: subscription().subscriptionId
      storageAccountName: storage.outputs.name
      index: index
    }
    dependsOn: [newTopics[index]]
  }
]

@description('For infra/management-group.bicep.')
output principalId string = identity.outputs.principalId
output functionAppName string = app.outputs.name
output resourceGroupName string = group

// What azd keeps of a deployment, for the hooks of azure.yaml.
output AZURE_RESOURCE_GROUP string = group
output TUNNELWATCH_APP_ID string = app.outputs.id
output TUNNELWATCH_STORAGE_ID string = storage.outputs.id
output TUNNELWATCH_TOPIC_IDS string[] = [for (watched, index) in watchedIds: topics[index].outputs.id]
output TUNNELWATCH_DELIVERY string = delivery
