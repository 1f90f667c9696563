// Deployed after main.bicep, with its output principalId: `az deployment mg create --template-file infra/management-group.bicep`.
// What the watcher may read under a management group, and nothing else: docs/permissions.md says why each.
targetScope = 'managementGroup'

param namePrefix string = 'tunnelwatch'
param principalId string

var actions = loadJsonContent('reader-actions.json')

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, namePrefix, 'reader')
  properties: {
    // Names of roles are unique in a tenant.
    roleName: '${namePrefix} reader ${managementGroup().name}'
    description: 'Reads what the evaluation of API Management behind forced tunneling needs.'
    type: 'CustomRole'
    permissions: [{ actions: actions, notActions: [] }]
    assignableScopes: [managementGroup().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, namePrefix, principalId, 'reader')
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role.id
  }
}
