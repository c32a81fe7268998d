import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { defaultPipelineLimits } from '../../src/ingest/defaults.ts';
import type { LabelLimits } from '../../src/ingest/label-keys.ts';
import type { IngestJob, IngestOutcome } from '../../src/ingest/messages.ts';
import type { IngestPipeline } from '../../src/ingest/pipeline.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import type { Checkpoint } from '../../src/store/state-store.ts';
import { type MemoryProfile, MemoryState, MemoryWriter, totalOf } from '../support/ingest-memory-store.ts';
import { jobOf, openPipeline } from '../support/ingest-pipeline.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const typesOf = {
  cpu: [{ type: 'samples', unit: 'count' }],
  block: [{ type: 'contentions', unit: 'count' }],
} as const;

/** At most so many texts of a key, and no key is known by its name, unless a test says so. */
function limitsOf(labels: Partial<LabelLimits>, labelSetsPerPartition = 10_000) {
  const { symbols } = defaultPipelineLimits;
  return {
    symbols: { ...symbols, labelSetsPerPartition, labels: { values: 2, droppedKeys: [], keys: 64, ...labels } },
  };
}

function open(labels: Partial<LabelLimits> = {}, writer = new MemoryWriter(), state = new MemoryState()) {
  return { writer, state, pipeline: openPipeline(writer, state, limitsOf(labels)) };
}

function job(kind: keyof typeof typesOf, minute: number, text: string, more: Partial<IngestJob> = {}): IngestJob {
  const bytes = encodeProfile(profileFromText(text, { types: typesOf[kind], header: { durationNanos: 0n } }));
  return jobOf({ kind, bytes, stampMs: minute * 60_000, ...more });
}

function take(pipeline: IngestPipeline, ...jobs: readonly IngestJob[]): IngestOutcome[] {
  return pipeline.ingest(jobs);
}

/** The stored rows with a value, as text. */
function drawn(writer: MemoryWriter, profile: MemoryProfile | undefined): string {
  return (profile?.rows ?? [])
    .filter(({ values }) => values.some((value) => value !== 0n))
    .map(({ high, low, values }) => {
      const { frames = [], labels = [] } = writer.stacks.get(`${high},${low}`) ?? {};
      const tags = labels.map((label) => `${label.key}=${'text' in label ? label.text : label.number}`).join(',');
      return `${frames.map((frame) => frame.function?.name).join(';')} {${tags}} ${values.join(' ')}`;
    })
    .sort()
    .join('\n');
}

function warningsOf(outcome: IngestOutcome | undefined): readonly string[] {
  return outcome?.kind === 'stored' ? outcome.warnings : [`${outcome?.kind}`];
}

test('labels with few texts are kept as they are', () => {
  const { writer, pipeline } = open();
  take(pipeline, job('cpu', 1, 'main;query {route=/a} 3\nmain;query {route=/b} 4\nmain 1'));
  assert.equal(drawn(writer, writer.profiles[0]), 'main {} 1\nmain;query {route=/a} 3\nmain;query {route=/b} 4');
  assert.deepEqual(pipeline.counts.droppedLabels, { name: 0, values: 0 });
});

test('a key with too many texts is left out at once and for good; samples keep their stack, value and other labels', () => {
  const { writer, pipeline } = open();
  const [first, second] = take(
    pipeline,
    job('cpu', 1, 'main;query {id=1,route=/a} 3\nmain;query {id=2,route=/a} 4\nmain;query {id=3} 5'),
    job('cpu', 2, 'main;query {id=1,route=/a} 6'),
  );
  assert.equal(drawn(writer, writer.profiles[0]), 'main;query {route=/a} 7\nmain;query {} 5');
  assert.equal(drawn(writer, writer.profiles[1]), 'main;query {route=/a} 6');
  const warning = 'the label "id" has had more than 2 values: stacks are stored without it (limits.labelValues)';
  assert.deepEqual([first, second].map(warningsOf), [[warning], [warning]]);
  assert.deepEqual(pipeline.counts.droppedLabels, { name: 0, values: 4 });
  assert.equal(pipeline.counts.trimmedSamples, 0);
});

