import type { Config } from '../config/schema.ts';
import { formatByteSize } from '../model/byte-size.ts';
import { formatDuration } from '../model/duration.ts';

/** The settings that decide what is found and kept, by key and as they are written; none of them holds a secret, or changes without a restart. */
export function shownSettings({ scrape, storage, limits, growth }: Config): Readonly<Record<string, string>> {
  return {
    'scrape.interval': formatDuration(scrape.interval),
    'scrape.cpuSeconds': String(scrape.cpuSeconds),
    'scrape.profiles': scrape.profiles.join(', '),
    'storage.retention': formatDuration(storage.retention),
    'storage.rollup1h': formatDuration(storage.rollup1h),
    'storage.rollup1d': formatDuration(storage.rollup1d),
    'storage.maxBytes': formatByteSize(storage.maxBytes),
    'storage.minFree': formatByteSize(storage.minFree),
    'limits.targets': String(limits.targets),
    'limits.targetsPerNamespace': String(limits.targetsPerNamespace),
    'growth.retention': formatDuration(growth.retention),
  };
}
