/**
 * Reads the JSON report of a test run, says in one line how it went, and fails where a suite that must run in CI did not:
 * a skipped oracle proves nothing. Usage: `npm run ci:summary -- report.json`.
 */
import { readFileSync } from 'node:fs';

interface Assertion {
  readonly status: string;
}
interface Summary {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly Assertion[] }[];
}

const mustRun = ['test/oracle/kernel-routes.test.ts'];

const [, , path] = process.argv;
if (path === undefined) throw new Error('name the JSON report of the test run');
const summary = JSON.parse(readFileSync(path, 'utf8')) as Summary;
const ran = (suite: string): boolean =>
  summary.testResults.some(
    ({ name, assertionResults }) => name.endsWith(suite) && assertionResults.some(({ status }) => status === 'passed'),
  );
const missing = mustRun.filter((suite) => !ran(suite));
for (const suite of missing) process.stdout.write(`${suite} did not run\n`);
const skipped = summary.numPendingTests + summary.numTodoTests;
process.stdout.write(`${summary.numPassedTests} passed, ${summary.numFailedTests} failed, ${skipped} skipped\n`);
process.exitCode = missing.length > 0 || summary.numFailedTests > 0 ? 1 : 0;
