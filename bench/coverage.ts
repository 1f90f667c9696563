/**
 * Proving that a tag is, or is not, covered by a set of routes. The peer is `cidr-tools`, asked in the way that is right
 * for unions (`excludeCidr` leaves nothing); its `containsCidr` looks at one prefix at a time. Routes come in the order
 * of a route table, which is none.
 */
import { excludeCidr } from 'cidr-tools';
import { firstUncovered, fromPrefixes } from '../lib/address/interval-set.ts';
import { agree, type Claim, median, middle, type Result, shuffled, times } from './claim.ts';
import { fresh, prefixesOf, tags } from './tags.ts';

const rounds = 41;

/** Both contenders in turn on texts of their own, the same in each round. */
function compare(inner: readonly string[], outer: readonly string[]): { own: number; peer: number; covered: boolean } {
  const own: number[] = [];
  const peer: number[] = [];
  let covered = false;
  for (let round = -10; round < rounds; round++) {
    const [a, b, c, d] = [fresh(inner), fresh(outer), fresh(inner), fresh(outer)];
    const start = performance.now();
    covered = firstUncovered(fromPrefixes(a), fromPrefixes(b)) < 0;
    const between = performance.now();
    const left = excludeCidr(c, d);
    const end = performance.now();
    agree('is covered', covered, left.length === 0);
    if (round < 0) continue;
    own.push(between - start);
    peer.push(end - between);
  }
  return { own: middle(own), peer: middle(peer), covered };
}

function run(): Result[] {
  const routes = shuffled(prefixesOf('AzureCloud'), 7);
  const results: Result[] = [];
  for (const name of ['AzureMonitor', 'ApiManagement', 'Storage']) {
    const inner = prefixesOf(name);
    const text = compare(inner, routes);
    const set = tags.get(name).set;
    const compiled = fromPrefixes(routes);
    agree('is covered, compiled', text.covered, firstUncovered(set, compiled) < 0);
    const repeats = 200;
    const perCall =
      median(() => {
        for (let i = 0; i < repeats; i++) firstUncovered(set, compiled);
      }) / repeats;
    const what = `${name} (${inner.length}) ${text.covered ? 'is' : 'is not'} covered by ${routes.length} routes`;
    results.push(
      {
        claim: `${what}, text in`,
        bar: 'cidr-tools / own >= 2.5',
        measured: times(text.peer / text.own),
        holds: text.peer / text.own >= 2.5,
      },
      {
        claim: `${what}, compiled`,
        bar: 'cidr-tools / own >= 300',
        measured: times(text.peer / perCall),
        holds: text.peer / perCall >= 300,
      },
    );
  }
  return results;
}

export const coverage: Claim = { name: 'coverage', run };
