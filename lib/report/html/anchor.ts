/** Fragments of the page: short, the same whenever the page is made again, and of plain letters whatever Azure calls its things. */
import { createHash } from 'node:crypto';
import type { DeploymentReport } from '../../audit/report.ts';

const longestName = 40;

/** The fragment under which a deployment, or one of its findings, is found. */
export function anchorOf({ key, name, region }: DeploymentReport, requirement?: string): string {
  const words = `${name}-${region}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  // Two hyphens in a row stand before a requirement, and nowhere else.
  const place = `${words.slice(0, longestName).replace(/-$/, '')}-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
  return requirement === undefined ? place : `${place}--${requirement}`;
}
