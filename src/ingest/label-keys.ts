import { LRUCache } from 'lru-cache';
import type { Bytes } from '../model/units.ts';
import { PairMap } from '../profile/pair-map.ts';
import type { StateStore } from '../store/state-store.ts';

/** Why the labels of a key are left out of stacks: for what the key is called, or for how many texts it has. */
export type DropReason = 'name' | 'values';

export interface LabelLimits {
  /** Different texts of one key in one partition; a key with more is as good as unique, and is left out from then on. */
  readonly values: number;
  /** Keys that are left out from the first profile on. Case, spaces, `_`, `-` and `.` make no difference. */
  readonly droppedKeys: readonly string[];
  /**
   * Keys of one partition whose texts are counted, and as many that are left out for having too many; further ones have the
   * cap of label sets only.
   */
  readonly keys: number;
}

/**
 * What is left out: `=KEY` is a key as it is written, `~name` any key that is called so. Few, whatever a target sends.
 */
export type DroppedId = `=${string}` | `~${string}`;

/**
 * The keys of text labels that stacks are stored without. A sample with such a label keeps its frames and other labels.
 * Numbers are never left out. Never changed: one that leaves out more is another one.
 */
export class DroppedKeys {
  static readonly none = new DroppedKeys(new Set());
  readonly #ids: ReadonlySet<DroppedId>;

  private constructor(ids: ReadonlySet<DroppedId>) {
    this.#ids = ids;
  }

  static named(names: readonly string[]): DroppedKeys {
    return DroppedKeys.none.and(names.map(nameId));
  }

  and(ids: Iterable<DroppedId>): DroppedKeys {
    const all = new Set([...this.#ids, ...ids]);
    return all.size === this.#ids.size ? this : new DroppedKeys(all);
  }

  /** Those that were found by counting texts. */
  get counted(): DroppedId[] {
    return [...this.#ids].filter((id) => reasonOf(id) === 'values');
  }

  /** By what a key is left out; undefined when its labels are kept. */
  idOf(key: string): DroppedId | undefined {
    if (this.#ids.size === 0) return undefined;
    if (this.#ids.has(`=${key}`)) return `=${key}`;
    const name = nameId(key);
    return this.#ids.has(name) ? name : undefined;
  }
}

export function reasonOf(id: DroppedId): DropReason {
  return id.startsWith('=') ? 'values' : 'name';
}

/** `spanId`, `span_id` and `Span ID` are one name. */
function nameId(key: string): DroppedId {
  return `~${key.toLowerCase().replace(/[\s_.-]/g, '')}`;
}

/** In UTF-16 code units; a longer key is nothing that a person would ask for. */
const maxKeyLength = 1_024;

/** The texts that the label keys of a partition have had, by hash and up to a bound: which keys are as good as unique? */
export class LabelTexts {
  readonly #limits: LabelLimits;
  readonly #ofKey = new Map<string, PairMap>();

  constructor(limits: LabelLimits) {
    this.#limits = limits;
  }

  get bytes(): Bytes {
    let bytes = 0;
    for (const [key, texts] of this.#ofKey) bytes += 2 * key.length + texts.bytes;
    return bytes;
  }

  /** Counts a text of a key; true as soon as the key has more of them than it may. */
  isTooMany(key: string, high: number, low: number): boolean {
    let texts = this.#ofKey.get(key);
    if (!texts) {
      if (this.#ofKey.size >= this.#limits.keys || key.length > maxKeyLength) return false;
      texts = new PairMap();
      this.#ofKey.set(key, texts);
    }
    if (texts.size <= this.#limits.values) texts.set(high, low, 0);
    return texts.size > this.#limits.values;
  }

  /** It will be left out from now on. */
  forget(key: string): void {
    this.#ofKey.delete(key);
  }
}

/** Where it is kept in the state store. */
const settingName = 'left_out_labels';

interface SavedKeys {
  /** The bound that decided; what had too many texts for it may be fine with a higher one. */
  readonly values: number;
  /** The most recently used first. */
  readonly partitions: readonly (readonly [partition: string, ids: readonly DroppedId[]])[];
}

/** Which keys each partition leaves out. What was decided stays so, also over a restart; of so many partitions. */
export class DroppedKeysBook {
  readonly #first: DroppedKeys;
  readonly #partitions: LRUCache<string, DroppedKeys>;
  readonly #state: Pick<StateStore, 'get' | 'set'>;
  readonly #values: number;
  readonly #keys: number;
  #isSaved = true;

  constructor({ droppedKeys, values, keys }: LabelLimits, partitions: number, state: Pick<StateStore, 'get' | 'set'>) {
    this.#first = DroppedKeys.named(droppedKeys);
    this.#partitions = new LRUCache({ max: partitions });
    this.#state = state;
    this.#values = values;
    this.#keys = keys;
    const saved = JSON.parse(state.get(settingName) ?? '{"values":0,"partitions":[]}') as SavedKeys;
    if (values > saved.values) return;
    for (const [partition, ids] of saved.partitions.toReversed()) this.#partitions.set(partition, this.#first.and(ids));
  }

  of(partition: string): DroppedKeys {
    return this.#partitions.get(partition) ?? this.#first;
  }

  /** How many more keys a partition may leave out for their texts: a target could make up new ones for ever. */
  room(partition: string): number {
    return this.#keys - this.of(partition).counted.length;
  }

  /** From now on the partition leaves out these, too. */
  add(partition: string, keys: Iterable<string>): DroppedKeys {
    const dropped = this.of(partition).and(Array.from(keys, (key): DroppedId => `=${key}`));
    this.#partitions.set(partition, dropped);
    this.#isSaved = false;
    return dropped;
  }

  /** Saves what was added. A decision that a kill undoes is made again: nothing but labels depends on it. */
  save(): void {
    if (this.#isSaved) return;
    const partitions = Array.from(this.#partitions.entries(), ([key, dropped]) => [key, dropped.counted] as const);
    const saved: SavedKeys = { values: this.#values, partitions };
    this.#state.set(settingName, JSON.stringify(saved));
    this.#isSaved = true;
  }
}
