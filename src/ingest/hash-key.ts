import { randomBytes } from 'node:crypto';
import type { HashKey } from '../profile/keyed-hash.ts';
import type { StateStore } from '../store/state-store.ts';

const name = 'stack-hash-key';

/** The store's own hash key, made on the first call. It must outlive the stacks, for it is in the name of each. */
export function hashKeyOf(state: StateStore): HashKey {
  let text = state.get(name);
  if (text === undefined) {
    text = randomBytes(8).toString('hex');
    state.set(name, text);
  }
  if (!/^[0-9a-f]{16}$/.test(text)) throw new Error(`the state store holds ${JSON.stringify(text)} as ${name}`);
  const bytes = Buffer.from(text, 'hex');
  return { high: bytes.readInt32LE(0), low: bytes.readInt32LE(4) };
}
