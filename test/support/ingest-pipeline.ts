import { defaultPipelineLimits } from '../../src/ingest/defaults.ts';
import type { IngestJob } from '../../src/ingest/messages.ts';
import { IngestPipeline, type PipelineLimits } from '../../src/ingest/pipeline.ts';
import { PprofDecoder } from '../../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import type { ProfileWriter } from '../../src/store/profile-store.ts';
import type { StateStore } from '../../src/store/state-store.ts';

/** A pipeline over these stores, as it is after a start of the collector. */
export function openPipeline(
  writer: ProfileWriter,
  state: StateStore,
  limits?: Partial<PipelineLimits>,
): IngestPipeline {
  return new IngestPipeline({
    createDecoder: () => new PprofDecoder(defaultDecodeLimits),
    writer,
    state,
    limits: { ...defaultPipelineLimits, ...limits },
  });
}

/** A job with everything that a test does not care about filled in. */
export function jobOf(given: Partial<IngestJob> & Pick<IngestJob, 'bytes' | 'stampMs'>): IngestJob {
  return {
    source: 'pod-1/6060',
    labels: { namespace: 'shop', workload_kind: 'Deployment', workload: 'cart', container: 'app', pod: 'cart-1' },
    process: { id: 'pod-1/app', slot: 'shop/cart-1/app', startedMs: undefined },
    kind: 'heap',
    intervalMs: 60_000,
    origin: 'scrape',
    firstKnownMs: undefined,
    asDelta: false,
    endedMs: undefined,
    ...given,
  };
}
