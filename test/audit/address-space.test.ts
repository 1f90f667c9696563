/** The picture of the whole address space, against the trace of each of its blocks. */
import { expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import { traceRange } from '../../lib/audit/trace.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';

it.each([[[]], [['no control plane route', 'no storage endpoint']]])(
  'every block goes where the trace says, and all blocks are there: %j',
  (names) => {
    const { resources, policy } = brokenEstate(names);
    const estate = estateFromResources(resources, { kind: 'file', name: 'test' });
    const options = { tagsFor: bundledTagsFor, policy, now: new Date(0), addressSpace: true };
    const space = auditEstate(estate, options).deployments[0]?.addressSpace;
    if (!space) throw new Error('the address space was asked for');
    const sums = space.hops.map(() => 0);
    let next = 0;
    for (const { first, last, via } of space.blocks) {
      expect(first).toBe(next);
      next = last + 1;
      const told = new Map<string, number>();
      for (const { hop, addresses } of via) {
        const path = space.hops[hop]?.path ?? '';
        told.set(path, (told.get(path) ?? 0) + addresses);
        sums[hop] = (sums[hop] ?? 0) + addresses;
      }
      const traced = new Map<string, number>();
      for (let block = first; block <= last; block++) {
        for (const { path, addresses } of traceRange(estate, ids.subnet, `${block}.0.0.0/8`, options).pieces) {
          traced.set(path, (traced.get(path) ?? 0) + addresses);
        }
      }
      expect(told).toEqual(traced);
    }
    expect(next).toBe(256);
    expect(space.hops.map(({ addresses }) => addresses)).toEqual(sums);
  },
);
