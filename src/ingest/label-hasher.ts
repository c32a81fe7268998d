import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import { mix32 } from '../profile/keyed-hash.ts';
import type { ContentHasher } from './content-hasher.ts';

/** 2^32: where a whole number is cut into two words. */
const wordSize = 0x1_0000_0000;

/**
 * Sums up the pprof labels of samples as 64 bits that do not depend on their order. Numbers are mixed by bijections with
 * the secret hash of their key, which is cheaper than hashing anew: a Go heap profile has a `bytes` label on every sample.
 */
export class LabelHasher {
  high = 0;
  low = 0;
  readonly #content: ContentHasher;

  constructor(content: ContentHasher) {
    this.#content = content;
  }

  /** Labels `[from, to)` of the profile; false when none of them exists. */
  sum(profile: DecodedProfile, from: number, to: number): boolean {
    let found = false;
    this.high = 0;
    this.low = 0;
    for (let label = from; label < to; label++) {
      const text = profile.labelText[label] as number;
      const unit = profile.labelUnit[label] as number;
      const number = profile.labelNumber[label] as number;
      if (text === 0 && unit === 0 && number === 0) continue;
      found = true;
      if (text === 0) this.#addNumber(profile, label, number, unit);
      else this.#addText(profile.labelKey[label] as number, text);
    }
    return found;
  }

  #addText(key: number, text: number): void {
    const content = this.#content;
    content.string(key);
    const { high, low } = content;
    content.string(text);
    this.high = (this.high + mix32(mix32(high ^ 0x2c1b3c6d) ^ content.high)) | 0;
    this.low = (this.low + mix32(mix32(low ^ 0x297a2d39) ^ content.low)) | 0;
  }

  #addNumber(profile: DecodedProfile, label: number, number: number, unit: number): void {
    const content = this.#content;
    content.string(profile.labelKey[label] as number);
    const { high, low } = content;
    content.string(unit);
    let word = number | 0;
    let upper = Math.floor(number / wordSize) | 0;
    const big = profile.bigLabelNumbers?.get(label);
    if (big !== undefined) {
      word = Number(BigInt.asIntN(32, big));
      upper = Number(big >> 32n) | 0;
    }
    this.high = (this.high + mix32(mix32(high ^ word) ^ (content.high + upper))) | 0;
    this.low = (this.low + mix32(mix32(low ^ word) ^ (content.low ^ Math.imul(upper, 0x9e3779b1)))) | 0;
  }
}
