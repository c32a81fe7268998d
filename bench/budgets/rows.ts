import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestJob } from '../../src/ingest/messages.ts';
import type { TimeWindow, UnixMs } from '../../src/model/units.ts';
import { hour } from '../../src/model/units.ts';
import { openSqliteState } from '../../src/store/sqlite/state.ts';
import { median, shortNumber } from '../table.ts';
import { ingest } from './ingest.ts';
import { oneService, unaligned } from './questions.ts';
import type { BudgetName } from './reference-figures.ts';
import { RowStore } from './row-store.ts';

const repeats = 5;

/** What the row-per-sample layout needs for the same profiles and the same merges, by SQL and without HTTP or a tree. */
export async function measureRows(
  dataDir: string,
  scrapes: Iterable<IngestJob>,
  hourMs: UnixMs,
): Promise<Partial<Record<BudgetName, string>>> {
  mkdirSync(dataDir, { recursive: true });
  using store = new RowStore(dataDir);
  await using state = openSqliteState({ dataDir, synchronous: 'normal' });
  const spent = ingest(scrapes, store.writer, state);
  store.checkpoint();
  const bytes = statSync(join(dataDir, 'rows.db')).size + statSync(join(dataDir, 'state.db')).size;
  const whole: TimeWindow = { fromMs: hourMs, toMs: hourMs + hour };
  const part: TimeWindow = { fromMs: hourMs + unaligned.fromMs, toMs: hourMs + unaligned.toMs };
  const time = (...question: Parameters<RowStore['merge']>): string => {
    const times = Array.from({ length: repeats }, () => {
      const startedMs = performance.now();
      store.merge(...question);
      return performance.now() - startedMs;
    });
    return `${shortNumber(median(times))} ms`;
  };
  const perProfile = spent.ingestCpuMs / spent.profiles;
  return {
    cpu: `${perProfile.toFixed(2)} ms, ${(spent.ingestCpuMs / spent.gunzipCpuMs).toFixed(2)} ×`,
    disk: `${(bytes / spent.profiles / 1000).toFixed(2)} KB`,
    oneServiceCpu: time('cpu', whole, oneService),
    oneServiceHeap: time('heap', whole, oneService),
    allCpu: time('cpu', whole),
    allHeap: time('heap', whole),
    unalignedCpu: time('cpu', part, oneService),
    unalignedHeap: time('heap', part, oneService),
  };
}
