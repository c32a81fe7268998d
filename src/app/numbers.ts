import type { Ingest, IngestStats } from '../ingest/messages.ts';
import type { StoreStats } from '../store/profile-store.ts';
import type { ThreadNumbers } from './metrics.ts';

/** The last known numbers of the ingest thread and the store, so that what must answer at once need not wait for them. */
export class Numbers implements ThreadNumbers {
  readonly #ingest: Pick<Ingest, 'stats'>;
  readonly #readStore: () => Promise<StoreStats>;
  ingest: IngestStats | undefined;
  store: StoreStats | undefined;

  constructor(ingest: Pick<Ingest, 'stats'>, readStore: () => Promise<StoreStats>) {
    this.#ingest = ingest;
    this.#readStore = readStore;
  }

  async refresh(): Promise<void> {
    const [ingest, store] = await Promise.all([this.#ingest.stats(), this.#readStore()]);
    this.ingest = ingest;
    this.store = store;
  }
}
