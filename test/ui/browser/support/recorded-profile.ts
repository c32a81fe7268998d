import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { encodeProfile } from '../../../../src/pprof/encode.ts';
import type { Profile } from '../../../../src/profile/profile.ts';
import { readProfile } from '../../../support/pprof-decode.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures/recorded');

/** How much of what a row holds is there at a moment: 1 is all that was recorded. `stack` is `main.main;main.run;…`. */
export type Amount = (stack: string, type: string) => number;

/** A profile of test/fixtures/recorded, to be played back in other amounts: its stacks are real, their sizes follow the story. */
export class RecordedProfile {
  readonly #profile: Profile;
  readonly #stacks: readonly string[];

  /** `checkout-1.cpu`, say. */
  constructor(name: string) {
    this.#profile = readProfile(readFileSync(join(folder, `${name}.pb.gz`)));
    const { stacks } = this.#profile;
    this.#stacks = Array.from({ length: stacks.size }, (_, row) =>
      stacks
        .stack(row)
        .frames.map((frame) => frame.function?.name ?? '?')
        .join(';'),
    );
  }

  /** Plain pprof. What counts since the start of a process grows with `amount` and never falls when it does not. */
  at(amount: Amount): Uint8Array {
    return this.#encoded((value, row, type) => Math.round(value * amount(this.#stacks[row] ?? '', type)));
  }

  /**
   * A CPU profile of `seconds`: so many whole samples as a profiler would have caught, now more, now less. The same
   * moment gives the same.
   */
  sampled(amount: Amount, seconds: number, moment: number): Uint8Array {
    const { sampleTypes, values, header } = this.#profile;
    const counts = values[sampleTypes.findIndex(({ type }) => type === 'samples')] ?? new Float64Array();
    const share = seconds / (Number(header.durationNanos) / 1e9);
    const caught = this.#stacks.map((stack, row) => {
      const expected = Number(counts[row] ?? 0) * share * amount(stack, 'samples');
      const chance = noise(moment, row);
      return Math.max(0, Math.floor(expected + Math.sqrt(expected) * (noise(row, moment) - 0.5) + chance));
    });
    const encoded = (_: number, row: number, type: string): number =>
      (caught[row] ?? 0) * (type === 'samples' ? 1 : Number(header.period));
    return this.#encoded(encoded, BigInt(seconds) * 1_000_000_000n);
  }

  #encoded(
    valueOf: (value: number, row: number, type: string) => number,
    durationNanos = this.#profile.header.durationNanos,
  ): Uint8Array {
    const { sampleTypes, values } = this.#profile;
    const drawn = values.map((column, at) =>
      Float64Array.from(Array.from(column, Number), (value, row) => valueOf(value, row, sampleTypes[at]?.type ?? '')),
    );
    const header = { ...this.#profile.header, durationNanos };
    return encodeProfile({ ...this.#profile, values: drawn, header }, { gzip: 'none' });
  }
}

/** In [0, 1), the same for the same two numbers. */
export function noise(a: number, b: number): number {
  const value = Math.sin(12.9898 * a + 78.233 * b + 1) * 43_758.5453;
  return value - Math.floor(value);
}
