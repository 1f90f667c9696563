/** What a test reporter reads, parsed as XML and compared with the report. */
import { describe, expect, it } from 'vitest';
import { create } from 'xmlbuilder2';
import type { Report } from '../../lib/audit/report.ts';
import { toJunit } from '../../lib/report/junit.ts';
import { failing, nonCompliant, report, reportOf, unknown } from './sample-report.ts';

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly outcome: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** As much of the DOM as is read here. */
interface XmlNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<XmlNode>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
}

function attributesOf(element: XmlNode): Record<string, string> {
  return Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
}

function elements(parent: XmlNode): XmlNode[] {
  return [...parent.childNodes].filter(({ nodeType }) => nodeType === 1);
}

function readSuites(given: Report): { attributes: Record<string, string>; cases: Case[] }[] {
  const root = create([...toJunit(given)].join('')).root().node as unknown as XmlNode;
  return elements(root).map((suite) => ({
    attributes: attributesOf(suite),
    cases: elements(suite).map((each) => {
      const [child] = elements(each);
      return {
        name: attributesOf(each).name ?? '',
        classname: attributesOf(each).classname ?? '',
        outcome: child?.nodeName ?? 'passed',
        attributes: child ? attributesOf(child) : {},
        text: child?.textContent ?? '',
      };
    }),
  }));
}

describe('junit', () => {
  const suites = readSuites(report);

  it('has a suite for each deployment, in the order of the report, with its counts', () => {
    expect(suites.map(({ attributes }) => attributes.name)).toEqual(report.deployments.map(({ key }) => key));
    expect(suites[2]?.attributes).toEqual({
      name: nonCompliant.key,
      tests: '10',
      failures: '5',
      errors: '0',
      skipped: '4',
    });
  });

  it('has a case for each requirement, with the outcome that a test reporter knows', () => {
    const outcomes = {
      pass: 'passed',
      fail: 'failure',
      unknown: 'skipped',
      exempt: 'skipped',
      notApplicable: 'skipped',
    };
    expect(suites[2]?.cases.map(({ name, outcome }) => [name, outcome])).toEqual(
      nonCompliant.findings.map(({ requirement, status }) => [requirement, outcomes[status]]),
    );
    expect(new Set(suites[2]?.cases.map(({ classname }) => classname))).toEqual(new Set(['apim-one.uksouth']));
  });

  it('says of a failure how grave it is, what breaks and how it is mended', () => {
    const found = suites[2]?.cases.find(({ name }) => name === failing.requirement);
    expect(found?.attributes).toEqual({ type: 'high', message: 'Replies go to the appliance.' });
    expect(found?.text.trim().split('\n')).toEqual([
      'Replies go to the appliance.',
      'The management plane loses its replies.',
      'Fix: Route ApiManagement to Internet.',
    ]);
  });

  it('says why a case is skipped, and what it waits for', () => {
    const messages = suites[2]?.cases
      .filter(({ outcome }) => outcome === 'skipped')
      .map((each) => each.attributes.message);
    expect(messages).toEqual([
      'not applicable: The policy does not ask for one.',
      'unknown: Ask the owner of the appliance.',
      'exempt (waiver): agreed until the move',
      'unknown: The firewall is not seen. Waits for: firewall fw-one; policy fp-one; group g-one',
    ]);
  });

  it('replaces what XML has no place for', () => {
    const [finding] = unknown.findings;
    if (!finding) throw new Error('no finding');
    const message = 'a\u0000b\ufffec\uffffd\ud800e';
    const given = reportOf([{ ...unknown, findings: [{ ...finding, evidence: {}, message }] }]);
    expect(readSuites(given)[0]?.cases[0]?.attributes.message).toBe('unknown: a\ufffdb\ufffdc\ufffdd\ufffde');
  });
});
