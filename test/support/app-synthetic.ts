import { encodeProfile } from '../../src/pprof/encode.ts';
import { hashOf, type KindAnswer, type RecordedScrape, type RecordedWindow, type Recording } from './app-recording.ts';
import { profileFromText } from './profile-from-text.ts';

/** A pod's process from its first tick to its last; `missed` are failed scrapes between. */
interface Life {
  readonly pod: string;
  readonly incarnation: number;
  readonly build: string;
  readonly first: number;
  readonly last: number;
  readonly missed?: readonly number[];
}

const intervalMs = 16_000;
const ticks = 24;

/** Three pods: one is started anew twice, two miss scrapes, then all are rolled out one by one. Before tick 0 they ran already. */
const lives: readonly Life[] = [
  { pod: 'a-0', incarnation: 1, build: 'v1', first: 0, last: 13, missed: [3, 9] },
  { pod: 'a-1', incarnation: 1, build: 'v1', first: 0, last: 4 },
  { pod: 'a-1', incarnation: 2, build: 'v1', first: 5, last: 7 },
  { pod: 'a-1', incarnation: 3, build: 'v1', first: 8, last: 14, missed: [10] },
  { pod: 'a-2', incarnation: 1, build: 'v1', first: 0, last: 15 },
  { pod: 'b-0', incarnation: 1, build: 'v2', first: 14, last: 23 },
  { pod: 'b-1', incarnation: 1, build: 'v2', first: 15, last: 23, missed: [19] },
  { pod: 'b-2', incarnation: 1, build: 'v2', first: 16, last: 23 },
];

const kinds: Readonly<Record<string, readonly Column[]>> = {
  cpu: [column('samples', 'count', 'delta'), column('cpu', 'nanoseconds', 'delta')],
  heap: [
    column('alloc_objects', 'count', 'counter'),
    column('alloc_space', 'bytes', 'counter'),
    column('inuse_objects', 'count', 'gauge'),
    column('inuse_space', 'bytes', 'gauge'),
  ],
  block: [column('contentions', 'count', 'counter'), column('delay', 'nanoseconds', 'counter')],
  mutex: [column('contentions', 'count', 'counter'), column('delay', 'nanoseconds', 'counter')],
  goroutine: [column('goroutine', 'count', 'gauge')],
};

interface Column {
  readonly type: string;
  readonly unit: string;
  readonly class: KindAnswer['class'];
}

/** Values of a kind's types by stack. */
type Rows = ReadonlyMap<string, readonly number[]>;

interface Seen extends Pick<RecordedScrape, 'tick' | 'pod' | 'incarnation' | 'build'> {
  readonly missed: boolean;
  readonly rows: Readonly<Record<string, Rows>>;
}

/** A recording with ticks of exactly 16 s, made here from a seed, with the answers that its own numbers give. */
export function syntheticRecording(seed: number): Recording {
  const random = randomFrom(seed);
  const startMs = 1_790_000_000_000;
  const seen = lives.flatMap((life) => live(life, random)).sort((a, b) => a.tick - b.tick);
  const firstTick = new Map(lives.map((life) => [processOf(life), life.first]));
  const scrapes = seen.map(({ rows, missed, ...scrape }): RecordedScrape => {
    const first = firstTick.get(processOf(scrape)) ?? 0;
    return {
      ...scrape,
      ms: startMs + scrape.tick * intervalMs,
      // Those of tick 0 are an hour old, so that they seed; the others began 3 s before their first scrape.
      startedMs: startMs + (first === 0 ? -3_600_000 : first * intervalMs - 3000),
      files: missed
        ? {}
        : Object.fromEntries(Object.entries(rows).map(([kind, byStack]) => [kind, encoded(kind, byStack)])),
    };
  });
  const windows = [windowOf(seen, 0, ticks - 1), windowOf(seen, 2, 10), windowOf(seen, 6, 22)];
  return { name: `synthetic-${seed}`, intervalMs, scrapes, windows };
}

/** Counters rise, gauges wander; new stacks appear as a process grows older. */
function live(life: Life, random: () => number): Seen[] {
  const counted = new Map<string, number[]>();
  const seen: Seen[] = [];
  for (let tick = life.first; tick <= life.last; tick++) {
    const rows: Record<string, Rows> = {};
    for (const [kind, columns] of Object.entries(kinds)) {
      const byStack = new Map<string, readonly number[]>();
      const stacks = 6 + Math.min(6, tick - life.first);
      for (let stack = 0; stack < stacks; stack++) {
        const before = counted.get(`${kind} ${stack}`) ?? columns.map(() => 1000);
        const values = columns.map((of, at) => {
          const step = Math.floor(random() * (of.unit === 'count' ? 100 : 1_000_000));
          return of.class === 'counter' ? (before[at] ?? 0) + step : step;
        });
        counted.set(`${kind} ${stack}`, values);
        byStack.set(stackName(stack), values);
      }
      rows[kind] = byStack;
    }
    seen.push({ ...life, tick, missed: life.missed?.includes(tick) ?? false, rows });
  }
  return seen;
}

