import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import { mix32 } from '../profile/keyed-hash.ts';
import type { ContentHasher } from './content-hasher.ts';
import { type DroppedId, DroppedKeys, type DropReason, reasonOf } from './label-keys.ts';

/** 2^32: where a whole number is cut into two words. */
const wordSize = 0x1_0000_0000;

interface TextKey {
  readonly name: string;
  readonly dropped: DroppedId | undefined;
}

/**
 * Sums up the pprof labels of samples as 64 bits that do not depend on their order. Numbers are mixed by bijections with
 * the secret hash of their key, which is cheaper than hashing anew: a Go heap profile has a `bytes` label on every sample.
 * Texts of keys that are left out do not exist here; numbers never are left out.
 */
export class LabelHasher {
  high = 0;
  low = 0;
  /** Labels that were passed over since `begin`. */
  readonly dropped: Record<DropReason, number> = { name: 0, values: 0 };
  /** Whether any sample had a text label that counts. */
  sawText = false;
  readonly #content: ContentHasher;
  #leftOut = DroppedKeys.none;
  /** The keys of text labels that were met in this profile, by string index. */
  readonly #keys = new Map<number, TextKey>();
  /** By string index: 1 for those of them that are not left out. This is asked for every label. */
  #isKept = new Uint8Array(256);

  constructor(content: ContentHasher) {
    this.#content = content;
  }

  /** Takes up the next profile, as the content hasher does. */
  begin(leftOut: DroppedKeys): void {
    this.#leftOut = leftOut;
    for (const key of this.#keys.keys()) this.#isKept[key] = 0;
    this.#keys.clear();
    this.dropped.name = 0;
    this.dropped.values = 0;
    this.sawText = false;
  }

  /** By what labels were passed over since `begin`, each with one of the keys as it is written. */
  droppedIds(): ReadonlyMap<DroppedId, string> {
    const ids = new Map<DroppedId, string>();
    for (const { name, dropped } of this.#keys.values()) if (dropped) ids.set(dropped, name);
    return ids;
  }

  /** Labels `[from, to)` of the profile; false when none of them exists. */
  sum(profile: DecodedProfile, from: number, to: number): boolean {
    let found = false;
    this.high = 0;
    this.low = 0;
    for (let label = from; label < to; label++) {
      const text = profile.labelText[label] as number;
      if (text !== 0) {
        if (this.#addText(profile, profile.labelKey[label] as number, text)) found = true;
        continue;
      }
      const unit = profile.labelUnit[label] as number;
      const number = profile.labelNumber[label] as number;
      if (unit === 0 && number === 0) continue;
      found = true;
      this.#addNumber(profile, label, number, unit);
    }
    return found;
  }

  /** The text labels of `[from, to)` that count: key and hash of the text, one after the other. */
  *texts(profile: DecodedProfile, from: number, to: number): Generator<readonly [string, number, number]> {
    for (let label = from; label < to; label++) {
      const text = profile.labelText[label] as number;
      if (text === 0) continue;
      const { name, dropped } = this.#textKey(profile, profile.labelKey[label] as number);
      if (dropped) continue;
      this.#content.string(text);
      yield [name, this.#content.high, this.#content.low];
    }
  }

  #addText(profile: DecodedProfile, key: number, text: number): boolean {
    if (this.#isKept[key] !== 1) {
      const { dropped } = this.#textKey(profile, key);
      if (dropped) {
        this.dropped[reasonOf(dropped)]++;
        return false;
      }
    }
    this.sawText = true;
    const content = this.#content;
    content.string(key);
    const { high, low } = content;
    content.string(text);
    this.high = (this.high + mix32(mix32(high ^ 0x2c1b3c6d) ^ content.high)) | 0;
    this.low = (this.low + mix32(mix32(low ^ 0x297a2d39) ^ content.low)) | 0;
    return true;
  }

  #textKey(profile: DecodedProfile, key: number): TextKey {
    let found = this.#keys.get(key);
    if (!found) {
      const name = profile.text(key);
      found = { name, dropped: this.#leftOut.idOf(name) };
      this.#keys.set(key, found);
      if (key >= this.#isKept.length) this.#isKept = grown(this.#isKept, 2 * key);
      this.#isKept[key] = found.dropped ? 0 : 1;
    }
    return found;
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

function grown(old: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(length);
  more.set(old);
  return more;
}
