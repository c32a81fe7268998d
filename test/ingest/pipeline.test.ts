import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IngestJob, IngestOutcome } from '../../src/ingest/messages.ts';
import { otherName } from '../../src/ingest/trim.ts';
import { FlameherdError } from '../../src/model/errors.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import type { ProfileHeader } from '../../src/profile/profile.ts';
import { type MemoryProfile, MemoryState, MemoryWriter, totalOf } from '../support/ingest-memory-store.ts';
import { jobOf, openPipeline } from '../support/ingest-pipeline.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const typesOf = {
  heap: ['alloc_objects/count', 'alloc_space/bytes', 'inuse_objects/count', 'inuse_space/bytes'],
  cpu: ['samples/count', 'cpu/nanoseconds'],
  odd: ['widgets/count'],
} as const;

function bytesOf(kind: keyof typeof typesOf, text: string, header: Partial<ProfileHeader> = {}): Uint8Array {
  const types = typesOf[kind].map((name) => {
    const [type = '', unit = ''] = name.split('/');
    return { type, unit };
  });
  return encodeProfile(profileFromText(text, { types, header }));
}

const heap = (text: string, stampMs: number, more: Partial<IngestJob> = {}): IngestJob =>
  jobOf({ bytes: bytesOf('heap', text), stampMs, ...more });

/** The stored rows as text: stack, then the values of each type. */
function drawn(writer: MemoryWriter, profile: MemoryProfile | undefined): string[] {
  return (profile?.rows ?? []).map(({ high, low, values }) => {
    const { frames = [], labels = [] } = writer.stacks.get(`${high},${low}`) ?? {};
    const tags = labels.map((label) => ` ${label.key}=${'text' in label ? label.text : label.number}`).join('');
    return `${frames.map((frame) => frame.function?.name).join(';')}${tags} ${values.join(' ')}`;
  });
}

function refusal(outcome: IngestOutcome | undefined): string {
  return outcome?.kind === 'refused' ? `${outcome.error.code}: ${outcome.error.message}` : `${outcome?.kind}`;
}

test('a heap profile is stored as increases of what was allocated and a snapshot of what is in use', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState());
  pipeline.ingest([heap('main;a 10 1000 3 300\nmain;b 5 500 0 0', 60_000)]);
  pipeline.ingest([heap('main;a 12 1200 2 200\nmain;b 5 500 0 0', 120_000)]);
  assert.deepEqual(drawn(writer, writer.profiles[0]), ['main;a 0 0 3 300']);
  assert.deepEqual(drawn(writer, writer.profiles[1]), ['main;a 2 200 2 200']);
  assert.deepEqual(
    writer.profiles.map(({ spanMs }) => spanMs),
    [0, 60_000],
  );
});

test('what was built goes with the process; an upload that does not say has none', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState());
  pipeline.ingest([heap('main 1 1 1 1', 60_000, { build: 'c0ffee' }), heap('main 1 1 1 1', 120_000)]);
  assert.deepEqual(
    writer.profiles.map(({ series }) => series.process.build),
    ['c0ffee', undefined],
  );
});

test('a batch is one commit, and what is refused in it holds up nothing', () => {
  const writer = new MemoryWriter();
  const bad = jobOf({ bytes: new TextEncoder().encode('<html>'), stampMs: 60_000 });
  const [first, second, third] = openPipeline(writer, new MemoryState()).ingest([
    heap('main 1 1 1 1', 60_000),
    bad,
    heap('main 2 2 2 2', 120_000),
  ]);
  assert.equal(first?.kind, 'stored');
  assert.match(refusal(second), /^bad_profile: .+/);
  assert.equal(third?.kind, 'stored');
  assert.equal(writer.appends, 1);
  assert.equal(totalOf(writer.profiles, 'alloc_space'), 1n);
});

test('an upload without a kind is told by its types, or asked for its kind', () => {
  const writer = new MemoryWriter();
  const upload = { kind: undefined, origin: 'upload' } as const;
  const [known, unknown] = openPipeline(writer, new MemoryState()).ingest([
    jobOf({ bytes: bytesOf('cpu', 'main 1 10', { durationNanos: 10_000_000_000n }), stampMs: 1, ...upload }),
    jobOf({ bytes: bytesOf('odd', 'main 1'), stampMs: 1, ...upload }),
  ]);
  assert.ok(known?.kind === 'stored' && known.profiledMs === 10_000);
  assert.equal(writer.profiles[0]?.series.kind, 'cpu');
  assert.equal(writer.profiles[0]?.spanMs, 10_000);
  assert.equal(refusal(unknown), 'bad_parameter: kind: cannot be told from the sample types (widgets)');
});

