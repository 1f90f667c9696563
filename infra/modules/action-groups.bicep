// Who is told. People and ticket systems hear of everything; Teams hears here of the watcher itself alone, since the watcher
// posts a card for each drift of its own accord.
param namePrefix string
param location string
param tags object
param alertEmails string[]

@secure()
param ticketWebhook object

@secure()
param teamsWebhookUrl string

var hasTeams = !empty(teamsWebhookUrl)

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${namePrefix}-people'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: take(namePrefix, 12)
    enabled: true
    emailReceivers: [
      for (address, index) in alertEmails: {
        name: 'email-${index}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: empty(ticketWebhook)
      ? []
      : [union({ name: 'tickets', useCommonAlertSchema: true }, ticketWebhook)]
  }
}

module relay 'teams-relay.bicep' = if (hasTeams) {
  name: '${namePrefix}-teams-relay'
  params: {
    name: 'logic-${namePrefix}-teams'
    groupName: 'ag-${namePrefix}-teams'
    location: location
    tags: tags
    teamsWebhookUrl: teamsWebhookUrl
  }
}

output aboutDrift string[] = [people.id]
output aboutWatcher string[] = hasTeams ? [people.id, relay!.outputs.actionGroupId] : [people.id]
