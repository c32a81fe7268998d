import { formatDuration } from '../model/duration.ts';
import { hour } from '../model/units.ts';
import { type Templates, templatesFor } from './annotations.ts';
import { type Expressions, expressionsFor } from './expressions.ts';
import type { AlertRule, RuleGroup } from './rules-file.ts';
import { type AlertingSettings, type Spans, spansOf } from './settings.ts';

/** Exhaustion is told of when the limit is nearer than this … */
const exhaustionHours = 4;
/** … and so much of it is in use, so that a small pod's start does not page anybody. */
const exhaustionShare = 0.7;

interface Parts {
  readonly of: Expressions;
  readonly say: Templates;
  readonly spans: Spans;
  readonly runbookUrl: (alert: string) => string;
}

/** What grows that should not: the detector's verdicts. The gates are behind the metrics; here it is only waited and told. */
export function growthGroup(settings: AlertingSettings): RuleGroup {
  const parts: Parts = {
    of: expressionsFor(settings),
    say: templatesFor(settings),
    spans: spansOf(settings),
    runbookUrl: (alert) => `${settings.runbooks}/${alert}`,
  };
  const { evaluationMs } = parts.spans;
  return {
    name: 'flameherd-growth',
    ...(evaluationMs === undefined ? {} : { interval: formatDuration(evaluationMs) }),
    rules: [
      heapGrowthSuspected(parts),
      memoryLeakLikely(parts),
      heapExhaustionPredicted(parts),
      allocationRateRegression(parts),
      ...goroutineGrowth(parts),
      goroutinesLeaked(parts),
    ],
  };
}

/** Goes on while the finding is `likely`, so that nothing is silent between the two; Alertmanager may inhibit it then. */
function heapGrowthSuspected({ of, say, spans, runbookUrl }: Parts): AlertRule {
  const baseline = say.choice(
    'flameherd_heap_growth_baseline',
    'baseline="none"',
    'growing since start, no baseline yet, so that a warm-up looks the same',
    'above what it held before',
  );
  return {
    alert: 'FlameherdHeapGrowthSuspected',
    expr: `${of.byWorkload(of.metric('flameherd_heap_growth_detected', 'tier=~"suspected|likely"'))} == 1`,
    for: formatDuration(spans.suspectedMs),
    keep_firing_for: formatDuration(spans.suspectedKeepMs),
    labels: { severity: 'info' },
    annotations: {
      summary: 'Live heap grows steadily.',
      description: `Live heap of ${say.workload} grows${growthRate(say)}: ${baseline}.`,
      runbook_url: runbookUrl('FlameherdHeapGrowthSuspected'),
      growth_url: say.heapGrowthUrl,
    },
  };
}

function memoryLeakLikely({ of, say, spans, runbookUrl }: Parts): AlertRule {
  return {
    alert: 'FlameherdMemoryLeakLikely',
    expr: `${of.byWorkload(of.metric('flameherd_heap_growth_detected', 'tier="likely"'))} == 1`,
    for: formatDuration(spans.likelyMs),
    keep_firing_for: formatDuration(spans.likelyKeepMs),
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Live heap has grown for a day, or over several restarts; a memory leak is likely.',
      description: `Live heap of ${say.workload} grows${growthRate(say)} and does not come back. The link names the functions that hold it.`,
      runbook_url: runbookUrl('FlameherdMemoryLeakLikely'),
      growth_url: say.heapGrowthUrl,
    },
  };
}