function stackName(stack: number): string {
  return `main;serve${stack % 3};${['parse', 'query', 'render', 'log'][stack % 4]};leaf${stack}`;
}

function encoded(kind: string, rows: Rows): Uint8Array {
  return encodeProfile(profileOfRows(rows, kinds[kind] ?? []));
}

function profileOfRows(rows: Rows, columns: readonly Column[]) {
  const text = [...rows].map(([stack, values]) => `${stack} ${values.join(' ')}`).join('\n');
  return profileFromText(text, { types: columns.map(({ type, unit }) => ({ type, unit })) });
}

/** The answers by the rules of `corpus/README.md`, from the numbers themselves. */
function windowOf(seen: readonly Seen[], after: number, to: number): RecordedWindow {
  const answers: KindAnswer[] = [];
  for (const [kind, columns] of Object.entries(kinds)) {
    for (const className of ['delta', 'counter', 'gauge'] as const) {
      const wanted = columns.flatMap((of, at) => (of.class === className ? [at] : []));
      if (wanted.length > 0) answers.push(answerOf({ seen, kind, className, wanted, after, to }));
    }
  }
  return { after_tick: after, to_tick: to, answers };
}

interface Asked {
  readonly seen: readonly Seen[];
  readonly kind: string;
  readonly className: KindAnswer['class'];
  /** Columns of the kind. */
  readonly wanted: readonly number[];
  readonly after: number;
  readonly to: number;
}

function answerOf(asked: Asked): KindAnswer {
  const { seen, kind, className, wanted, after, to } = asked;
  const columns = wanted.flatMap((at) => kinds[kind]?.[at] ?? []);
  const sum = (filter: (of: Seen) => boolean): Rows => sumOver({ ...asked, seen: seen.filter(filter) });
  const all = sum(() => true);
  const by = (label: 'pod' | 'build') =>
    Object.fromEntries(
      [...new Set(seen.map((of) => of[label]))].map((name) => [
        name,
        totals(
          sum((of) => of[label] === name),
          columns,
        ),
      ]),
    );
  const answer = {
    kind,
    class: className,
    types: columns.map(({ type }) => type),
    totals: totals(all, columns),
    totals_by_pod: by('pod'),
    totals_by_build: by('build'),
    canon: canonOf(all, columns),
    top: columns.map(({ type }, column) => ({ type, by_flat: topOf(all, column), by_cum: [] })),
  };
  if (className !== 'gauge') return answer;
  const moments = range(after + 1, to).map((tick) => {
    const rows = sumOver({ ...asked, after: tick - 1, to: tick });
    return { tick, totals: totals(rows, columns), canon: canonOf(rows, columns) };
  });
  const last = moments.at(-1);
  const max = columns.flatMap(({ type }, column) => {
    const largest = moments.toSorted((a, b) => Number(b.totals[column]) - Number(a.totals[column]))[0];
    return largest ? [{ ...largest, type }] : [];
  });
  return { ...answer, ticks: to - after, max, ...(last ? { last } : {}) };
}

function sumOver({ seen, kind, className, wanted, after, to }: Asked): Rows {
  const sums = new Map<string, number[]>();
  const add = (rows: Rows | undefined, sign: 1 | -1): void => {
    for (const [stack, values] of rows ?? []) {
      const sum = sums.get(stack) ?? wanted.map(() => 0);
      sums.set(
        stack,
        sum.map((value, at) => value + sign * (values[wanted[at] ?? 0] ?? 0)),
      );
    }
  };
  for (const life of Map.groupBy(seen, processOf).values()) {
    const good = life.filter(({ missed }) => !missed);
    const upTo = (tick: number) => good.findLast((of) => of.tick <= tick)?.rows[kind];
    if (className === 'delta') for (const of of good) if (of.tick > after && of.tick <= to) add(of.rows[kind], 1);
    if (className === 'gauge') {
      for (const of of life) if (of.tick > after && of.tick <= to) add(upTo(of.tick), 1);
    }
    if (className === 'counter' && good.some((of) => of.tick > after && of.tick <= to)) {
      add(upTo(to), 1);
      add(upTo(after), -1);
    }
  }
  return sums;
}

function totals(rows: Rows, columns: readonly Column[]): string[] {
  return columns.map((_, column) => String(rows.values().reduce((sum, values) => sum + (values[column] ?? 0), 0)));
}

function canonOf(rows: Rows, columns: readonly Column[]) {
  return {
    sha256: hashOf(
      profileOfRows(rows, columns),
      columns.map(({ type }) => type),
    ),
  };
}

/** Leaves only: each stack has a leaf of its own. */
function topOf(rows: Rows, column: number) {
  return [...rows].map(([stack, values]) => ({
    function: stack.split(';').at(-1) ?? '',
    flat: values[column] ?? 0,
    cum: values[column] ?? 0,
  }));
}

function processOf({ pod, incarnation }: Pick<Life, 'pod' | 'incarnation'>): string {
  return `${pod}/${incarnation}`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function column(type: string, unit: string, className: KindAnswer['class']): Column {
  return { type, unit, class: className };
}

/** Mulberry32: the same numbers for the same seed everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