test('texts are counted over the profiles and processes of a workload, and what one finds goes for all', () => {
  const { writer, pipeline } = open();
  const other: Partial<IngestJob> = {
    labels: { ...job('cpu', 1, 'main 1').labels, pod: 'cart-2' },
    process: { id: 'pod-2/app', slot: 'shop/cart-2/app', startedMs: undefined },
  };
  take(pipeline, job('cpu', 1, 'main {id=1} 1'), job('cpu', 1, 'main {id=2} 2', other));
  take(pipeline, job('cpu', 2, 'main {id=3} 3', other), job('cpu', 2, 'main {id=1} 4'));
  const texts = writer.profiles.map((profile) => drawn(writer, profile));
  assert.deepEqual(texts, ['main {id=1} 1', 'main {id=2} 2', 'main {} 3', 'main {} 4']);
});

test('keys past a bound, and very long ones, are not counted: they have the cap of label sets', () => {
  const { writer, pipeline } = open({ keys: 1 });
  const long = 'k'.repeat(2_000);
  take(
    pipeline,
    job('cpu', 1, `main {route=/} 1\n${[1, 2, 3].map((id) => `main {${long}=${id},id=${id}} 1`).join('\n')}`),
  );
  assert.equal(writer.profiles[0]?.rows.length, 4);
});

test('a target that makes up keys without end has a few of them left out, and what is remembered of it stays small', () => {
  const { writer, state, pipeline } = open({ keys: 2 });
  let last = pipeline;
  for (let minute = 1; minute <= 9; minute++) {
    if (minute === 6) last = open({ keys: 2 }, writer, state).pipeline;
    const made = (key: string): string => [1, 2, 3].map((id) => `main {${key}${minute}=${id}} 1`).join('\n');
    take(last, job('cpu', minute, `${made('a')}\n${made('b')}`), job('block', minute, made('c')));
  }
  const saved = JSON.parse(state.get('left_out_labels') ?? '') as {
    readonly partitions: readonly [string, string[]][];
  };
  assert.deepEqual(
    saved.partitions.map(([, ids]) => ids),
    [['=a1', '=b1']],
  );
  assert.equal(drawn(writer, writer.profiles[0]), 'main {} 6');
  assert.equal(writer.profiles.at(-2)?.rows.length, 6, 'the labels of others are kept, under the cap of label sets');
});

test('keys that are made up without end do not make room for more label sets', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState(), limitsOf({ keys: 1 }, 4));
  for (let minute = 1; minute <= 6; minute++) {
    const key = `k${minute}`;
    take(pipeline, job('cpu', minute, `main {${key}=1} 1\nmain {${key}=2} 2\nmain {${key}=3} 4`));
  }
  const sets = new Set([...writer.stacks.values()].map(({ labels }) => JSON.stringify(labels)));
  sets.delete('[]');
  assert.equal(sets.size, 4);
});

test('what was decided outlives a restart, unless the bound is raised', () => {
  const { writer, state, pipeline } = open();
  take(pipeline, job('cpu', 1, 'main {id=1} 1\nmain {id=2} 2\nmain {id=3} 4'));
  const again = open({}, writer, state);
  take(again.pipeline, job('cpu', 2, 'main {id=1} 1'));
  assert.equal(drawn(writer, writer.profiles[1]), 'main {} 1');
  const raised = open({ values: 3 }, writer, state);
  take(raised.pipeline, job('cpu', 3, 'main {id=1} 1'));
  assert.equal(drawn(writer, writer.profiles[2]), 'main {id=1} 1');
});

test('another workload keeps a key that one leaves out', () => {
  const { writer, pipeline } = open();
  const labels = { ...job('cpu', 1, 'main 1').labels, workload: 'search' };
  take(
    pipeline,
    job('cpu', 1, 'main {id=1} 1\nmain {id=2} 1\nmain {id=3} 1'),
    job('cpu', 1, 'main {id=1} 1', { labels }),
  );
  assert.equal(drawn(writer, writer.profiles[1]), 'main {id=1} 1');
});

