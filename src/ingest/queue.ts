import type { Bytes } from '../model/units.ts';

/** What waits: where it came from, for fairness, and how much room it takes. */
export interface Queued {
  /** Entries of one lane keep their order. */
  readonly lane: string;
  readonly bytes: Bytes;
}

interface Lane<Item> {
  readonly items: Item[];
  bytes: Bytes;
}

/**
 * A queue bounded by bytes and fair between lanes: entries leave lane by lane in turn, so that one source that sends much
 * delays only itself. When it is full, the newest entry of the lane that holds most of it goes, for what came before it is
 * needed to understand what comes after.
 */
export class FairQueue<Item extends Queued> {
  readonly #maxBytes: Bytes;
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane<Item>>();
  #bytes = 0;
  #length = 0;

  constructor(maxBytes: Bytes) {
    if (!(maxBytes > 0)) throw new RangeError(`the queue needs room for more than 0 bytes, got ${maxBytes}`);
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Bytes {
    return this.#bytes;
  }

  /** Puts an entry at the end of its lane. Returns what had to go to keep the bound: perhaps the entry itself. */
  push(item: Item): Item[] {
    let lane = this.#lanes.get(item.lane);
    if (!lane) {
      lane = { items: [], bytes: 0 };
      this.#lanes.set(item.lane, lane);
    }
    lane.items.push(item);
    this.#add(lane, item.bytes, 1);
    const dropped: Item[] = [];
    while (this.#bytes > this.#maxBytes) dropped.push(this.#dropFromLargest());
    return dropped;
  }

  /** The next entries by turns: at most `count`, and no more than fit in `bytes`, but at least one if there is any. */
  take(count: number, bytes: Bytes): Item[] {
    const taken: Item[] = [];
    let size = 0;
    for (const [name, lane] of this.#lanes) {
      const next = lane.items[0];
      if (!next || taken.length >= count || (taken.length > 0 && size + next.bytes > bytes)) break;
      lane.items.shift();
      taken.push(next);
      size += next.bytes;
      this.#add(lane, -next.bytes, -1);
      this.#lanes.delete(name);
      // Its turn is over; a map goes through what is added while it is gone through.
      if (lane.items.length > 0) this.#lanes.set(name, lane);
    }
    return taken;
  }

  #dropFromLargest(): Item {
    let largest: [string, Lane<Item>] | undefined;
    for (const entry of this.#lanes) if (!largest || entry[1].bytes > largest[1].bytes) largest = entry;
    const item = largest?.[1].items.pop();
    if (!largest || !item) throw new Error('the queue is over its bound but holds nothing');
    this.#add(largest[1], -item.bytes, -1);
    if (largest[1].items.length === 0) this.#lanes.delete(largest[0]);
    return item;
  }

  #add(lane: Lane<Item>, bytes: Bytes, items: number): void {
    lane.bytes += bytes;
    this.#bytes += bytes;
    this.#length += items;
  }
}
