import type { IngestJob } from '../../src/ingest/messages.ts';
import type { ProfileWriter } from '../../src/store/profile-store.ts';
import type { StateStore } from '../../src/store/state-store.ts';
import { openPipeline } from '../../test/support/ingest-pipeline.ts';
import { cpuNowMs, gunzipCpuMs } from './gunzip.ts';

const batchSize = 64;

/** What it took to bring profiles from gzip bytes to committed. */
export interface Ingested {
  readonly profiles: number;
  readonly gzipBytes: number;
  readonly ingestCpuMs: number;
  /** Of the same bytes, by turns with the ingest. */
  readonly gunzipCpuMs: number;
}

/** Puts scrapes through the real pipeline into a store, group by group as a busy collector does. */
export function ingest(scrapes: Iterable<IngestJob>, writer: ProfileWriter, state: StateStore): Ingested {
  const pipeline = openPipeline(writer, state);
  const sum = { profiles: 0, gzipBytes: 0, ingestCpuMs: 0, gunzipCpuMs: 0 };
  for (const batch of batches(scrapes)) {
    sum.profiles += batch.length;
    sum.gzipBytes += batch.reduce((bytes, job) => bytes + job.bytes.length, 0);
    sum.gunzipCpuMs += gunzipCpuMs(batch.map(({ bytes }) => bytes));
    const before = cpuNowMs();
    for (const outcome of pipeline.ingest(batch)) {
      if (outcome.kind !== 'stored')
        throw new Error(`a profile of the workload was not stored: ${JSON.stringify(outcome)}`);
    }
    sum.ingestCpuMs += cpuNowMs() - before;
  }
  const before = cpuNowMs();
  pipeline.checkpointAll();
  sum.ingestCpuMs += cpuNowMs() - before;
  return sum;
}

function* batches(scrapes: Iterable<IngestJob>): Generator<IngestJob[]> {
  let batch: IngestJob[] = [];
  for (const scrape of scrapes) {
    batch.push(scrape);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
