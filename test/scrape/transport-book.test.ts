import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Target, TransportName } from '../../src/model/target.ts';
import { TransportBook, type TransportBookOptions } from '../../src/scrape/transport-book.ts';
import {
  FetchError,
  type FetchFailure,
  type FetchReply,
  type FetchRequest,
  type Transport,
} from '../../src/scrape/transports/transport.ts';
import { mockClock } from '../support/scrape-clock.ts';
import { bodyOf, statusOf, targetOf } from '../support/scrape-targets.ts';
import { never } from '../support/scrape-transports.ts';

type Says = FetchReply | FetchFailure | FetchError;

/** Transports that answer what the script says just then, and what they were asked. */
function bookOf(t: TestContext, says: Partial<Record<TransportName, Says>>, more: Partial<TransportBookOptions> = {}) {
  const clock = mockClock(t, 1_700_000_000_000);
  const asked: string[] = [];
  const requests: FetchRequest[] = [];
  const forgotten: TransportName[] = [];
  const transports = (Object.keys(says) as TransportName[]).map(
    (name): Transport => ({
      name,
      async fetch(_, request) {
        asked.push(name);
        requests.push(request);
        const said = says[name] ?? assert.fail();
        if (said instanceof FetchError) throw said;
        if (typeof said === 'string') throw new FetchError(said, `${name} ${said}`);
        return said;
      },
      forget: () => forgotten.push(name),
    }),
  );
  const book = new TransportBook({ transports, ...more });
  const ask = async (target: Target = pod, change: Partial<FetchRequest> = {}): Promise<string> => {
    const choice = book.choose(target);
    if (choice.kind === 'missing') return `missing: ${choice.message}`;
    const request = { endpoint, path: '/debug/pprof/heap', timeoutMs: 10_000, maxBytes: 1, ...change };
    try {
      return (await choice.transport.fetch(target, request, never)).kind;
    } catch (error) {
      return error instanceof FetchError ? `${error.failure}: ${error.message}` : assert.fail(String(error));
    }
  };
  const reached = (target: Target = pod): string => {
    const choice = book.choose(target);
    return choice.kind === 'chosen' ? `${choice.transport.name}: ${choice.reason}` : choice.message;
  };
  return { book, says, asked, requests, forgotten, ask, reached, clock };
}

const endpoint = { scheme: 'http', host: '10.1.2.3', port: 6060 } as const;
const pod = targetOf('a', ['heap']);
const minute = 60_000;
const byForward = 'port-forward: direct refused on 10.1.2.3:6060; pprof answers on 127.0.0.1 by port-forward';

test('auto asks directly, and goes on to port-forward in the same scrape when the connection is refused', async (t) => {
  const { ask, reached, asked } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() });
  assert.equal(reached(), "direct: the pod's own address");
  assert.equal(await ask(), 'body');
  assert.deepEqual([asked, reached()], [['direct', 'port-forward'], byForward]);
  assert.equal(await ask(), 'body');
  assert.deepEqual(asked.slice(2), ['port-forward']);
});

test('nothing but a refused connection leads past direct', async (t) => {
  const failures: FetchFailure[] = ['timeout', 'reset', 'tls', 'too_large', 'forbidden', 'dns', 'other'];
  for (const failure of failures) {
    const { ask, asked } = bookOf(t, { direct: failure, 'port-forward': bodyOf() });
    assert.equal(await ask(), `${failure}: direct ${failure}`);
    assert.deepEqual(asked, ['direct']);
    t.mock.timers.reset();
  }
  const { ask, asked } = bookOf(t, { direct: statusOf(503), 'port-forward': bodyOf() });
  assert.equal(await ask(), 'status');
  assert.deepEqual(asked, ['direct']);
});

test('the transports after direct come in a fixed order, each only when the one before was refused too', async (t) => {
  const { ask, asked, reached } = bookOf(t, { 'pod-proxy': bodyOf(), 'port-forward': 'refused', direct: 'refused' });
  assert.equal(await ask(), 'body');
  assert.deepEqual(asked, ['direct', 'port-forward', 'pod-proxy']);
  assert.match(reached(), /^pod-proxy: direct refused on 10\.1\.2\.3:6060; pprof answers there by pod-proxy$/);
});

test('a time-out on the way ends the search, and is told together with what was refused before', async (t) => {
  const { ask, asked } = bookOf(t, { direct: 'refused', 'port-forward': 'timeout', 'pod-proxy': bodyOf() });
  assert.equal(await ask(), 'timeout: direct refused; port-forward timeout');
  assert.deepEqual(asked, ['direct', 'port-forward']);
});

test('a target that no transport reaches is refused, with every try and what is missing', async (t) => {
  const everywhere = bookOf(t, { direct: 'refused', 'port-forward': 'refused' });
  assert.equal(await everywhere.ask(), 'refused: direct refused; port-forward refused');
  t.mock.timers.reset();
  const missing = (name: TransportName) => (name === 'port-forward' ? 'no right to it\nadd this rule' : undefined);
  const { ask, asked } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() }, { missing });
  assert.equal(await ask(), 'refused: direct refused; no right to it\nadd this rule');
  assert.deepEqual(asked, ['direct']);
});

test('a way that is known and loses its right says so, and has it back when it is granted', async (t) => {
  let lost = false;
  const missing = (name: TransportName) => (lost && name === 'port-forward' ? 'the right is gone' : undefined);
  const { ask, reached } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() }, { missing });
  await ask();
  lost = true;
  assert.deepEqual([await ask(), reached()], ['missing: the right is gone', 'the right is gone']);
  lost = false;
  assert.deepEqual([await ask(), reached()], ['body', byForward]);
});

