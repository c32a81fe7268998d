import { parseSelector } from '../../src/model/matcher.ts';
import { hour, type UnixMs } from '../../src/model/units.ts';
import { plainView } from '../../src/model/view.ts';
import type { DiffQuestion, MergeQuestion, Question } from '../../src/query/engine.ts';

/** Every way to ask for all that was stored around a moment, by name: each holds other things in memory. */
export function questionsAbout(stampMs: UnixMs): Readonly<Record<string, Question>> {
  const selector = parseSelector('cpu');
  const window = { fromMs: stampMs - hour, toMs: stampMs + hour };
  const shared = { aggregation: 'avg', maxNodes: 16_384, limit: 100, sort: 'self', view: plainView } as const;
  const merge = (of: Partial<MergeQuestion>): MergeQuestion => {
    return { kind: 'merge', selector, window, format: 'flamegraph', ...shared, ...of };
  };
  const side = { selector, window };
  const diff = (of: Partial<DiffQuestion>): DiffQuestion => {
    return { kind: 'diff', compare: side, base: side, normalize: 'none', format: 'flamegraph', ...shared, ...of };
  };
  const hidden = { ...plainView, filters: { hide: 'Method1' } };
  return {
    'flame graph': merge({}),
    'flame graph, all nodes': merge({ maxNodes: 1_000_000 }),
    top: merge({ format: 'top' }),
    pprof: merge({ format: 'pprof' }),
    collapsed: merge({ format: 'collapsed' }),
    speedscope: merge({ format: 'speedscope' }),
    'flame graph, hide=': merge({ view: hidden }),
    'flame graph of lines': merge({ view: { ...plainView, granularity: 'lines' } }),
    'pprof, hide=': merge({ format: 'pprof', view: hidden }),
    diff: diff({}),
    'diff, hide=': diff({ view: hidden }),
    'diff as pprof': diff({ format: 'pprof' }),
  };
}