test('keys that name single requests are left out from the first profile on, however they are written', () => {
  const { writer, pipeline } = open({ droppedKeys: ['span_id', 'trace_id'] });
  const [outcome] = take(pipeline, job('cpu', 1, 'main {SpanID=1,trace.id=2,route=/a} 3\nmain {span-id=9,route=/a} 4'));
  assert.equal(drawn(writer, writer.profiles[0]), 'main {route=/a} 7');
  assert.equal(warningsOf(outcome).length, 2);
  assert.match(
    warningsOf(outcome)[0] ?? '',
    /^the label "(SpanID|span-id)" names single requests: .*limits\.droppedLabels/,
  );
  assert.deepEqual(pipeline.counts.droppedLabels, { name: 3, values: 0 });
});

test('numbers are kept, however many and whatever they are called', () => {
  const { writer, pipeline } = open({ droppedKeys: ['span_id'] });
  const lines = Array.from({ length: 50 }, (_, at) => `main {bytes:=${at + 1},span_id:=${at + 1}} 1`);
  take(pipeline, job('cpu', 1, lines.join('\n')));
  assert.equal(drawn(writer, writer.profiles[0]).split('\n').length, 50);
  assert.deepEqual(pipeline.counts.droppedLabels, { name: 0, values: 0 });
});

test('over the cap of label sets samples fold, and those of a key that is left out make room', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState(), limitsOf({}, 2));
  take(pipeline, job('cpu', 1, 'main {size:=1} 1\nmain {size:=2} 2\nmain {size:=3} 4'));
  assert.equal(drawn(writer, writer.profiles[0]), '(other) {} 4\nmain {size=1} 1\nmain {size=2} 2');
  take(pipeline, job('cpu', 2, 'main {id=1,r=a} 1\nmain {id=2,r=a} 2\nmain {id=3,r=b} 4'));
  assert.equal(drawn(writer, writer.profiles[1]), 'main {r=a} 3\nmain {r=b} 4');
});

test('counters whose key is left out midway go on from where they were', () => {
  const { writer, pipeline } = open();
  take(pipeline, job('block', 1, 'main;q {id=1} 3\nmain;q {id=2} 5\nmain 7'));
  take(pipeline, job('block', 2, 'main;q {id=1} 4\nmain;q {id=2} 5\nmain;q {id=3} 2\nmain 7'));
  take(pipeline, job('block', 3, 'main;q {id=1} 4\nmain;q {id=2} 6\nmain;q {id=3} 2\nmain;q {id=4} 1\nmain 8'));
  const texts = writer.profiles.map((profile) => drawn(writer, profile));
  assert.deepEqual(texts, ['', 'main;q {} 3', 'main {} 1\nmain;q {} 2']);
  assert.deepEqual([pipeline.counts.resets, pipeline.counts.seeds], [0, 1]);
});

test('a process that is counted by fewer labels and restarts counts from zero', () => {
  const { writer, pipeline } = open();
  take(pipeline, job('block', 1, 'main {id=1} 3\nmain {id=2} 5'));
  take(pipeline, job('block', 2, 'main {id=1} 1\nmain {id=7} 1\nmain {id=8} 1'));
  take(pipeline, job('block', 3, 'main {id=1} 2\nmain {id=7} 1\nmain {id=8} 1'));
  assert.deepEqual(
    writer.profiles.map((profile) => drawn(writer, profile)),
    ['', 'main {} 3', 'main {} 1'],
  );
  assert.equal(pipeline.counts.resets, 1);
});

const beforeAndAfter = [
  'main;q {id=1} 3\nmain;q {id=2} 5',
  'main;q {id=1} 4\nmain;q {id=2} 5\nmain;q {id=3} 2',
  'main;q {id=1} 4\nmain;q {id=2} 6\nmain;q {id=3} 2\nmain;q {id=4} 1',
] as const;

