// Events that Event Grid could not deliver, as Event Grid itself counts them: true even while the watcher is down.
param namePrefix string
param topicId string
param tags object
param actionGroupIds string[]

var rules = [
  {
    name: 'dead-lettered'
    metric: 'DeadLetteredCount'
    description: 'Changes could not be put into the queue and are kept in the container dead-letters. The sweep finds what they told.'
  }
  {
    name: 'dropped'
    metric: 'DroppedEventCount'
    description: 'Changes could neither be delivered nor kept. The sweep finds what they told.'
  }
]

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.description
      severity: 1
      enabled: true
      scopes: [topicId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricName: rule.metric
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: [for id in actionGroupIds: { actionGroupId: id }]
    }
  }
]
