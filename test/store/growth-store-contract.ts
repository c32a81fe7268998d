import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrowthEvent, SignalVerdict, Workload } from '../../src/model/growth.ts';
import {
  type FunctionFloor,
  type GrowthStore,
  maxEventsPerWorkload,
  maxProfiledEvents,
  type ProcessFloors,
  type StoredEvaluation,
} from '../../src/store/growth-store.ts';

const bucketMs = 600_000;
const checkout: Workload = { namespace: 'shop', workloadKind: 'Deployment', workload: 'checkout', container: 'app' };
const cart: Workload = { ...checkout, workload: 'cart' };

/** `decode=10/100 (5)`: bytes, objects, allocated bytes. */
function functionsOf(text: string): FunctionFloor[] {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', bytes, objects, allocBytes] = part.split(/[=/+]/);
      return { id: `id-${name}`, name, bytes: Number(bytes), objects: Number(objects), allocBytes: Number(allocBytes) };
    });
}

function functionsText({ functions }: ProcessFloors): string {
  return functions.map(({ name, bytes, objects, allocBytes }) => `${name}=${bytes}/${objects}+${allocBytes}`).join(' ');
}

interface Given {
  readonly workload?: Workload;
  readonly process?: string;
  readonly bucket?: number;
  readonly heap?: ProcessFloors['heap'];
  readonly goroutines?: number;
  readonly functions?: string;
}

function floorsOf({ process = 'pod-1', workload = checkout, bucket = 100, heap, goroutines, functions = '' }: Given) {
  return {
    workload,
    process: { id: process, slot: `shop/${process}/app`, pod: process, revision: 'v1', startedMs: 1000 },
    bucket,
    heap,
    goroutines,
    functions: functionsOf(functions),
  } satisfies ProcessFloors;
}

function heapOf(bytes: number, allocBytes = 0, allocMs = 60_000): NonNullable<ProcessFloors['heap']> {
  return { bytes, objects: bytes / 10, period: 524_288, weight: 600_000.25, allocBytes, allocMs };
}

const all = { bucketMs, from: 0, to: 1e6 };

function listed(store: GrowthStore, query: Partial<Parameters<GrowthStore['floors']>[0]> = {}): string[] {
  return [...store.floors({ ...all, ...query })].map(({ bucket, process, goroutines }) =>
    [bucket, process.id, goroutines].join(' '),
  );
}

function eventOf(id: string, openedMs: number, more: Partial<GrowthEvent> = {}): GrowthEvent {
  const verdict: SignalVerdict = {
    signal: 'heap',
    tier: 'suspected',
    perSecond: 12.5,
    functions: [{ id: 'f', name: 'main.leak', perSecond: 12.5, level: 1e9 }],
    pods: ['pod-1'],
    judged: 3,
    gates: [{ name: 'rise', passed: true, text: '40 MiB of 32 MiB', value: 40, needed: 32 }],
  };
  return { id, workload: checkout, signal: 'heap', tier: 'suspected', openedMs, verdict, revision: 'v1', ...more };
}

function evaluationOf(workload: Workload, bucket: number, memory = '{}'): StoredEvaluation {
  const verdict = { workload, atMs: (bucket + 1) * bucketMs, signals: [eventOf('', 0).verdict], processes: 3 };
  return { workload, bucketMs, bucket, memory, verdict };
}

const ids = (events: readonly GrowthEvent[]): string[] => events.map(({ id }) => id);

function pruneAll(store: GrowthStore, olderThanMs: number, eventsOlderThanMs: number): void {
  for (let step = 0; store.prune(olderThanMs, eventsOlderThanMs); step++) assert.ok(step < 10_000, 'pruning ends');
}

