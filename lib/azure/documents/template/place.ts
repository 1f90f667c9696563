/** Where resources of a template would be: a subscription and a resource group, made up where nothing names them. */
export interface Place {
  readonly subscriptionId: string;
  /** Empty: at the level of the subscription. */
  readonly resourceGroup: string;
}

export const unnamedPlace: Place = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'resource-group',
};
