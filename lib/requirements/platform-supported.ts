/** API Management's compute platform: stv1 is retired (Microsoft Learn, "stv1 platform retirement"). */
import { notApplicable, pass, unknown } from './outcome.ts';
import type { Requirement } from './requirement.ts';

export const platformSupported: Requirement = {
  id: 'platform-supported',
  severity: 'high',
  needsTunnel: false,
  title: 'Supported compute platform',
  demand: 'The service does not run on the retired stv1 platform.',
  impact:
    'stv1 was retired on 31 August 2024 (US Government and China: in February 2025): no support, no service-level agreement, and the network rules of today do not fit it.',
  check: ({ deployment, estate }) => {
    const { platformVersion, service } = deployment;
    const seen = platformVersion?.toLowerCase();
    if (seen === 'stv1') {
      return {
        status: 'fail',
        message: `The service runs on stv1 in ${deployment.region}, which is retired.`,
        evidence: { details: [`platformVersion: ${platformVersion}`] },
      };
    }
    if (seen !== undefined && seen !== 'undetermined') return pass(`The platform is ${platformVersion}.`);
    const source = estate.sources[service.origin?.source ?? -1];
    if (source?.kind === 'template') {
      return notApplicable('A template does not name the platform; Azure creates no stv1 service any more.');
    }
    return unknown('The platform version is not in the input.', [`platformVersion of ${service.name}`]);
  },
};
