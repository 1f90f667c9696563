/** The firewall at the end of the tunnel lets the developer portal CAPTCHA through. */
import { firewallHostOutcome } from './firewall-host.ts';
import type { Requirement } from './requirement.ts';

export const firewallCaptcha: Requirement = {
  id: 'firewall-captcha',
  severity: 'low',
  needsTunnel: true,
  title: 'Firewall allows the developer portal CAPTCHA',
  demand:
    'The hosts of the developer portal CAPTCHA are allowed by the firewall on the path, where they travel the tunnel.',
  impact: 'Sign-up and password reset in the developer portal fail.',
  check: (situation) => firewallHostOutcome(situation, 'captcha'),
};
