import type { ScannedProfile } from '../heads/head-scan.ts';
import { decodeShape } from '../heads/shape.ts';

/** Profiles that may share a chunk, with their place among all that were given. */
export interface Part {
  readonly partition: number;
  readonly members: readonly number[];
}

/** Texts of shapes that are remembered; past that, they are read again. */
const maxRemembered = 10_000;

/** Brings the profiles of a series into parts of one partition and one list of sample types, in the order they are met. */
export class PartSplitter {
  readonly #typesOf = new Map<string, string>();

  split(profiles: readonly Pick<ScannedProfile, 'partition' | 'shape'>[]): Part[] {
    const parts = new Map<string, { readonly partition: number; readonly members: number[] }>();
    for (const [index, { partition, shape }] of profiles.entries()) {
      const key = `${partition} ${this.#types(shape)}`;
      const part = parts.get(key);
      if (part) part.members.push(index);
      else parts.set(key, { partition, members: [index] });
    }
    return [...parts.values()];
  }

  /** The types of a shape as a text, the same for the same types. */
  #types(shape: string): string {
    const known = this.#typesOf.get(shape);
    if (known !== undefined) return known;
    const types = decodeShape(shape).types.map(({ type, unit, temporality }) => [type, unit, temporality]);
    const text = JSON.stringify(types);
    if (this.#typesOf.size >= maxRemembered) this.#typesOf.clear();
    this.#typesOf.set(shape, text);
    return text;
  }
}
