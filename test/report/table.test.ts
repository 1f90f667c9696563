/** What a person sees at the terminal, compared with the report it was drawn from. */
import { describe, expect, it } from 'vitest';
import type { Report } from '../../lib/audit/report.ts';
import { toTable } from '../../lib/report/table.ts';
import {
  compliant,
  failing,
  nonCompliant,
  openMedium,
  openMinor,
  outOfScope,
  report,
  reportOf,
  unknown,
} from './sample-report.ts';

function table(given: Report, width = 160): string {
  return [...toTable(given, { width, colour: false, toolVersion: '1.2.3', locate: () => undefined })].join('');
}

function isBefore(text: string, first: string, second: string): boolean {
  return text.includes(first) && text.indexOf(first) < text.indexOf(second);
}

describe('table', () => {
  const text = table(report);

  it('begins with the counts of the whole report', () => {
    expect(text.split('\n')[0]).toBe(
      '4 services, 4 deployments: 1 non-compliant, 1 unknown, 1 compliant, 1 out of scope',
    );
  });

  it('puts what is broken before what is open, and that before what is in order', () => {
    expect(isBefore(text, 'NON-COMPLIANT  apim-one', 'UNKNOWN  apim-open')).toBe(true);
    expect(isBefore(text, 'UNKNOWN  apim-open', 'COMPLIANT  apim-good')).toBe(true);
    expect(isBefore(text, 'COMPLIANT  apim-good', 'Out of scope')).toBe(true);
  });

  it('shows a failure with its severity, what it breaks and the mend', () => {
    expect(text).toMatch(/^ {2}high +control-plane-route$/m);
    expect(text).toMatch(/^ {14}Replies go to the appliance\.$/m);
    expect(text).toMatch(/^ {14}breaks: The management plane loses its replies\.$/m);
    expect(text).toMatch(/^ {14}fix: {4}Route ApiManagement to Internet\.$/m);
  });

  it('lists the graver failure first, then open questions, then exemptions', () => {
    const shown = table(reportOf([nonCompliant]));
    const heads = [...shown.matchAll(/^ {2}(critical|high|medium|low|info|exempt)( \?)? +[a-z-]+$/gm)];
    expect(heads.map(([, word, mark]) => `${word}${mark ?? ''}`)).toEqual([
      'critical',
      'high',
      'medium',
      'low',
      'info',
      'medium ?',
      'exempt',
    ]);
  });

  it('says of an open question what is not seen, and counts the minor ones', () => {
    const shown = table(reportOf([unknown]));
    expect(shown).toMatch(/^ {2}medium \? +firewall-azure-monitor$/m);
    expect(shown).toContain(openMedium.message);
    expect(shown).toContain('not seen: firewall fw-one; policy fp-one (and 1 more)');
    expect(shown).not.toContain(openMinor.message);
    expect(shown).toContain('0 pass, 0 fail, 2 unknown (1 minor, not shown), 0 do not apply');
  });

  it('gives the reason and the end of an exemption', () => {
    expect(text).toContain(
      'Clients are not routed back. Exempt (waiver, until 2027-01-01T00:00:00Z: agreed until the move).',
    );
  });

  it('only counts what passes', () => {
    expect(text).not.toContain('The platform is stv2.');
    expect(table(reportOf([compliant]))).toContain('1 pass, 0 fail, 0 unknown, 1 do not apply');
  });

  it('names the tunnel and where it ends', () => {
    expect(table(reportOf([compliant]))).toContain('tunnel  forced to VirtualAppliance 10.0.1.4');
  });

  it('lists what is out of scope with the reason, and errors after everything else', () => {
    expect(table(reportOf([outOfScope]))).toContain('apim-v2  uksouth  A v2 tier has no forced-tunnel rules.');
    expect(isBefore(text, 'Out of scope', 'Could not be read or used (1)')).toBe(true);
    expect(text).toContain('/subscriptions/a: no permission to read');
  });

  it('counts the errors that it has no room for', () => {
    const errors = Array.from({ length: 23 }, (_, index) => ({ resource: `r${index}`, message: 'x' }));
    expect(table(reportOf([], errors))).toMatch(/ {2}r19: x\n {2}and 3 more:/);
  });

  it('says that an expired exemption is expired', () => {
    const exemption = { category: 'waiver', reason: 'a freeze', expiresOn: '2026-01-01T00:00:00Z', expired: true };
    const given = reportOf([{ ...nonCompliant, findings: [{ ...failing, evidence: { exemption } }] }]);
    expect(table(given)).toContain('exempt: waiver, expired 2026-01-01T00:00:00Z: a freeze');
  });
});
