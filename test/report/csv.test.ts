/** What a spreadsheet reads, compared cell by cell with the report. */
import { describe, expect, it } from 'vitest';
import { toCsv } from '../../lib/report/csv.ts';
import { failing, nonCompliant, report, reportOf } from './sample-report.ts';

describe('csv', () => {
  const columns =
    'service,name,region,role,sku,mode,verdict,tunnel,requirement,status,severity,message,resource,counterexample,addresses,fix';

  it('says of a finding all that the report says in one line', () => {
    const given = reportOf([{ ...nonCompliant, findings: [failing] }]);
    const row = [
      nonCompliant.service,
      'apim-one,uksouth,primary,Premium,External,nonCompliant,forced,control-plane-route,fail,high',
      'Replies go to the appliance.',
      failing.resource,
      '20.0.0.0/24,256,Route ApiManagement to Internet.',
    ].join(',');
    expect([...toCsv(given)].join('')).toBe(`${columns}\r\n${row}\r\n`);
  });

  it('has the head alone where nothing was found', () => {
    expect([...toCsv(reportOf([]))].join('')).toBe(`${columns}\r\n`);
  });

  it('has the findings in the order of the report, those of services out of scope too', () => {
    const rows = [...toCsv(report)].join('').trimEnd().split('\r\n').slice(1);
    const expected = report.deployments.flatMap(({ name, findings }) =>
      findings.map(({ requirement, status }) => [name, requirement, status]),
    );
    expect(rows.map((row) => row.split(',')).map((cells) => [cells[1], cells[8], cells[9]])).toEqual(expected);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)'])('puts an apostrophe before %s', (message) => {
    const given = reportOf([{ ...nonCompliant, findings: [{ ...failing, message }] }]);
    expect([...toCsv(given)].join('')).toContain(`,'${message},`);
  });
});
