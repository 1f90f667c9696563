using 'main.bicep'

param namePrefix = 'tunnelwatch'

// Out of the environment, so that no secret is kept here. A deployment without them takes the receivers away again.
param teamsWebhookUrl = readEnvironmentVariable('TUNNELWATCH_TEAMS_WEBHOOK_URL', '')
param webhookUrl = readEnvironmentVariable('TUNNELWATCH_WEBHOOK_URL', '')
param webhookSecret = readEnvironmentVariable('TUNNELWATCH_WEBHOOK_SECRET', '')
