import type { DurationMs } from '../model/units.ts';
import type { Answer, Question } from './engine.ts';
import { type Lane, laneOf, lanes } from './lane.ts';

/** What answers one question at a time: `query-thread.ts`, or a test. */
export interface AnsweringThread extends AsyncDisposable {
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}

export interface DispatcherOptions {
  /** Threads of each lane. */
  readonly threads: Readonly<Record<Lane, number>>;
  /** Further ones for small questions while those that were thought small take long. */
  readonly spares: number;
  /** Questions of a lane that wait; one more is refused. */
  readonly maxWaiting: number;
  /** A small question that runs for so long is none, and the next is not kept waiting for it. */
  readonly longMs: DurationMs;
  readonly startThread: (lane: Lane) => AnsweringThread;
}

export interface LaneNumbers {
  readonly running: number;
  readonly waiting: number;
}

/** Whose threads a lane may use, its own first. Wide questions use no other's: these would no longer be free for theirs. */
const mayUse: Readonly<Record<Lane, readonly Lane[]>> = {
  lists: ['lists', 'small'],
  small: ['small', 'wide'],
  wide: ['wide'],
};

interface Place {
  readonly lane: Lane;
  readonly thread: AnsweringThread;
  running: { readonly lane: Lane; readonly sinceMs: number } | undefined;
}

interface Waiting {
  readonly lane: Lane;
  readonly run: (place: Place) => void;
}

/** Gives questions to threads, lane by lane, each in the order of asking. */
export class Dispatcher implements AsyncDisposable {
  readonly #options: DispatcherOptions;
  readonly #places: Place[];
  readonly #waiting: Readonly<Record<Lane, Waiting[]>> = { lists: [], small: [], wide: [] };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#places = lanes.flatMap((lane) => Array.from({ length: options.threads[lane] }, () => this.#place(lane)));
  }

  /** `onStart`: told when a thread begins. Undefined when too many wait already. Rejects with the signal's reason when that aborts, once the work has stopped. */
  ask(question: Question, signal: AbortSignal, onStart?: () => void): Promise<Answer> | undefined {
    const lane = laneOf(question);
    const line = this.#waiting[lane];
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const waiting: Waiting = {
      lane,
      run: (place) => {
        signal.removeEventListener('abort', leave);
        onStart?.();
        place.thread
          .ask(question, signal)
          .then(resolve, reject)
          .finally(() => {
            place.running = undefined;
            this.#assign();
          });
      },
    };
    const leave = (): void => {
      line.splice(line.indexOf(waiting), 1);
      reject(signal.reason as Error);
    };
    line.push(waiting);
    this.#assign();
    if (line.includes(waiting)) {
      if (line.length > this.#options.maxWaiting) {
        line.pop();
        return undefined;
      }
      signal.addEventListener('abort', leave, { once: true });
    }
    return promise;
  }

  /** By the lane of the question, whichever thread answers it. */
  numbers(): Readonly<Record<Lane, LaneNumbers>> {
    const numbersOf = (lane: Lane): LaneNumbers => ({
      running: this.#places.filter(({ running }) => running?.lane === lane).length,
      waiting: this.#waiting[lane].length,
    });
    return { lists: numbersOf('lists'), small: numbersOf('small'), wide: numbersOf('wide') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all(this.#places.map(({ thread }) => thread[Symbol.asyncDispose]()));
  }

  #assign(): void {
    for (const lane of lanes) {
      for (;;) {
        const next = this.#waiting[lane][0];
        const place = next && (this.#freePlace(lane) ?? (lane === 'small' ? this.#sparePlace() : undefined));
        if (!place) break;
        this.#waiting[lane].shift();
        place.running = { lane, sinceMs: performance.now() };
        next.run(place);
      }
    }
  }

  #freePlace(lane: Lane): Place | undefined {
    for (const owner of mayUse[lane]) {
      const free = this.#places.find((place) => place.lane === owner && !place.running);
      if (free) return free;
    }
    return undefined;
  }

  /** One more, when all that small questions may use are taken by long ones; else looks again when the first could be long. */
  #sparePlace(): Place | undefined {
    const own = this.#places.filter((place) => place.lane === 'small');
    if (own.length >= this.#options.threads.small + this.#options.spares) return undefined;
    const latestMs = own.reduce((latest, { running }) => Math.max(latest, running?.sinceMs ?? 0), 0);
    const untilLongMs = latestMs + this.#options.longMs - performance.now();
    if (untilLongMs > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#assign(), Math.ceil(untilLongMs));
      return undefined;
    }
    const spare = this.#place('small');
    this.#places.push(spare);
    return spare;
  }

  #place(lane: Lane): Place {
    return { lane, thread: this.#options.startThread(lane), running: undefined };
  }
}
