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
    buildsPerPartition: 1_000,
  },
  trim: defaultTrimLimits,
  differencing: defaultDifferencingLimits,
  checkpointAgeMs: 8 * day,
};
