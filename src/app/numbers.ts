import type { IngestThread } from '../ingest/client.ts';
import type { IngestStats } from '../ingest/messages.ts';
import type { WorkloadNumbers } from '../model/growth.ts';
import type { UnixMs } from '../model/units.ts';
import type { StoreStats } from '../store/profile-store.ts';
import type { FunctionSeries } from './function-series.ts';
import { RecentCounts } from './recent-counts.ts';

export interface NumbersOptions {
  readonly ingest: Pick<IngestThread, 'stats' | 'storeStats' | 'liveNumbers'>;
  /** Follows the functions of what is told. */
  readonly functions: Pick<FunctionSeries, 'update'>;
  readonly now: () => UnixMs;
}

/** The last known numbers of the ingest thread and the store, so that what must answer at once need not wait for them. */
export class Numbers {
  readonly #options: NumbersOptions;
  ingest: IngestStats | undefined;
  store: StoreStats | undefined;
  workloads: readonly WorkloadNumbers[] = [];
  readonly recent = new RecentCounts();

  constructor(options: NumbersOptions) {
    this.#options = options;
  }

  /** The name behind the id of a function of a workload that is live, in one of these namespaces where they are given. */
  functionName(id: string, namespaces?: ReadonlySet<string>): string | undefined {
    for (const { workload, functions } of this.workloads) {
      if (namespaces?.has(workload.namespace) === false) continue;
      const found = functions.find((each) => each.id === id);
      if (found) return found.name;
    }
    return undefined;
  }

  async refresh(): Promise<void> {
    const { ingest, functions, now } = this.#options;
    [this.ingest, this.store, this.workloads] = await Promise.all([
      ingest.stats(),
      ingest.storeStats(),
      ingest.liveNumbers(),
    ]);
    this.recent.read(this.ingest, now());
    functions.update(this.workloads, now());
  }
}
