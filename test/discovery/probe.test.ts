import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isPprofIndex,
  type ProbeFetch,
  type ProbeRequest,
  type ProbeResult,
  probe,
} from '../../src/discovery/probe.ts';
import { ProbeBook } from '../../src/discovery/probe-book.ts';
import { containerOf, drawTargets, outcomeOf, type Situation } from '../support/discovery-records.ts';

const goIndex = `<html><head><title>/debug/pprof/</title></head><body>/debug/pprof/<br>
<table><tr><td>3</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr><tr><td>9</td><td><a href='heap?debug=1'>heap</a></td></tr></table>`;
const bytes = (text: string) => new TextEncoder().encode(text);
const signal = new AbortController().signal;
const request: ProbeRequest = {
  key: 'k',
  scheme: 'http',
  host: '10.1.0.7',
  path: '/debug/pprof',
  ports: [8080, 9090, 9091],
};

/** A pod whose ports say what is written here; all others refuse the connection. */
function answering(answers: Record<number, string>, asked: string[] = []): ProbeFetch {
  return ({ host, port }, path) => {
    asked.push(`${host}:${port}${path}`);
    const text = answers[port];
    return Promise.resolve(text === undefined ? undefined : { status: 200, body: bytes(text) });
  };
}

const containers = [containerOf('app', ['http 8080', 'metrics 9090'])];

/** What the opt-in would probe, and what comes of it meanwhile. */
function probing(situation: Situation): { ports: readonly number[]; lines: string[] } {
  const outcome = outcomeOf(situation);
  return { ports: outcome.probes.flatMap(({ ports }) => ports), lines: drawTargets(outcome) };
}

for (const level of ['pod', 'workload'] as const) {
  test(`probing is for an opt-in on the ${level}; the target waits for it`, () => {
    const { ports, lines } = probing({ on: { [level]: { scrape: 'true' } }, containers });
    assert.deepEqual(ports, [8080, 9090]);
    assert.deepEqual(lines, ['app - held probing ports 8080, 9090']);
  });
}

test('an opt-in on the Namespace probes nothing and takes 6060', () => {
  const { ports, lines } = probing({ on: { namespace: { scrape: 'true' } }, containers });
  assert.deepEqual([ports, lines], [[], ['app 6060 active cpu,heap,goroutine,block,mutex']]);
});

test('probing can be switched off, and asks no hostNetwork pod', () => {
  const on = { pod: { scrape: 'true' } };
  assert.deepEqual(probing({ on, containers, config: { probe: false } }).ports, []);
  assert.deepEqual(
    probing({ on, containers, pod: { hostNetwork: true }, config: { allowHostNetwork: true } }).ports,
    [],
  );
});

test('only declared TCP ports that are not named or numbered like another protocol are probed', () => {
  const ports = [
    'http 8080',
    'grpc 9000',
    'http-grpc 9001',
    'pg 9002',
    '5432',
    '6379',
    'jdwp 8000',
    '5005',
    'amqp 1',
    'dns 53/UDP',
    '9090',
  ];
  const { ports: asked } = probing({ on: { pod: { scrape: 'true' } }, containers: [containerOf('app', ports)] });
  assert.deepEqual(asked, [8080, 9090]);
});

test('a found port is taken, and finding none leaves 6060', () => {
  const situation = (result: ProbeResult): Situation => ({
    on: { pod: { scrape: 'true' } },
    containers,
    probe: () => result,
  });
  assert.match(
    drawTargets(outcomeOf(situation({ kind: 'found', port: 9090, asked: [8080, 9090] })))[0] ?? '',
    /^app 9090 active/,
  );
  const none = outcomeOf(situation({ kind: 'none', asked: [8080, 9090] }));
  assert.match(drawTargets(none)[0] ?? '', /^app 6060 active/);
  assert.equal(
    none.rules.find(({ rule }) => rule === 'port')?.detail,
    'app:6060, 6060 by default: no pprof index on 8080, 9090',
  );
});

test('probes are shared by (workload, container, image digest)', () => {
  const keyOf = (situation: Situation) =>
    outcomeOf({ on: { pod: { scrape: 'true' } }, containers, ...situation }).probes[0]?.key;
  const other = containerOf('app', ['http 8080', 'metrics 9090'], { imageDigest: 'beef' });
  assert.equal(keyOf({}), keyOf({ pod: { name: 'checkout-5d4f-y3y' } }));
  assert.notEqual(keyOf({}), keyOf({ containers: [other] }));
});

test('a probe asks each port once, in order, until one is a pprof index', async () => {
  const asked: string[] = [];
  const result = await probe(request, answering({ 8080: '<h1>shop</h1>', 9090: goIndex }, asked), signal);
  assert.deepEqual(result, { kind: 'found', port: 9090, asked: [8080, 9090] });
  assert.deepEqual(asked, ['10.1.0.7:8080/debug/pprof/', '10.1.0.7:9090/debug/pprof/']);
});

test('a GET may take one second and 4 KiB', async () => {
  const limits: unknown[] = [];
  await probe(request, (_, __, limit) => Promise.resolve(void limits.push(limit)), signal);
  assert.deepEqual(limits[0], { timeoutMs: 1000, maxBytes: 4096 });
});

test('found only if the body is a pprof index', () => {
  const page = (text: string) => isPprofIndex(200, bytes(text));
  assert.ok(page(goIndex));
  assert.ok(!isPprofIndex(401, bytes(goIndex)));
  assert.ok(!page(''));
  assert.ok(!page('<html>Log in to use /debug/pprof, the heap and goroutine pages</html>'));
  assert.ok(!page(`<a href="/profile">your profile</a><a href="/block">block user</a>`));
  assert.ok(!isPprofIndex(200, Uint8Array.of(0xff, 0xfe, 0x00)));
});

test('each (workload, image) is asked once, however often it is wanted', async () => {
  const asked: string[] = [];
  const book = new ProbeBook(answering({ 8080: 'no' }, asked), []);
  const { promise, resolve } = Promise.withResolvers<void>();
  book.ask(request, resolve, signal);
  book.ask(request, resolve, signal);
  await promise;
  book.ask(request, resolve, signal);
  assert.equal(asked.length, 3);
  assert.deepEqual(book.result('k'), { kind: 'none', asked: [8080, 9090, 9091] });
});

test('a program that answers on no port yet is asked again, one that answered is not', async () => {
  const answers: Record<number, string> = {};
  const asked: string[] = [];
  const fetch: ProbeFetch = (...args) => {
    if (asked.length === request.ports.length) answers[9090] = goIndex;
    return answering(answers, asked)(...args);
  };
  const book = new ProbeBook(fetch, [1]);
  // The pause between two attempts holds nothing open by itself.
  const alive = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => book.ask(request, resolve, signal));
  clearInterval(alive);
  assert.equal(book.result('k')?.kind, 'found');
  assert.equal(asked.length, 5);
});

test('a fetch that throws is an answer of nothing', async () => {
  const book = new ProbeBook(() => Promise.reject(new Error('boom')), []);
  await new Promise<void>((resolve) => book.ask(request, resolve, signal));
  assert.equal(book.result('k')?.kind, 'none');
});
