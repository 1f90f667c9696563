// A topic that is there, made here or by somebody else. Without an identity it may not deliver, and this fails; it is not edited.
param name string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: name
}

output principalId string = topic.identity.principalId
output name string = topic.name
output id string = topic.id
