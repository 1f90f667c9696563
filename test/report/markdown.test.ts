/** What the summary page of a pipeline shows, compared with the report. */
import { describe, expect, it } from 'vitest';
import type { Report } from '../../lib/audit/report.ts';
import { toMarkdown } from '../../lib/report/markdown.ts';
import { failing, nonCompliant, outOfScope, report, reportOf, unknown } from './sample-report.ts';

function page(given: Report): string {
  return [...toMarkdown(given)].join('');
}

describe('markdown', () => {
  const text = page(report);

  it('begins with the counts and a row a deployment, the worst first', () => {
    expect(text).toContain('4 deployments: 1 non-compliant, 1 unknown, 1 compliant, 1 out of scope');
    expect(text.split('\n').filter((line) => /^\| .*apim-/.test(line))).toEqual([
      '| **non-compliant** | apim-one | uksouth | forced | 5 |',
      '| **unknown** | apim-open | westeurope | forced | 0 |',
      '| out of scope | apim-v2 | uksouth |  | 0 |',
      '| compliant | apim-good | westeurope | forced | 0 |',
    ]);
  });

  it('describes only what is not in order', () => {
    const heads = text.split('\n').filter((line) => line.startsWith('### apim'));
    expect(heads).toHaveLength(2);
    expect(heads.join()).toMatch(/apim-open.*unknown.*apim-one.*non-compliant/);
    expect(page(reportOf([outOfScope]))).not.toContain('### apim');
  });

  it('lists failures, then open questions, then exemptions', () => {
    const shown = page(reportOf([nonCompliant]));
    expect(shown.split('\n').filter((line) => /^\| (fail|unknown|exempt) /.test(line))).toEqual([
      '| fail | critical | nsg-attached | No NSG. |',
      '| fail | medium | service-endpoint-event-hub | No endpoint. |',
      '| fail | low | kms-route | No activation. |',
      '| fail | info | nsg-outbound-event-hub | No event hub. |',
      '| fail | high | control-plane-route | Replies go to the appliance. |',
      '| unknown | info | firewall-smtp | Ask the owner of the appliance. |',
      '| unknown | medium | firewall-azure-monitor | The firewall is not seen. |',
      '| exempt | critical | client-routes | Clients are not routed back. |',
    ]);
  });

  it('folds a fix, with its caveats and both ways to apply it, behind fences that its text cannot close', () => {
    const fence = '`'.repeat(5);
    expect(text).toContain(
      [
        '<details><summary>Fix control-plane-route: Route ApiManagement to Internet.</summary>',
        '',
        '- A policy may deny it.',
        '',
        `${fence}sh`,
        'az network route create \\',
        '  --name "a```b````c"',
        fence,
        '',
        '```bicep',
        "resource route 'x' = {",
        "  name: 'hidden \ufffd turn'",
        '}',
        '```',
        '',
        '</details>',
      ].join('\n'),
    );
  });

  it('lists the errors', () => {
    expect(text).toContain('### Could not be read or used\n\n- /subscriptions/a: no permission to read\n');
  });

  it('shows the marks of Markdown and HTML as they are', () => {
    const name = '<b>|`*_[x](y)~$@&\\\n# x';
    const given = page(reportOf([{ ...unknown, name, findings: [{ ...failing, fix: undefined, message: name }] }]));
    const shown = '&lt;b&gt;&#124;&#96;&#42;&#95;&#91;x&#93;(y)&#126;&#36;&#64;&amp;&#92; # x';
    expect(given).toContain(`| **unknown** | ${shown} |`);
    expect(given).toContain(`### ${shown} westeurope: **unknown**`);
    expect(given).toContain(`| fail | high | control-plane-route | ${shown} |`);
  });
});
