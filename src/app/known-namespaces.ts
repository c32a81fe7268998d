import type { GrowthQueries } from '../growth/contract.ts';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { labelValue } from '../model/labels.ts';
import type { PauseScope } from '../model/pause.ts';
import type { Target } from '../model/target.ts';
import { type DurationMs, minute, second, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { QueryEngine } from '../query/engine.ts';

/** What is in memory is looked through this often at most. */
const liveEveryMs: DurationMs = 5 * second;
/** The store is asked this often at most, and the answer before stands meanwhile … */
const storedEveryMs: DurationMs = 30 * second;
/** … unless it is older than this. */
const storedStandsMs: DurationMs = 5 * minute;
/** What uploads name may be anything: of more namespaces, only who may see all sees those over it. */
export const maxNamespaces = 10_000;

export interface NamespaceSources {
  /** Of targets, candidates too, of live workloads, of pauses. */
  readonly live: () => Iterable<string>;
  /** Of all that is stored, however old. */
  readonly stored: () => Promise<Iterable<string>>;
}

interface Looked {
  readonly namespaces: readonly string[];
  readonly atMs: UnixMs;
}

/** The namespaces of which anything is known: what a caller may see is asked for each of these. */
export class KnownNamespaces {
  readonly #sources: NamespaceSources;
  readonly #now: () => UnixMs;
  readonly #logger: Pick<Logger, 'warn'>;
  #all: ReadonlySet<string> = new Set();
  #live: Looked | undefined;
  #stored: Looked | undefined;
  #asking: Promise<void> | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;

  constructor(sources: NamespaceSources, now: () => UnixMs, logger: Pick<Logger, 'warn'>) {
    this.#sources = sources;
    this.#now = now;
    this.#logger = logger;
  }

  get count(): number {
    return this.#all.size;
  }

  /** Throws `auth_unavailable` while the store has not answered once. */
  async all(): Promise<ReadonlySet<string>> {
    if (isOlder(this.#stored, this.#now(), storedStandsMs)) await this.#askStore();
    else if (this.#now() - this.#triedMs >= storedEveryMs) void this.#askStore().catch(() => {});
    if (isOlder(this.#live, this.#now(), liveEveryMs)) {
      this.#live = { namespaces: [...new Set(this.#sources.live())], atMs: this.#now() };
      this.#join();
    }
    return this.#all;
  }

  /** One question at a time; when it fails, what was known before stays. */
  #askStore(): Promise<void> {
    this.#triedMs = this.#now();
    this.#asking ??= this.#readStore().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #readStore(): Promise<void> {
    try {
      this.#stored = { namespaces: [...(await this.#sources.stored())], atMs: this.#now() };
      this.#join();
    } catch (error) {
      this.#logger.warn(`the namespaces of what is stored cannot be listed: ${messageOf(error)}`);
      if (this.#stored) return;
      throw new FlameherdError('auth_unavailable', 'the namespaces of what is stored cannot be listed yet', {
        hint: 'send it again in a moment; the log says why',
        cause: error,
      });
    }
  }

  #join(): void {
    const all = [...(this.#live?.namespaces ?? []), ...(this.#stored?.namespaces ?? [])];
    const named = [...new Set(all)].filter((namespace) => namespace !== '');
    this.#all = new Set(named.slice(0, maxNamespaces));
  }
}

function isOlder(looked: Looked | undefined, nowMs: UnixMs, thanMs: DurationMs): boolean {
  return looked === undefined || nowMs - looked.atMs >= thanMs || nowMs < looked.atMs;
}

export interface NamespaceParts {
  readonly pool: { targets(): Iterable<Target> };
  readonly numbers: { readonly workloads: Iterable<InNamespace> };
  readonly pauses: { all(): Iterable<PauseScope> };
  readonly growth: Pick<GrowthQueries, 'events' | 'verdicts'>;
  readonly query: Pick<QueryEngine, 'ask'>;
  readonly now: () => UnixMs;
}

interface InNamespace {
  readonly workload: { readonly namespace: string };
}

/** Where namespaces come up in the daemon. */
export function namespaceSources({ pool, numbers, pauses, growth, query, now }: NamespaceParts): NamespaceSources {
  return {
    *live() {
      for (const { labels } of pool.targets()) yield labelValue(labels, 'namespace');
      for (const { workload } of numbers.workloads) yield workload.namespace;
      for (const { namespace } of pauses.all()) yield namespace ?? '';
    },
    async stored() {
      const events: readonly InNamespace[] = growth.events({ limit: maxNamespaces });
      return [
        ...(await storedNamespaces(query, now())),
        ...[...events, ...growth.verdicts({})].map(({ workload }) => workload.namespace),
      ];
    },
  };
}

/** Of single profiles and of all sums, ten minutes into the future for clocks that are ahead. */
async function storedNamespaces(query: Pick<QueryEngine, 'ask'>, nowMs: UnixMs): Promise<readonly string[]> {
  const list = {
    matchers: [],
    window: { fromMs: 0, toMs: nowMs + 10 * minute },
    limit: maxNamespaces,
    cursor: undefined,
  };
  const answer = await query.ask({ kind: 'label-values', name: 'namespace', ...list });
  if (answer.kind === 'error') throw FlameherdError.fromPlain(answer.error);
  return (JSON.parse(Buffer.from(answer.body).toString('utf8')) as { readonly values: readonly string[] }).values;
}