test('direct is tried again after a minute and then ever less often, and taken when it answers', async (t) => {
  const { ask, asked, says, reached, clock } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() });
  await ask();
  for (let passed = 0; passed < 60; passed++) {
    await clock.pass(minute);
    assert.equal(await ask(), 'body');
  }
  assert.equal(asked.filter((name) => name === 'direct').length, 1 + 5);
  says.direct = bodyOf();
  await clock.pass(60 * minute);
  await ask();
  assert.equal(reached(), "direct: the pod's own address");
});

test('a CPU profile is never spent on trying direct again, and a slow direct costs the scrape two seconds at most', async (t) => {
  const { ask, asked, requests, says, clock } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() });
  await ask();
  says.direct = 'timeout';
  await clock.pass(2 * minute);
  await ask(pod, { path: '/debug/pprof/profile?seconds=10' });
  assert.deepEqual(asked.slice(2), ['port-forward']);
  assert.equal(await ask(), 'body');
  assert.deepEqual(asked.slice(3), ['direct', 'port-forward']);
  assert.equal(requests[3]?.timeoutMs, 2000);
});

test('a known way that refuses is forgotten, so the next scrape begins with direct', async (t) => {
  const { ask, asked, says } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() });
  await ask();
  says['port-forward'] = 'refused';
  assert.equal(await ask(), 'refused: port-forward refused');
  says.direct = bodyOf();
  await ask();
  assert.deepEqual(asked.slice(2), ['port-forward', 'direct']);
});

test('where every way refuses, those through the API server are tried ever less often; direct is tried each time', async (t) => {
  const { ask, asked, says, clock } = bookOf(t, { direct: 'refused', 'port-forward': 'refused' });
  for (let passed = 0; passed < 60; passed++) {
    assert.equal(await ask(), 'refused: direct refused; port-forward refused');
    await clock.pass(minute);
  }
  assert.equal(asked.filter((name) => name === 'direct').length, 60);
  // At minutes 0, 1, 2, 4, 8, 16, 32 and 48: half a minute apart, and twice as long each time to 16.
  assert.equal(asked.filter((name) => name === 'port-forward').length, 8);
  says['port-forward'] = bodyOf();
  await clock.pass(16 * minute);
  assert.equal(await ask(), 'body');
});

test('a port that answers changes nothing for another port of its source that refuses by every way', async (t) => {
  const { ask, asked, says, clock } = bookOf(t, { direct: 'refused', 'port-forward': 'refused' });
  for (let passed = 0; passed < 16; passed++) {
    await ask();
    says.direct = bodyOf();
    await ask(pod, { endpoint: { ...endpoint, port: 7070 } });
    says.direct = 'refused';
    await clock.pass(minute);
  }
  // At minutes 0, 1, 2, 4 and 8.
  assert.equal(asked.filter((name) => name === 'port-forward').length, 5);
});

test('what is wrong stands in the first line, and what to do about all of it in the lines after', async (t) => {
  const missing = (name: TransportName) => (name === 'port-forward' ? 'no right to it\nadd this rule' : undefined);
  const { ask, says } = bookOf(t, { direct: 'refused', 'pod-proxy': 'refused' }, { missing });
  says['pod-proxy'] = new FetchError('forward', 'pod-proxy is forbidden\nadd that rule');
  assert.equal(
    await ask(),
    'forward: direct refused; pod-proxy is forbidden; no right to it\nadd that rule\nadd this rule',
  );
});

test('what is known is known of one port of one source, and is forgotten with it', async (t) => {
  const { ask, asked, book, reached, forgotten } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() });
  await ask();
  await ask(pod, { endpoint: { ...endpoint, port: 7070 } });
  await ask(targetOf('b', ['heap']));
  assert.deepEqual(asked, ['direct', 'port-forward', 'direct', 'port-forward', 'direct', 'port-forward']);
  book.forget(pod);
  assert.deepEqual([reached(), reached(targetOf('b', ['heap']))], ["direct: the pod's own address", byForward]);
  assert.deepEqual(forgotten, ['direct', 'port-forward']);
});

test('something on 127.0.0.1 that is no pprof is told as that, until it sends a profile', async (t) => {
  const { ask, says, reached } = bookOf(t, {
    direct: 'refused',
    'port-forward': { ...bodyOf(), contentType: 'text/html', bytes: Buffer.from('<html>') } as FetchReply,
  });
  await ask();
  assert.match(reached(), /something answers on 127\.0\.0\.1 that has sent no profile yet by port-forward$/);
  says['port-forward'] = bodyOf();
  await ask();
  assert.equal(reached(), byForward);
});

test('a transport asked for by name is the only one, and one that is not there says what is', async (t) => {
  const named = (transport: Target['transport']) => targetOf('a', ['heap'], { transport });
  const { ask, asked } = bookOf(t, { direct: 'refused', 'port-forward': 'refused' });
  assert.equal(await ask(named('port-forward')), 'refused: port-forward refused');
  assert.equal(await ask(named('direct')), 'refused: direct refused');
  assert.deepEqual(asked, ['port-forward', 'direct']);
  assert.equal(
    await ask(named('ephemeral')),
    'missing: transport ephemeral is not enabled here; enabled: direct, port-forward',
  );
});

test('a static target is asked directly and in no other way', async (t) => {
  const fixed = targetOf('a', ['heap'], { discoverer: 'static', pod: undefined });
  const { ask, asked, reached } = bookOf(t, { direct: 'refused', 'port-forward': bodyOf() });
  assert.equal(await ask(fixed), 'refused: direct refused');
  assert.deepEqual([asked, reached(fixed)], [['direct'], 'direct: the configured URL']);
});
