import { AzureAuthorityHosts } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { cloudOf, withEndpoint } from '../../lib/azure/cloud.ts';
import { readSettings, SettingsError } from '../../lib/settings.ts';

/** `az cloud list`: name, resourceManager, and the portals of the clouds. */
const clouds = [
  [
    'AzureCloud',
    'Public',
    'https://management.azure.com',
    AzureAuthorityHosts.AzurePublicCloud,
    'https://portal.azure.com',
  ],
  [
    'AzureUSGovernment',
    'AzureGovernment',
    'https://management.usgovcloudapi.net',
    AzureAuthorityHosts.AzureGovernment,
    'https://portal.azure.us',
  ],
  [
    'AzureChinaCloud',
    'China',
    'https://management.chinacloudapi.cn',
    AzureAuthorityHosts.AzureChina,
    'https://portal.azure.cn',
  ],
] as const;

function cloudIn(environment: Readonly<Record<string, string>>) {
  return readSettings({ AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...environment }).cloud;
}

describe('a cloud', () => {
  it.each(clouds)(
    'called %s by the CLI and %s by its tag file has its own doors',
    (cli, name, armEndpoint, authorityHost, portal) => {
      const expected = { name, armEndpoint, audience: armEndpoint, authorityHost, portal };
      for (const spelling of [cli, cli.toLowerCase(), name, name.toUpperCase()])
        expect(cloudOf(spelling)).toEqual(expected);
      expect(cloudIn({ TUNNELWATCH_CLOUD: cli })).toEqual(expected);
    },
  );

  it('is the public one where none is named', () => {
    expect(cloudIn({})).toEqual(cloudOf('AzureCloud'));
  });

  it.each(['AzureGermanCloud', 'azure', 'constructor', '__proto__'])('is none by the name %s', (name) => {
    expect(cloudOf(name)).toBeUndefined();
  });

  it('may have its Resource Manager elsewhere, for which tokens are then asked', () => {
    const endpoint = 'https://management.local.azurestack.external';
    const cloud = cloudIn({ TUNNELWATCH_CLOUD: 'AzureUSGovernment', TUNNELWATCH_ARM_ENDPOINT: `${endpoint}/` });
    expect(cloud).toMatchObject({ name: 'AzureGovernment', armEndpoint: endpoint, audience: endpoint });
    expect(cloud.authorityHost).toBe(AzureAuthorityHosts.AzureGovernment);
    expect(withEndpoint(cloud, 'https://127.0.0.1:1').armEndpoint).toBe('https://127.0.0.1:1');
  });

  it.each([
    'http://management.azure.com',
    'http://127.0.0.1:8080',
    'https://management.azure.com/subscriptions',
    'https://management.azure.com/?a=b',
    'https://me@management.azure.com',
    'https://management.azure.com/#a',
    'management.azure.com',
  ])('has no Resource Manager at %s, not even in development', (endpoint) => {
    const environment = { TUNNELWATCH_ARM_ENDPOINT: endpoint, AZURE_FUNCTIONS_ENVIRONMENT: 'Development' };
    expect(() => cloudIn(environment)).toThrow(SettingsError);
  });
});
