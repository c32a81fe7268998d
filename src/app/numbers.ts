import type { IngestThread } from '../ingest/client.ts';
import type { IngestStats } from '../ingest/messages.ts';
import type { StoreStats } from '../store/profile-store.ts';

/** The last known numbers of the ingest thread and the store, so that what must answer at once need not wait for them. */
export class Numbers {
  readonly #ingest: Pick<IngestThread, 'stats' | 'storeStats'>;
  ingest: IngestStats | undefined;
  store: StoreStats | undefined;

  constructor(ingest: Pick<IngestThread, 'stats' | 'storeStats'>) {
    this.#ingest = ingest;
  }

  async refresh(): Promise<void> {
    [this.ingest, this.store] = await Promise.all([this.#ingest.stats(), this.#ingest.storeStats()]);
  }
}