/** Not only for `likely`: that takes a day, and pods that die sooner would never page. */
function heapExhaustionPredicted({ of, say, spans, runbookUrl }: Parts): AlertRule {
  const limit = of.byWorkload(of.metric('flameherd_container_memory_limit_bytes'));
  const largest = of.byWorkload(of.metric('flameherd_heap_inuse_pod_max_bytes'));
  const growth = of.byWorkload(of.metric('flameherd_heap_growth_bytes_per_second'));
  const found = of.byWorkload(of.metric('flameherd_heap_growth_detected', 'tier=~"suspected|likely"'));
  const now = say.value('flameherd_heap_inuse_pod_max_bytes', 'humanize1024', { after: 'B' });
  const ofLimit = say.value('flameherd_container_memory_limit_bytes', 'humanize1024', { before: ' of ', after: 'B' });
  return {
    alert: 'FlameherdHeapExhaustionPredicted',
    expr: [
      `clamp_min(${limit} - ${largest}, 0)`,
      `  / (${growth} > 0)`,
      `  < ${(exhaustionHours * hour) / 1000}`,
      `and ${largest} > ${exhaustionShare} * ${limit}`,
      `and ${found} == 1`,
      '',
    ].join('\n'),
    for: formatDuration(spans.suspectedMs),
    keep_firing_for: formatDuration(spans.suspectedKeepMs),
    labels: { severity: 'critical' },
    annotations: {
      summary: `Live heap reaches the memory limit in under ${exhaustionHours} hours.`,
      description: `The largest pod of ${say.workload} holds ${now}${ofLimit} in live heap; as it grows now, it reaches the limit in {{ $value | humanizeDuration }}.`,
      runbook_url: runbookUrl('FlameherdHeapExhaustionPredicted'),
      growth_url: say.heapGrowthUrl,
    },
  };
}

function allocationRateRegression({ of, say, spans, runbookUrl }: Parts): AlertRule {
  const times = say.value('flameherd_heap_alloc_regression_ratio', 'printf "%.1f"', {
    before: ': ',
    after: ' times as many',
  });
  return {
    alert: 'FlameherdAllocationRateRegression',
    expr: `${of.byWorkload(of.metric('flameherd_heap_alloc_regression_detected'))} == 1`,
    for: formatDuration(spans.suspectedMs),
    keep_firing_for: formatDuration(spans.suspectedKeepMs),
    labels: { severity: 'warning' },
    annotations: {
      summary: 'A workload allocates much more than before.',
      description: `${say.workload} allocates more bytes a second than before${times}. The garbage collector has to work for each of them.`,
      runbook_url: runbookUrl('FlameherdAllocationRateRegression'),
      growth_url: say.growthUrl,
    },
  };
}

/** Two rules of one name: until there is a baseline, connections that come in the morning look the same, and nobody is warned. */
function goroutineGrowth({ of, say, spans, runbookUrl }: Parts): AlertRule[] {
  const now = say.value('flameherd_goroutines', 'printf "%.0f"', { before: ' There are ', after: ' now.' });
  const growing = `${of.byWorkload(of.metric('flameherd_goroutine_growth_detected'))} == 1`;
  const isNew = `${of.byWorkload(of.metric('flameherd_goroutine_growth_baseline', 'baseline="none"'))} == 1`;
  const rule = (severity: 'info' | 'warning', expr: string, description: string): AlertRule => ({
    alert: 'FlameherdGoroutineGrowth',
    expr,
    for: formatDuration(spans.suspectedMs),
    keep_firing_for: formatDuration(spans.suspectedKeepMs),
    labels: { severity },
    annotations: {
      summary: 'The number of goroutines grows steadily.',
      description,
      runbook_url: runbookUrl('FlameherdGoroutineGrowth'),
      growth_url: say.growthUrl,
    },
  });
  return [
    rule(
      'warning',
      `${growing} unless ${isNew}`,
      `Goroutines of ${say.workload} are started and do not end.${now} Each keeps its stack and what it refers to.`,
    ),
    rule(
      'info',
      `${growing} and ${isNew}`,
      `Goroutines of ${say.workload} become more: growing since start, no baseline yet, so that a day's load looks the same.${now}`,
    ),
  ];
}

/** What the runtime itself found: blocked for ever on what nothing else can reach (Go 1.27). */
function goroutinesLeaked({ of, say, spans, runbookUrl }: Parts): AlertRule {
  return {
    alert: 'FlameherdGoroutinesLeaked',
    expr: `${of.byWorkload(of.metric('flameherd_goroutines_leaked'))} > 0`,
    for: formatDuration(spans.suspectedMs),
    keep_firing_for: formatDuration(spans.suspectedKeepMs),
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Goroutines are blocked for ever.',
      description: `The Go runtime found {{ $value | printf "%.0f" }} goroutines of ${say.workload} that wait for what can never come.`,
      runbook_url: runbookUrl('FlameherdGoroutinesLeaked'),
      growth_url: say.growthUrl,
    },
  };
}

function growthRate(say: Templates): string {
  return say.value('flameherd_heap_growth_bytes_per_second', 'humanize1024', { before: ' by ', after: 'B/s' });
}
