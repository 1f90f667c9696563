// What the watcher may read in a subscription, and nothing else: docs/permissions.md says why each.
targetScope = 'subscription'

param namePrefix string
param principalId string

var actions = loadJsonContent('../reader-actions.json')

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, namePrefix, 'reader')
  properties: {
    // Names of roles are unique in a tenant.
    roleName: '${namePrefix} reader ${subscription().subscriptionId}'
    description: 'Reads what the evaluation of API Management behind forced tunneling needs.'
    type: 'CustomRole'
    permissions: [{ actions: actions, notActions: [] }]
    assignableScopes: [subscription().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, namePrefix, principalId, 'reader')
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role.id
  }
}
