import { day } from '../model/units.ts';
import { defaultDifferencingLimits } from './differencing.ts';
import type { PipelineLimits } from './pipeline.ts';
import { defaultTrimLimits } from './trim.ts';

/** The bounds of ingest where nothing else is configured. */
export const defaultPipelineLimits: PipelineLimits = {
  symbols: {
    partitions: 5_000,
    bytes: 192e6,
    entriesPerPartition: 400_000,
    labelSetsPerPartition: 10_000,
    labels: {
      values: 250,
      droppedKeys: [
        'span_id',
        'local_root_span_id',
        'parent_span_id',
        'trace_id',
        'request_id',
        'correlation_id',
        'profile_id',
      ],
      keys: 64,
    },
    buildsPerPartition: 1_000,
  },
  trim: defaultTrimLimits,
  differencing: defaultDifferencingLimits,
  checkpointAgeMs: 8 * day,
};
