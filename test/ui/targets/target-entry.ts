import type { TargetEntry } from '../../../src/ui/api/answers.ts';

type ScrapeEntry = TargetEntry['scrapes'][number];

/** A kind of a source that was scraped well; `change` says what is otherwise. */
export function scrapeEntry(kind: string, change: Partial<ScrapeEntry> = {}): ScrapeEntry {
  return {
    kind,
    url: `http://10.0.0.1:6060/debug/pprof/${kind === 'cpu' ? 'profile' : kind}`,
    health: 'up',
    lastError: '',
    lastScrape: null,
    lastScrapeMs: null,
    nextScrape: null,
    nextScrapeMs: null,
    durationMs: null,
    bytes: null,
    samples: null,
    seconds: null,
    intervalMs: 15_000,
    ...change,
  };
}

/** A source of the Deployment `shop/checkout` that is up; labels of `change` come to the usual ones. */
export function targetEntry(change: Partial<TargetEntry> = {}): TargetEntry {
  const labels: Record<string, string> = {
    namespace: 'shop',
    workload_kind: 'Deployment',
    workload: 'checkout',
    pod: 'checkout-1',
    container: 'app',
    node: 'node-1',
    ...change.labels,
  };
  return {
    source: `uid-${labels['pod']}`,
    discoverer: 'kubernetes',
    health: 'up',
    state: 'active',
    reason: '',
    transport: 'direct',
    transportReason: '',
    terminating: false,
    warnings: [],
    scrapes: [],
    ...change,
    labels,
  };
}
