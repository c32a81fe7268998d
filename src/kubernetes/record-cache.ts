import { isDeepStrictEqual } from 'node:util';
import type { ObjectRecord } from './records.ts';

/** What happened to one object. The same name with a new UID is `removed`, then `added`. */
export type RecordChange<T> =
  | { readonly kind: 'added'; readonly record: T }
  | { readonly kind: 'changed'; readonly record: T; readonly previous: T }
  | { readonly kind: 'removed'; readonly record: T };

/**
 * The last known objects of a resource, by UID. Each call answers what it changed. A relist is a `beginRelist`, a `put` of
 * each object, and an `endRelist`, which removes what was not put; given up half-way it removes nothing.
 */
export class RecordCache<T extends ObjectRecord> {
  readonly #byUid = new Map<string, T>();
  readonly #byName = new Map<string, T>();
  #seen: Set<string> | undefined;

  get size(): number {
    return this.#byUid.size;
  }

  values(): IterableIterator<T> {
    return this.#byUid.values();
  }

  byUid(uid: string): T | undefined {
    return this.#byUid.get(uid);
  }

  byName(namespace: string, name: string): T | undefined {
    return this.#byName.get(nameKey(namespace, name));
  }

  beginRelist(): void {
    this.#seen = new Set();
  }

  put(record: T): readonly RecordChange<T>[] {
    this.#seen?.add(record.uid);
    const previous = this.#byUid.get(record.uid);
    if (previous !== undefined && isDeepStrictEqual(previous, record)) return [];
    const key = nameKey(record.namespace, record.name);
    const namesake = this.#byName.get(key);
    const replaced = namesake !== undefined && namesake.uid !== record.uid ? this.remove(namesake.uid) : [];
    this.#byUid.set(record.uid, record);
    this.#byName.set(key, record);
    return [...replaced, previous === undefined ? { kind: 'added', record } : { kind: 'changed', record, previous }];
  }

  remove(uid: string): readonly RecordChange<T>[] {
    const record = this.#byUid.get(uid);
    if (record === undefined) return [];
    this.#byUid.delete(uid);
    const key = nameKey(record.namespace, record.name);
    if (this.#byName.get(key)?.uid === uid) this.#byName.delete(key);
    return [{ kind: 'removed', record }];
  }

  endRelist(): readonly RecordChange<T>[] {
    const seen = this.#seen;
    this.#seen = undefined;
    if (seen === undefined) return [];
    const gone = [...this.#byUid.keys()].filter((uid) => !seen.has(uid));
    return gone.flatMap((uid) => this.remove(uid));
  }
}

function nameKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
