import type { UnixHour } from './data-dir.ts';

/** Bytes of a file that cannot be what was written: a page or a blob is damaged. Says whose hours are lost with it. */
export class DamagedData extends Error {
  override readonly name = 'DamagedData';
  readonly file: string;
  /** The hour of a chunk, undefined where the damage cannot be pinned to one. */
  readonly hour: UnixHour | undefined;

  constructor(file: string, hour: UnixHour | undefined, what: string, options?: ErrorOptions) {
    super(`${file}: ${what}`, options);
    this.file = file;
    this.hour = hour;
  }
}
