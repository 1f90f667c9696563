// The functions, on Flex Consumption.
param namePrefix string
param token string
param location string
param tags object
param identityId string
param clientId string
param storageAccountName string
param deploymentContainerUrl string
param insightsConnectionString string
param vaultUri string
param hasTeams bool
param hasWebhook bool
param scopes string
param policy string
param settleSeconds int
param reminderHours int
param alwaysReadyInstances int
param instanceMemoryMB int
param maximumInstanceCount int
@description('Subnet through which all goes out; empty: none.')
param integrationSubnetId string
@description('Ranges that may ask the HTTP functions; empty: whoever has a key.')
param allowedClients string[]

// Without a version, so that a new one is taken up within a day.
var teamsSetting = hasTeams
  ? [{ name: 'TUNNELWATCH_TEAMS_WEBHOOK_URL', value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/teams-webhook-url)' }]
  : []
var webhookSettings = hasWebhook
  ? [
      { name: 'TUNNELWATCH_WEBHOOK_URL', value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/webhook-url)' }
      { name: 'TUNNELWATCH_WEBHOOK_SECRET', value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/webhook-secret)' }
    ]
  : []
var policySetting = empty(policy) ? [] : [{ name: 'TUNNELWATCH_POLICY', value: policy }]

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${namePrefix}-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${namePrefix}-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'watcher' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(integrationSubnetId) ? null : integrationSubnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: '22' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [{ name: 'function:onQueuedChange', instanceCount: alwaysReadyInstances }]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      ipSecurityRestrictionsDefaultAction: empty(allowedClients) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (each, index) in allowedClients: { name: 'client-${index}', action: 'Allow', ipAddress: each, priority: 100 + index }
      ]
      appSettings: concat(
        [
          { name: 'AzureWebJobsStorage__accountName', value: storageAccountName }
          { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
          { name: 'AzureWebJobsStorage__clientId', value: clientId }
          { name: 'AZURE_CLIENT_ID', value: clientId }
          { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
          { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${clientId};Authorization=AAD' }
          { name: 'TUNNELWATCH_SCOPES', value: scopes }
          { name: 'TUNNELWATCH_SETTLE_SECONDS', value: string(settleSeconds) }
          { name: 'TUNNELWATCH_REMINDER_HOURS', value: string(reminderHours) }
          { name: 'TUNNELWATCH_CLOUD', value: environment().name }
        ],
        policySetting,
        teamsSetting,
        webhookSettings
      )
    }
  }
}

resource ftp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource scm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output name string = app.name
output id string = app.id
