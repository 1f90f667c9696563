// What some parameters look like.

@export()
@description('Subnets of yours. The first is delegated to Microsoft.App/environments and holds nothing else.')
type OwnSubnets = {
  integrationSubnetId: string
  endpointSubnetId: string
}

@export()
@description('A system topic of the type Microsoft.Resources.Subscriptions.')
type ExistingTopic = {
  subscriptionId: string
  resourceGroup: string
  name: string
}
