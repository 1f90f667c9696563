using 'main.bicep'

// Out of the environment, which `azd env set` fills too: what differs between deployments, and what is secret, is not kept here. A
// deployment without them takes back what another one gave.
param namePrefix = readEnvironmentVariable('TUNNELWATCH_NAME_PREFIX', 'tunnelwatch')
param watchedSubscriptions = filter(split(readEnvironmentVariable('TUNNELWATCH_WATCHED', ''), ','), id => !empty(id))
param existingTopics = json(readEnvironmentVariable('TUNNELWATCH_EXISTING_TOPICS', '[]'))
param delivery = readEnvironmentVariable('TUNNELWATCH_DELIVERY', 'queue')
param alertEmails = filter(split(readEnvironmentVariable('TUNNELWATCH_ALERT_EMAILS', ''), ','), address => !empty(address))
param teamsWebhookUrl = readEnvironmentVariable('TUNNELWATCH_TEAMS_WEBHOOK_URL', '')
param webhookUrl = readEnvironmentVariable('TUNNELWATCH_WEBHOOK_URL', '')
param webhookSecret = readEnvironmentVariable('TUNNELWATCH_WEBHOOK_SECRET', '')

// By this tag azd finds again what it made.
var environment = readEnvironmentVariable('AZURE_ENV_NAME', '')
param tags = empty(environment) ? {} : { 'azd-env-name': environment }
