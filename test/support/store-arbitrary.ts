import { type Arbitrary, array, boolean, constantFrom, integer, nat, option, record } from 'fast-check';
import type { Matcher } from '../../src/model/selector.ts';
import type { ProfileRecord, ProfileWriter, StoredType } from '../../src/store/profile-store.ts';
import { cpuTypes, goroutineTypes, recordOf } from './store-records.ts';

/**
 * Random lives of processes over a day and a half: roll-outs, crashes in the same slot, gaps, interval changes, kinds of every
 * temporality, profiles that are delivered hours late, ends that are told early or late.
 */

const minute = 60_000;
const hour = 60 * minute;
/** 2026-07-31T22:00:00Z: a whole UTC day lies within the time that is drawn. */
export const storyStartMs = 1_785_535_200_000;

const heapTypes: readonly StoredType[] = [
  { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' },
  { type: 'inuse_objects', unit: 'count', temporality: 'gauge' },
  { type: 'inuse_space', unit: 'bytes', temporality: 'gauge' },
];
const mixedTypes: readonly StoredType[] = [
  { type: 'delta', unit: 'count', temporality: 'delta' },
  { type: 'level', unit: 'count', temporality: 'gauge' },
];
export const storyKinds = [
  { kind: 'heap', types: heapTypes, type: 'inuse_space', unit: 'bytes' },
  { kind: 'cpu', types: cpuTypes, type: 'cpu', unit: 'nanoseconds' },
  { kind: 'goroutine', types: goroutineTypes, type: 'goroutine', unit: 'count' },
  { kind: 'mixed', types: mixedTypes, type: 'level', unit: 'count' },
] as const;
const stackNames = [
  'main;a',
  'main;a;b',
  'main;c{bytes=8}',
  'main;c{bytes=16}',
  'x',
  '',
  'main;a;b;a{route=/pay}',
  'main;s.func1;a{bytes=8,route=/cart}',
  'main;s.func2.1;x{constructor=x,route=/pay}',
];

/** Something that is told to the store. */
export type StoryEvent =
  | { readonly kind: 'append'; readonly toldMs: number; readonly record: ProfileRecord }
  | { readonly kind: 'end'; readonly toldMs: number; readonly process: string; readonly endedMs: number };

const drawnProcess = record({
  workload: nat(1),
  namespace: nat(1),
  slot: nat(3),
  node: nat(1),
  kindMask: integer({ min: 1, max: 15 }),
  startsMs: nat(30 * hour),
  startKnown: boolean(),
  lateHours: constantFrom(0, 0, 0, 0, 2, 7),
  ends: option(record({ afterMs: integer({ min: -20 * minute, max: 40 * minute }), toldLateMs: nat(5 * hour) })),
  steps: array(
    record({
      gapMs: constantFrom(900, 15_000, 60_000, 61_500, 5 * minute, 12 * minute, 31 * minute, hour, 3 * hour),
      intervalMs: constantFrom(15_000, 60_000, 5 * minute, 10 * minute, 45 * minute),
      values: array(nat(2000), { minLength: 6, maxLength: 6 }),
      huge: nat(19),
    }),
    { minLength: 1, maxLength: 14 },
  ),
});
type DrawnProcess = typeof drawnProcess extends { generate(...args: never[]): { value: infer T } } ? T : never;

export const stories = array(drawnProcess, { minLength: 1, maxLength: 7 }).map((drawn) =>
  drawn.flatMap(eventsOf).sort((a, b) => a.toldMs - b.toldMs),
);

export const storyQuestions = array(
  record({
    fromMs: integer({ min: -hour, max: 40 * hour }),
    lengthMs: constantFrom(1, 30_000, 10 * minute, 25 * minute, hour, 3 * hour, 24 * hour, 41 * hour),
    snap: constantFrom(1, 1, minute, hour, hour, 24 * hour),
    aggregation: constantFrom('avg', 'avg', 'last', 'peak'),
    kind: constantFrom(...storyKinds),
    matcher: nat(7),
    stepMs: constantFrom(7000, minute, 10 * minute, hour, 24 * hour),
  }),
  { minLength: 4, maxLength: 10 },
);

export type StoryQuestion = typeof storyQuestions extends Arbitrary<(infer T)[]> ? T : never;

export function tellStory(writer: ProfileWriter, events: readonly StoryEvent[]): void {
  for (const event of events) {
    if (event.kind === 'append') writer.append([event.record]);
    else writer.endProcess(event.process, event.endedMs);
  }
}

/** The window of a drawn question: on the grid that it was drawn for. */
export function windowOf({ fromMs, lengthMs, snap }: { fromMs: number; lengthMs: number; snap: number }) {
  const from = Math.floor((storyStartMs + fromMs) / snap) * snap;
  return { fromMs: from, toMs: Math.max(from + 1, Math.floor((from + lengthMs) / snap) * snap) };
}

const matchers: readonly (readonly Matcher[])[] = [
  [],
  [],
  [{ name: 'workload', operator: '=', value: 'w0' }],
  [{ name: 'workload', operator: '=~', value: 'w1|w2' }],
  [{ name: 'namespace', operator: '!=', value: 'n1' }],
  [{ name: 'pod', operator: '=', value: 'pod-1' }],
  [{ name: 'pod', operator: '!~', value: 'pod-[02]' }],
  [{ name: 'node', operator: '=', value: 'node-1' }],
];

export function matchersOf(drawn: number): readonly Matcher[] {
  return matchers[drawn] ?? [];
}

function eventsOf(drawn: DrawnProcess, index: number): StoryEvent[] {
  const process = `p${index}`;
  const pod = `pod-${drawn.slot}`;
  const labels = {
    namespace: `n${drawn.namespace}`,
    workload_kind: 'Deployment',
    workload: `w${drawn.workload}`,
    container: 'app',
    pod,
    node: `node-${drawn.node}`,
  };
  let stampMs = storyStartMs + drawn.startsMs;
  const events: StoryEvent[] = [];
  for (const { gapMs, intervalMs, values, huge } of drawn.steps) {
    stampMs += gapMs;
    storyKinds.forEach(({ kind, types }, at) => {
      if ((drawn.kindMask & (1 << at)) === 0) return;
      const ownMs = stampMs + 137 * at;
      const recorded = recordOf({
        labels,
        kind,
        process,
        slot: drawn.slot === 0 ? '' : `${pod}/app`,
        startedMs: drawn.startKnown ? storyStartMs + drawn.startsMs : undefined,
        stampMs: ownMs,
        intervalMs,
        spanMs: gapMs,
        types,
        samples: samplesOf(types, values, huge),
        trimmed: huge === 1 ? 3 : 0,
        header: { timeNanos: BigInt(ownMs) * 1_000_000n, durationNanos: BigInt(gapMs) },
      });
      events.push({ kind: 'append', toldMs: ownMs + drawn.lateHours * hour, record: recorded });
    });
  }
  if (drawn.ends) {
    const endedMs = stampMs + drawn.ends.afterMs;
    events.push({ kind: 'end', toldMs: Math.max(endedMs, stampMs) + drawn.ends.toldLateMs, process, endedMs });
  }
  return events;
}

function samplesOf(types: readonly StoredType[], values: readonly number[], huge: number) {
  return Object.fromEntries(
    stackNames.map((name, stack) => [
      name,
      types.map(({ type, temporality }, at) => {
        const value = (values[(stack + at) % values.length] ?? 0) % (stack + 3 === 5 ? 1 : 1999);
        if (type === 'cpu') return 10_000_000 * ((values[stack % values.length] ?? 0) % 1999);
        // Beyond 2^53 as a sum, and as value·seconds; within 64 bits.
        if (huge === 0) return 2n ** (temporality === 'gauge' ? 42n : 54n) + BigInt(value);
        return huge === 2 && temporality === 'delta' ? -value : value;
      }),
    ]),
  );
}