test('counters need a process, unless they are increases already', () => {
  const nobody = { process: { id: '', slot: '', startedMs: undefined }, origin: 'upload' } as const;
  const writer = new MemoryWriter();
  const [refused, stored] = openPipeline(writer, new MemoryState()).ingest([
    heap('main 1 1 1 1', 1, nobody),
    heap('main 7 7 1 1', 2, { ...nobody, asDelta: true }),
  ]);
  assert.match(refusal(refused), /^process_required: process: alloc_objects, alloc_space count since/);
  assert.equal(stored?.kind, 'stored');
  assert.deepEqual(drawn(writer, writer.profiles[0]), ['main 7 7 1 1']);
});

test('the same upload twice is one profile, other content or an older time is a conflict', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState());
  const upload = (text: string, stampMs: number): string => {
    const [outcome] = pipeline.ingest([heap(text, stampMs, { origin: 'upload' })]);
    return outcome?.kind === 'stored' ? `${outcome.id}${outcome.duplicate ? ' again' : ''}` : refusal(outcome);
  };
  assert.equal(upload('main 1 1 1 1', 60_000), '1');
  assert.equal(upload('main 2 2 1 1', 120_000), '2');
  assert.equal(upload('main 2 2 1 1', 120_000), '2 again');
  assert.equal(upload('main 1 1 1 1', 60_000), '1 again');
  assert.match(upload('main 9 9 1 1', 120_000), /^duplicate_time: /);
  assert.match(upload('main 1 1 1 1', 90_000), /^out_of_order: .*1970-01-01T00:01:30.000Z is before the last profile/);
  assert.equal(upload('main 5 5 1 1', 180_000), '3');
  assert.equal(totalOf(writer.profiles, 'alloc_space'), 4n);
});

test('a profile of a time of which only sums are left is refused with the time, and holds up no other', () => {
  const writer = new MemoryWriter();
  writer.expiredBeforeMs = 60_000;
  const [late, stored] = openPipeline(writer, new MemoryState()).ingest([
    heap('main 1 1 1 1', 59_000, { asDelta: true }),
    heap('main 1 1 1 1', 61_000, { asDelta: true }),
  ]);
  assert.match(refusal(late), /^bad_time: time: only sums over hours or days are left of 1970-01-01T00:00:59.000Z/);
  assert.equal(stored?.kind, 'stored');
});

test('a process that started since our last look counts from zero, an older one seeds', () => {
  const started = (startedMs: number) => ({ id: `p${startedMs}`, slot: 's', startedMs });
  const first = (process: IngestJob['process'], more: Partial<IngestJob>): bigint => {
    const writer = new MemoryWriter();
    openPipeline(writer, new MemoryState()).ingest([heap('main 9 9 1 1', 600_000, { process, ...more })]);
    return totalOf(writer.profiles, 'alloc_space');
  };
  assert.equal(first(started(590_000), { firstKnownMs: 580_000 }), 9n);
  assert.equal(first(started(590_000), { firstKnownMs: 595_000 }), 0n);
  assert.equal(first(started(590_000), { firstKnownMs: undefined }), 0n);
  assert.equal(first(started(450_000), { origin: 'upload' }), 9n);
  assert.equal(first(started(449_999), { origin: 'upload' }), 0n);
});

test('a process that started while we were down counts from zero after a look before it', () => {
  const writer = new MemoryWriter();
  const state = new MemoryState();
  openPipeline(writer, state).ingest([heap('main 9 9 1 1', 60_000)]);
  const pod = { id: 'pod-2', slot: 's', startedMs: 100_000 };
  openPipeline(writer, state).ingest([heap('main 4 4 1 1', 600_000, { process: pod, firstKnownMs: 500_000 })]);
  assert.equal(totalOf(writer.profiles, 'alloc_space'), 4n);
  assert.equal(writer.profiles[1]?.spanMs, 500_000);
});

test('when our clock goes back, stamps go on, and the span is the interval', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState());
  pipeline.ingest([heap('main 1 1 1 1', 600_000)]);
  const [outcome] = pipeline.ingest([heap('main 3 3 1 1', 300_000)]);
  assert.ok(outcome?.kind === 'stored');
  assert.match(outcome.warnings[0] ?? '', /clock went back to 1970-01-01T00:05:00.000Z/);
  assert.equal(writer.profiles[1]?.stampMs, 600_001);
  assert.equal(writer.profiles[1]?.spanMs, 60_000);
});

