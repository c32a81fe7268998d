import type { GrowthThreads } from '../growth/client.ts';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type GrowthEvent, workloadKey, workloadLabels } from '../model/growth.ts';
import { type ProfileType, parseProfileType } from '../model/profile-type.ts';
import type { Selector } from '../model/selector.ts';
import { type DurationMs, type TimeWindow, type UnixMs } from '../model/units.ts';
import { plainView } from '../model/view.ts';
import type { Logger } from '../observe/logger.ts';
import type { MergeQuestion, QueryEngine } from '../query/engine.ts';
import { type GrowthStore, maxProfiledEvents } from '../store/growth-store.ts';

export interface EventProfilesOptions {
  readonly store: Pick<GrowthStore, 'events'>;
  readonly query: Pick<QueryEngine, 'ask'>;
  readonly threads: Pick<GrowthThreads, 'saveProfiles'>;
  readonly bucketMs: DurationMs;
  /** How far back single profiles are kept. */
  readonly detailHorizonMs: DurationMs;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** Buckets of a side: an hour at the usual one. */
const sideBuckets = 6;
/** Events that are looked at in one turn. */
const maxEvents = 1_000;

const typeOf: Readonly<Record<GrowthEvent['signal'], string>> = {
  heap: 'heap',
  allocations: 'heap',
  goroutines: 'goroutine',
};

/**
 * Keeps with each event what it was seen in: the merged profile of the hour before the growth, and of the hour in which it was
 * found. What could not be made is made with the next evaluation, or after a restart, for as long as single profiles go back.
 */
export class EventProfiles {
  readonly #options: EventProfilesOptions;
  readonly #failed = new Set<string>();
  failures = 0;
  /** Something may be missing. */
  #isDue = true;

  constructor(options: EventProfilesOptions) {
    this.#options = options;
  }

  /** There are new events, or old ones that became likely. */
  expect(): void {
    this.#isDue = true;
  }

  /** Makes what is missing, one after the other. Never rejects. */
  async complete(signal: AbortSignal): Promise<void> {
    if (!this.#isDue) return;
    this.#isDue = false;
    const { store, detailHorizonMs, now } = this.#options;
    const window = { fromMs: now() - detailHorizonMs, toMs: now() + 1 };
    for (const event of newestOfEach(store.events({ window, limit: maxEvents })).filter(lacksProfiles)) {
      if (signal.aborted) return;
      if (foundMs(event) - sideBuckets * this.#options.bucketMs < window.fromMs) continue;
      try {
        await this.#make(event, signal);
        this.#failed.delete(event.id);
      } catch (error) {
        if (!signal.aborted) this.#note(event, error);
      }
    }
  }

  async #make(event: GrowthEvent, signal: AbortSignal): Promise<void> {
    const { bucketMs, threads } = this.#options;
    const sideMs = sideBuckets * bucketMs;
    const toMs = foundMs(event);
    const compare = { fromMs: toMs - sideMs, toMs };
    const startMs = event.verdict.startMs ?? compare.fromMs;
    const merged = await this.#merged(event, compare, signal);
    const before = { fromMs: startMs - sideMs, toMs: startMs };
    // A process that did not exist then is compared with its own beginning.
    const first = { fromMs: startMs, toMs: startMs + sideMs };
    const sides = [before, ...(first.toMs <= compare.fromMs ? [first] : [])];
    for (const base of sides) {
      const profile = await this.#merged(event, base, signal);
      if (!profile) continue;
      const profiles = { base: profile, ...(merged ? { compare: merged } : {}) };
      await threads.saveProfiles({ event: event.id, windows: { base, compare }, profiles });
      return;
    }
    const profiles = merged ? { compare: merged } : {};
    await threads.saveProfiles({ event: event.id, windows: { base: undefined, compare }, profiles });
  }

  /** Gzipped pprof; undefined where nothing is stored. */
  async #merged(event: GrowthEvent, window: TimeWindow, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const answer = await this.#options.query.ask(mergeOf(event, window), signal);
    if (answer.kind === 'answer') return answer.body;
    if (answer.error.code === 'empty_window' || answer.error.code === 'not_found') return undefined;
    throw FlameherdError.fromPlain(answer.error);
  }

  #note({ id, workload }: GrowthEvent, error: unknown): void {
    this.failures++;
    this.#isDue = true;
    if (this.#failed.has(id)) return;
    if (this.#failed.size >= maxEvents) this.#failed.clear();
    this.#failed.add(id);
    this.#options.logger.warn(`the profiles of an event could not be kept: ${messageOf(error)}`, {
      event: id,
      ...workload,
      hint: 'it is tried again with each evaluation',
    });
  }
}

/** Of each workload those whose profiles the store keeps; what is made for others would go at once. Newest first. */
function newestOfEach(events: readonly GrowthEvent[]): GrowthEvent[] {
  return [...Map.groupBy(events, ({ workload }) => workloadKey(workload)).values()]
    .flatMap((some) => some.slice(0, maxProfiledEvents))
    .sort((a, b) => b.openedMs - a.openedMs);
}

/** When it was found, or became likely, which is worth another look. */
function foundMs({ openedMs, likelyMs }: GrowthEvent): UnixMs {
  return likelyMs ?? openedMs;
}

function lacksProfiles(event: GrowthEvent): boolean {
  return event.profiles === undefined || event.profiles.compare.toMs < foundMs(event);
}

function mergeOf(event: GrowthEvent, window: TimeWindow): MergeQuestion {
  return {
    kind: 'merge',
    selector: selectorOf(event),
    window,
    aggregation: 'avg',
    format: 'pprof',
    maxNodes: 0,
    limit: 0,
    sort: 'self',
    view: plainView,
  };
}

/** The workload, and only the revision that grows: another one is another program. */
function selectorOf({ workload, signal, revision }: GrowthEvent): Selector {
  const labels = { ...workloadLabels(workload), ...(revision === '' ? {} : { revision }) };
  return {
    type: parseProfileType(typeOf[signal]) as ProfileType,
    matchers: Object.entries(labels).map(([name, value]) => ({ name, operator: '=', value })),
  };
}
