import { emptyHeader, type ProfileHeader } from '../../../profile/profile.ts';
import type { Shape } from '../heads/shape.ts';

/** Comments kept of all merged profiles. */
const maxComments = 100;

/**
 * Brings headers together as google/pprof's `Merge` does: the earliest time that is not 0, durations added up, the largest
 * period, comments once each; of the rest, the first that says something.
 */
export class HeaderMerge {
  readonly #shapes = new Set<Shape>();
  #timeNanos = 0n;
  #durationNanos = 0n;

  add(shape: Shape, timeNanos: bigint, durationNanos: bigint): void {
    this.#shapes.add(shape);
    this.#durationNanos += durationNanos;
    if (timeNanos !== 0n && (this.#timeNanos === 0n || timeNanos < this.#timeNanos)) this.#timeNanos = timeNanos;
  }

  result(): ProfileHeader {
    const headers = [...this.#shapes].map(({ header }) => header);
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
