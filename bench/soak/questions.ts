import { day, hour, minute, type UnixMs } from '../../src/model/units.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { median } from '../table.ts';

const repeats = 7;

/** What is asked every day: the median wall time of each question in milliseconds, once it was asked before. */
export function timeQuestions(reader: ProfileReader, nowMs: UnixMs): { readonly name: string; readonly ms: number }[] {
  const one = [{ name: 'workload', operator: '=', value: 'service-0' }] as const;
  const tree = (kind: 'cpu' | 'heap', matchers: typeof one | [], lengthMs: number) => (): unknown => {
    const type = kind === 'cpu' ? { type: 'cpu', unit: 'nanoseconds' } : { type: 'inuse_space', unit: 'bytes' };
    return reader.callTree({
      selector: { kind, matchers },
      window: { fromMs: nowMs - lengthMs, toMs: nowMs },
      aggregation: 'avg',
      peakType: type,
      type,
      types: [type],
      maxNodes: 8192,
    });
  };
  const totals = (): unknown =>
    reader.totals({
      selector: { kind: 'cpu', matchers: [] },
      window: { fromMs: nowMs - day, toMs: nowMs },
      type: { type: 'cpu', unit: 'nanoseconds' },
      stepMs: 10 * minute,
    });
  return [
    { name: 'cpu 1 h', ask: tree('cpu', one, hour) },
    { name: 'heap all 1 h', ask: tree('heap', [], hour) },
    { name: 'cpu 24 h', ask: tree('cpu', one, day) },
    { name: 'totals 24 h', ask: totals },
  ].map(({ name, ask }) => ({ name, ms: medianMs(ask) }));
}

function medianMs(ask: () => unknown): number {
  ask();
  const times = Array.from({ length: repeats }, () => {
    const startedMs = performance.now();
    ask();
    return performance.now() - startedMs;
  });
  return median(times);
}
