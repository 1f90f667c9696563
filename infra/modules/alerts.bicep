// Alert rules over what the watcher tells: what is broken, and whether the watcher itself works. docs/operate.md says of each
// what it means and what to do.
param namePrefix string
param location string
param tags object
param insightsId string
param aboutDrift string[]
param aboutWatcher string[]

var driftQuery = loadTextContent('../queries/drift-open.kql')
var severities = [
  { name: 'critical', level: 0 }
  { name: 'high', level: 1 }
  { name: 'medium', level: 2 }
  { name: 'low', level: 3 }
]

var rules = [
  {
    name: 'deployment-unknown'
    title: 'A deployment has been unknown for an hour'
    description: 'Nobody can say whether its network is right. Mostly a permission is missing: the report names it.'
    query: loadTextContent('../queries/deployment-unknown.kql')
    dimensions: ['service', 'region']
    level: 2
    window: 'PT1H'
    frequency: 'PT15M'
    operator: 'GreaterThan'
    periods: 1
  }
  {
    name: 'queue-late'
    title: 'A queue is late'
    description: 'Changes, evaluations or alerts wait for more than ten minutes beyond their time.'
    query: loadTextContent('../queries/queue-late.kql')
    dimensions: ['queue']
    level: 2
    window: 'PT30M'
    frequency: 'PT15M'
    operator: 'GreaterThan'
    periods: 1
  }
  {
    name: 'poison-messages'
    title: 'Messages failed for good'
    description: 'They are kept, and can be put back.'
    query: loadTextContent('../queries/poison-messages.kql')
    dimensions: ['queue']
    level: 1
    window: 'PT30M'
    frequency: 'PT5M'
    operator: 'GreaterThan'
    periods: 1
  }
  {
    name: 'sweep-missing'
    title: 'No sweep has ended for two intervals'
    description: 'The watcher does not run, cannot read Azure, or cannot tell: nothing that it last said may be true any more.'
    query: loadTextContent('../queries/sweep-missing.kql')
    dimensions: []
    level: 1
    window: 'PT30M'
    frequency: 'PT5M'
    operator: 'LessThan'
    // Telemetry is some minutes late, and a sweep of a large estate takes a while.
    periods: 2
  }
]

resource drift 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for severity in severities: {
    name: '${namePrefix}-drift-${severity.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${namePrefix}: ${severity.name} drift is open'
      description: 'A requirement of a deployment is broken. The card, the webhook and the report say which, by what, and the fix.'
      severity: severity.level
      enabled: true
      scopes: [insightsId]
      evaluationFrequency: 'PT5M'
      // So long a drift stays fired while the watcher is silent: not seen is not mended.
      windowSize: 'P1D'
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: driftQuery
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            // The alert stands at the service itself, where its owners look.
            resourceIdColumn: 'service'
            dimensions: [
              { name: 'region', operator: 'Include', values: ['*'] }
              { name: 'requirement', operator: 'Include', values: ['*'] }
              { name: 'severity', operator: 'Include', values: [severity.name] }
            ]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: aboutDrift }
    }
  }
]

resource health 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${namePrefix}: ${rule.title}'
      description: rule.description
      severity: rule.level
      enabled: true
      scopes: [insightsId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.operator == 'LessThan' ? 1 : 0
            dimensions: map(rule.dimensions, each => { name: each, operator: 'Include', values: ['*'] })
            failingPeriods: { numberOfEvaluationPeriods: rule.periods, minFailingPeriodsToAlert: rule.periods }
          }
        ]
      }
      actions: { actionGroups: aboutWatcher }
    }
  }
]
