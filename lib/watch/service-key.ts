/** Keys of the evaluate queue: a deployment, or a service whose deployments have to be looked up first. */
import { idKey } from '../network/model.ts';

const every = '*';

/** Stands for all deployments of a service, those that nobody knows yet included. */
export function everyDeployment(serviceId: string): string {
  return `${idKey(serviceId)}|${every}`;
}

/** `<service id>|<region>` -> its parts; `region` is absent for every deployment of the service. */
export function partsOf(deploymentKey: string): { readonly service: string; readonly region?: string } {
  const bar = deploymentKey.lastIndexOf('|');
  const region = deploymentKey.slice(bar + 1);
  return { service: deploymentKey.slice(0, bar), ...(region !== every && { region }) };
}
