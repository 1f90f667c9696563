// Turns alerts of Azure Monitor into cards, because action groups do not speak what Teams takes. It tells of the watcher's own
// health, so it does not run in the watcher.
param name string
param groupName string
param location string
param tags object

@secure()
param teamsWebhookUrl string

resource relay 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    state: 'Enabled'
    parameters: { teamsWebhookUrl: { value: teamsWebhookUrl } }
    definition: {
      '$schema': 'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#'
      contentVersion: '1.0.0.0'
      parameters: { teamsWebhookUrl: { type: 'SecureString' } }
      triggers: {
        alert: { type: 'Request', kind: 'Http', inputs: { schema: {} } }
      }
      actions: {
        post: {
          type: 'Http'
          runAfter: {}
          runtimeConfiguration: { secureData: { properties: ['inputs', 'outputs'] } }
          inputs: {
            method: 'POST'
            uri: '@parameters(\'teamsWebhookUrl\')'
            body: {
              type: 'message'
              attachments: [
                {
                  contentType: 'application/vnd.microsoft.card.adaptive'
                  contentUrl: null
                  content: {
                    '$schema': 'http://adaptivecards.io/schemas/adaptive-card.json'
                    type: 'AdaptiveCard'
                    version: '1.2'
                    body: [
                      {
                        type: 'TextBlock'
                        size: 'Medium'
                        weight: 'Bolder'
                        wrap: true
                        text: '@{triggerBody()?[\'data\']?[\'essentials\']?[\'monitorCondition\']}: @{triggerBody()?[\'data\']?[\'essentials\']?[\'alertRule\']}'
                      }
                      {
                        type: 'TextBlock'
                        wrap: true
                        text: '@{triggerBody()?[\'data\']?[\'essentials\']?[\'description\']}'
                      }
                    ]
                  }
                }
              ]
            }
          }
        }
      }
    }
  }
}

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: groupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'Teams'
    enabled: true
    logicAppReceivers: [
      {
        name: 'teams'
        resourceId: relay.id
        callbackUrl: listCallbackUrl('${relay.id}/triggers/alert', '2019-05-01').value
        useCommonAlertSchema: true
      }
    ]
  }
}

output actionGroupId string = group.id