/** What every `GrowthStore` promises. `open` opens the same store again after it was closed; `fresh` makes an empty one. */
export function growthStoreContract(name: string, fresh: () => { readonly open: () => GrowthStore }): void {
  test(`${name}: floors come back exactly, also after a restart`, async () => {
    const { open } = fresh();
    const given = floorsOf({ heap: heapOf(1e9, 2 ** 53), goroutines: 7, functions: 'a=1/2+3 b=0/0+0 c=9e15/0.5+1e-9' });
    {
      await using store = open();
      store.saveFloors(bucketMs, 'live', [given]);
      assert.deepEqual([...store.floors(all)], [given]);
    }
    await using store = open();
    assert.deepEqual([...store.floors(all)], [given]);
  });

  test(`${name}: of levels the least stays with what belongs to it, allocations add up`, async () => {
    await using store = fresh().open();
    const save = (given: Given) => store.saveFloors(bucketMs, 'live', [floorsOf(given)]);
    save({ heap: heapOf(90, 5), goroutines: 12, functions: 'falls=50/5+10 rises=10/1+10 gone=7/1+1' });
    save({ heap: heapOf(80, 3), goroutines: 15, functions: 'falls=40/9+20 rises=20/2+20 new=5/1+2' });
    save({ heap: heapOf(85, 2), functions: 'new=5/3+0' });
    const [floors, ...others] = [...store.floors(all)];
    assert.ok(floors);
    assert.deepEqual(others, []);
    assert.deepEqual(floors.heap, { ...heapOf(80, 10), allocMs: 180_000 });
    assert.equal(floors.goroutines, 12);
    assert.equal(functionsText(floors), 'falls=40/9+30 gone=7/1+1 new=5/1+2 rises=10/1+30');
  });

  test(`${name}: a heap or a count of goroutines that comes later is added to what is there`, async () => {
    await using store = fresh().open();
    store.saveFloors(bucketMs, 'live', [floorsOf({ goroutines: 3 })]);
    store.saveFloors(bucketMs, 'live', [floorsOf({ heap: heapOf(10), functions: 'a=1/1+1' })]);
    assert.deepEqual([...store.floors(all)], [floorsOf({ heap: heapOf(10), goroutines: 3, functions: 'a=1/1+1' })]);
  });

  test(`${name}: floors are read by bucket, then by process, over workloads, lengths and origins as asked`, async () => {
    await using store = fresh().open();
    const given = (bucket: number, process: string, goroutines: number, workload = checkout) =>
      floorsOf({ bucket, process, goroutines, workload });
    store.saveFloors(bucketMs, 'live', [given(101, 'b', 1), given(100, 'b', 2), given(100, 'a', 3)]);
    store.saveFloors(bucketMs, 'live', [given(100, 'c', 4, cart), given(200, 'c', 5, cart)]);
    store.saveFloors(bucketMs, 'import', [given(100, 'a', 1), given(90, 'a', 8)]);
    store.saveFloors(10_000, 'live', [given(100, 'a', 99)]);
    assert.deepEqual(listed(store), ['90 a 8', '100 a 1', '100 b 2', '100 c 4', '101 b 1', '200 c 5']);
    assert.deepEqual(listed(store, { origin: 'live' }), ['100 a 3', '100 b 2', '100 c 4', '101 b 1', '200 c 5']);
    assert.deepEqual(listed(store, { origin: 'import' }), ['90 a 8', '100 a 1']);
    assert.deepEqual(listed(store, { workload: checkout, from: 100, to: 101 }), ['100 a 1', '100 b 2']);
    assert.deepEqual(listed(store, { workload: cart }), ['100 c 4', '200 c 5']);
    assert.deepEqual(listed(store, { workload: { ...cart, namespace: 'else' } }), []);
    assert.deepEqual(listed(store, { bucketMs: 10_000 }), ['100 a 99']);
    assert.deepEqual(store.workloads(all), [cart, checkout]);
    assert.deepEqual(store.workloads({ ...all, to: 100 }), [checkout]);
    assert.deepEqual(store.workloads({ ...all, from: 300 }), []);
  });

  test(`${name}: a process is told as it was said last, and is another one in another workload`, async () => {
    await using store = fresh().open();
    const first = floorsOf({ bucket: 100, goroutines: 1 });
    const renamed = { ...first.process, revision: 'v2', startedMs: undefined };
    store.saveFloors(bucketMs, 'live', [first]);
    store.saveFloors(bucketMs, 'live', [
      { ...first, bucket: 101, process: renamed },
      { ...first, workload: cart },
    ]);
    const told = [...store.floors(all)].map(({ bucket, workload, process }) =>
      [bucket, workload.workload, process.revision, process.startedMs].join(' '),
    );
    assert.deepEqual(new Set(told), new Set(['100 cart v1 1000', '100 checkout v2 ', '101 checkout v2 ']));
    assert.equal(told.length, 3);
  });

  test(`${name}: floors may be saved while others are being read`, async () => {
    await using store = fresh().open();
    const given = (bucket: number) => floorsOf({ bucket, goroutines: bucket });
    store.saveFloors(bucketMs, 'live', [given(1), given(2), given(500)]);
    const seen: number[] = [];
    for (const { bucket } of store.floors(all)) {
      seen.push(bucket);
      store.saveFloors(bucketMs, 'live', [given(1000 + bucket)]);
    }
    assert.deepEqual(
      seen.filter((bucket) => bucket < 1000),
      [1, 2, 500],
    );
  });

  test(`${name}: the last evaluation of a workload and bucket length stands`, async () => {
    const { open } = fresh();
    {
      await using store = open();
      store.saveEvaluations([evaluationOf(checkout, 100), evaluationOf(cart, 100)], []);
      store.saveEvaluations([evaluationOf(checkout, 101, '{"plateau":[1,2]}')], []);
      store.saveEvaluations([{ ...evaluationOf(cart, 7), bucketMs: 10_000 }], []);
    }
    await using store = open();
    assert.deepEqual(store.evaluations(bucketMs), [
      evaluationOf(cart, 100),
      evaluationOf(checkout, 101, '{"plateau":[1,2]}'),
    ]);
    assert.deepEqual(
      store.evaluations(10_000).map(({ bucket }) => bucket),
      [7],
    );
    assert.deepEqual(store.evaluations(1), []);
  });

  test(`${name}: an event comes back as it was saved last, with the windows of its profiles`, async () => {
    const { open } = fresh();
    const opened = eventOf('e1', 1000);
    const ended = eventOf('e1', 1000, { tier: 'likely', likelyMs: 2000, resolvedMs: 3000, revision: 'v2' });
    const windows = { base: undefined, compare: { fromMs: 1, toMs: 2 } };
    const other = { base: { fromMs: 5, toMs: 6 }, compare: { fromMs: 7, toMs: 8 } };
    {
      await using store = open();
      store.saveEvaluations([], [opened]);
      assert.deepEqual(store.event('e1'), opened);
      store.saveEventProfiles('e1', other, { base: Uint8Array.of(9), compare: Uint8Array.of(8) });
      store.saveEventProfiles('e1', windows, { compare: Uint8Array.of(1, 2, 3) });
      store.saveEvaluations([], [ended]);
    }
    await using store = open();
    assert.deepEqual(store.event('e1'), { ...ended, profiles: windows });
    assert.deepEqual([...(store.eventProfile('e1', 'compare') ?? [])], [1, 2, 3]);
    assert.equal(store.eventProfile('e1', 'base'), undefined);
    assert.equal(store.event('e2'), undefined);
    assert.throws(() => store.saveEventProfiles('e2', windows, {}), { code: 'not_found' });
  });

  test(`${name}: events are listed newest first, in pages, as asked`, async () => {
    await using store = fresh().open();
    store.saveEvaluations(
      [],
      [
        eventOf('a', 1000, { resolvedMs: 2000 }),
        eventOf('b', 2000, { resolvedMs: 4000, tier: 'likely' }),
        eventOf('c', 2000),
        eventOf('d', 3000, { workload: cart }),
        eventOf('e', 4000, { workload: { ...checkout, container: 'sidecar' } }),
        eventOf('f', 5000, { workload: { ...checkout, namespace: 'else' } }),
      ],
    );
    const list = (query: Partial<Parameters<GrowthStore['events']>[0]>) =>
      ids(store.events({ limit: 100, ...query })).join('');
    assert.equal(list({}), 'fedcba');
    assert.equal(list({ limit: 2 }), 'fe');
    assert.equal(list({ limit: 2, before: 'e' }), 'dc');
    assert.equal(list({ limit: 2, before: 'c' }), 'ba');
    assert.equal(list({ before: 'a' }), '');
    assert.equal(list({ namespace: 'shop' }), 'edcba');
    assert.equal(list({ workload: 'cart' }), 'd');
    assert.equal(list({ namespace: 'shop', workload: 'checkout', container: 'app' }), 'cba');
    assert.equal(list({ tier: 'likely' }), 'b');
    assert.equal(list({ isOpen: true, workload: 'checkout' }), 'fec');
    assert.equal(list({ isOpen: false }), 'ba');
    assert.equal(list({ window: { fromMs: 2000, toMs: 3000 } }), 'cb');
    assert.equal(list({ window: { fromMs: 0, toMs: 1001 } }), 'a');
    assert.equal(list({ window: { fromMs: 4000, toMs: 9000 } }), 'fedc');
    assert.throws(() => list({ before: 'z' }), { code: 'not_found' });
    const namespaces = new Set(['shop', 'nowhere']);
    assert.equal(list({ namespaces, limit: 2 }), 'ed');
    assert.equal(list({ namespaces, namespace: 'else' }), '');
    assert.equal(list({ namespaces, before: 'e' }), 'dcba');
    assert.throws(() => list({ namespaces, before: 'f' }), { code: 'not_found' });
    assert.equal(list({ namespaces: new Set() }), '');
  });

  test(`${name}: of a workload the newest ${maxEventsPerWorkload} events are kept, and profiles of ${maxProfiledEvents}`, async () => {
    await using store = fresh().open();
    const events = Array.from({ length: maxEventsPerWorkload + 5 }, (_, at) => eventOf(`e${10_000 + at}`, at));
    store.saveEvaluations([], [eventOf('other', 0, { workload: cart }), ...events]);
    const kept = store.events({ limit: 10_000 });
    assert.equal(kept.length, maxEventsPerWorkload + 1);
    assert.equal(store.event('e10004'), undefined);
    assert.equal(store.event('e10005')?.openedMs, 5);
    const windows = { base: undefined, compare: { fromMs: 0, toMs: 1 } };
    const newest = kept.slice(0, maxProfiledEvents + 1);
    for (const { id } of newest) store.saveEventProfiles(id, windows, { compare: Uint8Array.of(1) });
    const last = newest.at(-1)?.id ?? '';
    assert.equal(store.eventProfile(last, 'compare'), undefined);
    assert.equal(store.event(last)?.profiles, undefined);
    assert.equal(store.stats().eventProfiles, maxProfiledEvents);
  });

  test(`${name}: the name behind the id of a function is known once floors of it are saved`, async () => {
    const { open } = fresh();
    {
      await using store = open();
      assert.equal(store.functionName('id-decode'), undefined);
      store.saveFloors(bucketMs, 'import', [
        floorsOf({ heap: heapOf(100), functions: 'decode=10/1+0 main.odd=1/1+0' }),
      ]);
      assert.equal(store.functionName('id-decode'), 'decode');
    }
    await using store = open();
    assert.equal(store.functionName('id-main.odd'), 'main.odd');
    assert.equal(store.functionName('decode'), undefined);
  });

  test(`${name}: pruning forgets old floors, evaluations without floors and ended events, and no other`, async () => {
    await using store = fresh().open();
    const given = (bucket: number, workload = checkout) =>
      floorsOf({ bucket, workload, process: workload.workload, goroutines: 1, functions: `f${bucket}=1/1+1` });
    store.saveFloors(bucketMs, 'live', [given(100, cart), given(100), given(500), given(600), given(1000)]);
    store.saveEvaluations(
      [evaluationOf(checkout, 1000), evaluationOf(cart, 100)],
      [eventOf('open', 1), eventOf('ended', 2, { resolvedMs: 1000 }), eventOf('edge', 3, { resolvedMs: 2000 })],
    );
    const windows = { base: undefined, compare: { fromMs: 0, toMs: 1 } };
    store.saveEventProfiles('ended', windows, { compare: Uint8Array.of(1) });
    pruneAll(store, 600 * bucketMs, 2000);
    assert.deepEqual(listed(store, { from: 600 }), ['600 checkout 1', '1000 checkout 1']);
    assert.deepEqual(listed(store, { to: 560 }), []);
    assert.deepEqual(store.workloads(all), [checkout]);
    assert.deepEqual(
      store.evaluations(bucketMs).map(({ workload }) => workload),
      [checkout],
    );
    assert.deepEqual(ids(store.events({ limit: 10 })), ['edge', 'open']);
    assert.equal(store.eventProfile('ended', 'compare'), undefined);
    store.saveFloors(bucketMs, 'live', [given(1000, cart), given(1001)]);
    assert.deepEqual(listed(store, { from: 1000 }), ['1000 cart 1', '1000 checkout 1', '1001 checkout 1']);
    pruneAll(store, 5000 * bucketMs, 5000 * bucketMs);
    assert.deepEqual(listed(store), []);
    assert.deepEqual([store.stats().processes, store.stats().functions], [0, 0]);
  });
}