test('an upload without an interval gets the gap to the one before it', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState());
  for (const stampMs of [60_000, 75_000]) {
    pipeline.ingest([heap('main 1 1 1 1', stampMs, { origin: 'upload', intervalMs: undefined })]);
  }
  assert.deepEqual(
    writer.profiles.map(({ intervalMs }) => intervalMs),
    [60_000, 15_000],
  );
});

test('the skew of the target and the end of a process are passed on', () => {
  const writer = new MemoryWriter();
  const bytes = bytesOf('heap', 'main 1 1 1 1', { timeNanos: 63_000_000_000n });
  const [outcome] = openPipeline(writer, new MemoryState()).ingest([
    jobOf({ bytes, stampMs: 60_000, origin: 'upload', endedMs: 61_000 }),
  ]);
  assert.ok(outcome?.kind === 'stored' && outcome.skewMs === 3_000);
  assert.equal(writer.ended.get('pod-1/app'), 61_000);
});

test('a full store refuses the batch, and nothing is lost or counted twice once there is room', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState());
  pipeline.ingest([heap('main 1 1 1 1', 60_000)]);
  writer.failure = new FlameherdError('storage_full', 'less than 512 MB are free');
  const refused = pipeline.ingest([heap('main 5 5 1 1', 120_000), heap('main 6 6 1 1', 180_000)]);
  assert.deepEqual(refused.map(refusal), Array(2).fill('storage_full: less than 512 MB are free'));
  writer.failure = undefined;
  pipeline.ingest([heap('main 8 8 1 1', 240_000)]);
  assert.equal(totalOf(writer.profiles, 'alloc_space'), 7n);
  assert.equal(writer.profiles[1]?.spanMs, 180_000);
});

const small = { trim: { stacks: 2, depth: 4, text: 12 } };

test('over a cap the smallest stacks fold into one, and no total changes', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState(), small);
  const [outcome] = pipeline.ingest([
    jobOf({ kind: 'cpu', bytes: bytesOf('cpu', 'main;a 9 90\nmain;b 8 80\nmain;c 1 10\nmain;d 2 20'), stampMs: 1 }),
  ]);
  assert.ok(outcome?.kind === 'stored' && outcome.trimmed === 2 && outcome.samples === 4);
  assert.deepEqual(drawn(writer, writer.profiles[0]), ['main;a 9 90', 'main;b 8 80', `${otherName} 3 30`]);
});

test('stacks that are too deep fold, and names that are too long are cut', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState(), small);
  const bytes = bytesOf('cpu', 'a;b;c;d;e 1 10\nmain;aNameWithoutEnd 2 20');
  const [outcome] = pipeline.ingest([jobOf({ kind: 'cpu', bytes, stampMs: 1 })]);
  assert.ok(outcome?.kind === 'stored' && outcome.warnings.length === 2);
  assert.deepEqual(drawn(writer, writer.profiles[0]), ['main;aNameWithou… 2 20', `${otherName} 1 10`]);
});

test('trimming comes after differencing: over kills, what folds one time and not the next is counted once', () => {
  for (const lost of [false, true]) {
    const writer = new MemoryWriter();
    const state = new MemoryState();
    const process = { id: 'p', slot: 's', startedMs: 50_000 };
    const take = (text: string, stampMs: number) =>
      openPipeline(writer, state, small).ingest([heap(text, stampMs, { process, firstKnownMs: 1 })]);
    take('a 9 9 9 9\nb 8 8 8 8\nc 1 1 1 1', 60_000);
    if (lost) {
      // The bases are saved and the profile is not, as after a kill.
      writer.failure = new FlameherdError('storage_full', 'full');
      take('a 9 9 9 9\nb 8 8 8 8\nc 5 5 1 1', 120_000);
      writer.failure = undefined;
    }
    take('a 9 9 9 9\nb 8 8 8 8\nc 5 5 1 1', 120_000);
    take('a 9 9 0 0\nb 9 9 0 0\nc 90 90 9 9', 180_000);
    take('a 9 9 0 0\nb 9 9 0 0\nc 91 91 9 9', 240_000);
    assert.equal(totalOf(writer.profiles, 'alloc_space'), 9n + 9n + 91n, lost ? 'lost once' : 'plain');
  }
});

test('a store that asks again for a stack that we took for known gets it', () => {
  const writer = new MemoryWriter();
  const pipeline = openPipeline(writer, new MemoryState());
  pipeline.ingest([heap('main;a 1 1 1 1', 60_000)]);
  writer.stacks.clear();
  pipeline.ingest([heap('main;a 1 1 1 1', 120_000), heap('main;b 2 2 1 1', 130_000, { source: 'x' })]);
  assert.deepEqual(drawn(writer, writer.profiles[1]), ['main;a 0 0 1 1']);
});
