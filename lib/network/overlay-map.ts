/** A map with one entry in place of another's, without copying it: a large estate is tried with small changes. */
export class OverlayMap<V> implements ReadonlyMap<string, V> {
  private readonly base: ReadonlyMap<string, V>;
  private readonly key: string;
  private readonly value: V;

  constructor(base: ReadonlyMap<string, V>, key: string, value: V) {
    this.base = base;
    this.key = key;
    this.value = value;
  }

  get size(): number {
    return this.base.size + (this.base.has(this.key) ? 0 : 1);
  }

  get(key: string): V | undefined {
    return key === this.key ? this.value : this.base.get(key);
  }

  has(key: string): boolean {
    return key === this.key || this.base.has(key);
  }

  *entries(): MapIterator<[string, V]> {
    for (const [key, value] of this.base) if (key !== this.key) yield [key, value];
    yield [this.key, this.value];
  }

  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}