test('killed right after a key was left out, the collector counts on by the same stacks', () => {
  const { writer, state, pipeline } = open();
  take(pipeline, job('block', 1, beforeAndAfter[0]), job('block', 2, beforeAndAfter[1]));
  // The new one knows nothing of the texts before, and leaves the key out all the same: the counters are held so.
  const again = open({ values: 1000 }, writer, state);
  take(again.pipeline, job('block', 3, beforeAndAfter[2]));
  assert.equal(drawn(writer, writer.profiles[2]), 'main;q {} 2');
  assert.deepEqual([again.pipeline.counts.resets, again.pipeline.counts.seeds], [0, 0]);
});

test('killed between the state and the profile that left a key out, nothing is lost and nothing counted twice', () => {
  const { writer, state, pipeline } = open();
  take(pipeline, job('block', 1, beforeAndAfter[0]));
  const full: Checkpoint[] = [];
  const kill = new Error('killed');
  writer.failure = kill;
  assert.throws(() => take(pipeline, job('block', 2, beforeAndAfter[1])), kill);
  writer.failure = undefined;
  full.push(...state.checkpoints.values());
  assert.deepEqual(
    full.map(({ leftOut }) => leftOut),
    [['=id']],
    'the state was saved before',
  );
  const again = open({}, writer, state);
  take(again.pipeline, job('block', 3, beforeAndAfter[2]));
  assert.equal(drawn(writer, writer.profiles[1]), 'main;q {} 5');
  assert.deepEqual([again.pipeline.counts.resets, again.pipeline.counts.seeds], [0, 0]);
});

test('a key that is newly configured to be left out makes no counter jump, nor does one that no longer is', () => {
  const { writer, state, pipeline } = open({ values: 100 });
  take(pipeline, job('block', 1, beforeAndAfter[0]));
  const named = open({ values: 100, droppedKeys: ['id'] }, writer, state);
  take(named.pipeline, job('block', 2, beforeAndAfter[1]));
  const unnamed = open({ values: 100 }, writer, state);
  take(unnamed.pipeline, job('block', 3, beforeAndAfter[2]));
  assert.deepEqual(
    writer.profiles.map((profile) => drawn(writer, profile)),
    ['', 'main;q {} 3', 'main;q {} 2'],
  );
});

test('whatever keys are left out when, and whoever is killed when, increases add up to what was counted', () => {
  const step = fc.record({
    /** Counts of (stack, id), added to those before. */
    more: fc.array(fc.tuple(fc.constantFrom('main', 'main;q'), fc.nat(5), fc.integer({ min: 1, max: 9 })), {
      maxLength: 4,
    }),
    end: fc.constantFrom('go on', 'go on', 'kill', 'kill before the profile', 'name the key'),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 8 }), (steps) => {
      const writer = new MemoryWriter();
      const state = new MemoryState();
      let labels: Partial<LabelLimits> = {};
      let { pipeline } = open(labels, writer, state);
      const counters = new Map<string, number>([['main', 1]]);
      take(pipeline, job('block', 1, 'main 1'));
      let stored = 0n;
      for (const [at, { more, end }] of steps.entries()) {
        for (const [stack, id, count] of more) {
          const row = `${stack} {id=${id},route=/${id % 2}}`;
          counters.set(row, (counters.get(row) ?? 0) + count);
        }
        const text = [...counters].map(([row, count]) => `${row} ${count}`).join('\n');
        if (end === 'kill before the profile') writer.failure = new Error('killed');
        try {
          take(pipeline, job('block', at + 2, text));
          stored = [...counters.values()].reduce((sum, count) => sum + BigInt(count), -1n);
        } catch (error) {
          assert.equal(error, writer.failure);
        }
        writer.failure = undefined;
        if (end === 'name the key') labels = { droppedKeys: ['id'] };
        if (end !== 'go on') pipeline = open(labels, writer, state).pipeline;
        assert.equal(totalOf(writer.profiles, 'contentions'), stored);
      }
    }),
    { numRuns: 300 },
  );
});
