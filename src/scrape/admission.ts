import type { Bytes } from '../model/units.ts';

/** How many scrapes may be under way at once, over all sources. */
export interface AdmissionLimits {
  /** Requests that hold a target for seconds (CPU): they cost us a socket, not work. */
  readonly windows: number;
  readonly snapshots: number;
  readonly perNode: number;
  /** Bodies asked for, by their expected size, and bodies not yet stored, by their true one. */
  readonly bytes: Bytes;
}

export interface AdmissionRequest {
  readonly lane: 'windows' | 'snapshots';
  /** Empty: no node is known, and no cap per node holds. */
  readonly node: string;
  readonly bytes: Bytes;
}

/** A place; `resize` once the true size is known, `release` once it is stored. Releasing twice does nothing. */
export interface Permit {
  /**
   * Takes note of a body's size so far. False when all bodies together are over the budget and this one is larger than its
   * share: so all of them stay below twice the budget, and it is the giants that are given up.
   */
  mayGrow(bytes: Bytes): boolean;
  resize(bytes: Bytes): void;
  release(): void;
}

interface Waiting {
  readonly request: AdmissionRequest;
  readonly admit: (permit: Permit) => void;
}

/**
 * The gate that every scrape passes. First come, first served, but one who waits for a busy node or lane lets others pass.
 * For bytes nobody passes: else small bodies would keep a large one waiting for ever. A body larger than the whole budget
 * goes when it is alone. At most one scrape of each source waits here, so the queue is as long as there are sources.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #inLane = { windows: 0, snapshots: 0 };
  readonly #onNode = new Map<string, number>();
  #bytes: Bytes = 0;
  #waiting: Waiting[] = [];

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get inFlight(): number {
    return this.#inLane.windows + this.#inLane.snapshots;
  }

  get bytes(): Bytes {
    return this.#bytes;
  }

  /** Undefined when the signal aborts first. */
  enter(request: AdmissionRequest, signal: AbortSignal): Promise<Permit | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        resolve(undefined);
        this.#admitWaiting();
      };
      const waiting: Waiting = {
        request,
        admit: (permit) => {
          signal.removeEventListener('abort', onAbort);
          resolve(permit);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      return this.#admitWaiting();
    });
  }

  #admitWaiting(): void {
    if (this.#waiting.length === 0) return;
    const left: Waiting[] = [];
    let bytesBlocked = false;
    for (const waiting of this.#waiting) {
      const { request } = waiting;
      if (bytesBlocked || !this.#hasPlace(request)) left.push(waiting);
      else if (this.#bytes > 0 && this.#bytes + request.bytes > this.#limits.bytes) {
        bytesBlocked = true;
        left.push(waiting);
      } else waiting.admit(this.#take(request));
    }
    this.#waiting = left;
  }

  #hasPlace({ lane, node }: AdmissionRequest): boolean {
    if (this.#inLane[lane] >= this.#limits[lane]) return false;
    return node === '' || (this.#onNode.get(node) ?? 0) < this.#limits.perNode;
  }

  #take({ lane, node, bytes }: AdmissionRequest): Permit {
    this.#inLane[lane]++;
    if (node !== '') this.#onNode.set(node, (this.#onNode.get(node) ?? 0) + 1);
    this.#bytes += bytes;
    let held = bytes;
    let released = false;
    const resize = (size: Bytes): void => {
      if (released) return;
      this.#bytes += size - held;
      held = size;
    };
    return {
      resize,
      mayGrow: (size) => {
        if (size > held) resize(size);
        return this.#bytes <= this.#limits.bytes || size <= this.#limits.bytes / this.inFlight;
      },
      release: () => {
        if (released) return;
        released = true;
        this.#inLane[lane]--;
        this.#leaveNode(node);
        this.#bytes -= held;
        this.#admitWaiting();
      },
    };
  }

  #leaveNode(node: string): void {
    const left = (this.#onNode.get(node) ?? 0) - 1;
    if (left > 0) this.#onNode.set(node, left);
    else this.#onNode.delete(node);
  }
}
