import { sameType } from '../../../model/profile-type.ts';
import { emptyHeader, type ProfileHeader } from '../../../profile/profile.ts';
import type { StoredType } from '../../profile-store.ts';
import { encodeShape, type Shape } from '../heads/shape.ts';

/** Comments kept of all merged profiles. */
const maxComments = 100;

const texts = new WeakMap<Shape, string>();

/**
 * Brings headers together as google/pprof's `Merge` does: the earliest time that is not 0, durations added up, the largest
 * period, comments once each; of the rest, the first that says something. Headers come in the order of their texts: what was
 * read first depends on where profiles lie, and the answer must not. Profiles stamped in the window say what there is;
 * snapshots that only stand in it do so where there are no others.
 */
export class HeaderMerge {
  readonly #inside = new Set<Shape>();
  readonly #standing = new Set<Shape>();
  #timeNanos = 0n;
  #durationNanos = 0n;

  addInside(shape: Shape): void {
    this.#inside.add(shape);
  }

  addStanding(shape: Shape): void {
    this.#standing.add(shape);
  }

  /** The times of one profile that is stamped in the window, or of several. */
  addTimes(timeNanos: bigint, durationNanos: bigint): void {
    this.#durationNanos += durationNanos;
    if (timeNanos !== 0n && (this.#timeNanos === 0n || timeNanos < this.#timeNanos)) this.#timeNanos = timeNanos;
  }

  /**
   * The sample types of all profiles, told apart by name and unit: those of the longest list in its order, then what others
   * have besides. Lists of one length are taken in the order of their texts.
   */
  types(): StoredType[] {
    const lists = [...this.#inside, ...this.#standing]
      .map(({ types }) => types)
      .sort((a, b) => b.length - a.length || compare(JSON.stringify(a), JSON.stringify(b)));
    const types: StoredType[] = [];
    for (const type of lists.flat()) if (!types.some((known) => sameType(known, type))) types.push(type);
    return types;
  }

  result(): ProfileHeader {
    const headers = inOrder(this.#inside.size > 0 ? this.#inside : this.#standing).map(({ header }) => header);
    const first = <Key extends keyof Shape['header']>(key: Key): Shape['header'][Key] =>
      headers.find((header) => Boolean(header[key]))?.[key] ?? emptyHeader[key];
    return {
      timeNanos: this.#timeNanos,
      durationNanos: this.#durationNanos,
      periodType: first('periodType'),
      period: headers.reduce((largest, { period }) => (period > largest ? period : largest), 0n),
      defaultSampleType: first('defaultSampleType'),
      dropFrames: first('dropFrames'),
      keepFrames: first('keepFrames'),
      docUrl: first('docUrl'),
      comments: [...new Set(headers.flatMap(({ comments }) => comments))].slice(0, maxComments),
    };
  }
}

function inOrder(shapes: ReadonlySet<Shape>): Shape[] {
  return [...shapes].sort((a, b) => compare(textOf(a), textOf(b)));
}

function textOf(shape: Shape): string {
  const known = texts.get(shape) ?? encodeShape(shape.types, { ...shape.header, timeNanos: 0n, durationNanos: 0n });
  texts.set(shape, known);
  return known;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
