import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../../../src/model/target.ts';
import { classifyReply } from '../../../src/scrape/classify.ts';
import { StreamBudget, type StreamLimits } from '../../../src/scrape/stream-budget.ts';
import {
  type CommandResult,
  EphemeralTransport,
  type SidecarAccess,
} from '../../../src/scrape/transports/ephemeral.ts';
import { FetchError, type FetchReply, type FetchRequest } from '../../../src/scrape/transports/transport.ts';
import { gzipMagic, localTarget, targetOf } from '../../support/scrape-targets.ts';

const request: FetchRequest = {
  endpoint: { scheme: 'http', host: '10.1.0.7', port: 6060 },
  path: '/debug/pprof/profile?seconds=10',
  timeoutMs: 15_000,
  maxBytes: 1_000_000,
};
const reportOf = (change: object): string =>
  JSON.stringify({ status: 200, contentType: 'application/octet-stream', goPprof: false, snippet: '', ...change });
const good: CommandResult = { stdout: gzipMagic, stderr: reportOf({}), exitCode: 0 };

interface Asked {
  readonly argv: (readonly string[])[];
  readonly containers: string[];
  lost: number;
}

interface Play {
  readonly ensure?: SidecarAccess['ensure'];
  readonly result?: CommandResult | FetchError | (() => Promise<CommandResult>);
  readonly limits?: Partial<StreamLimits>;
  readonly refuse?: (target: Target) => string | undefined;
}

function transportOf({ ensure, result = good, limits, refuse = () => undefined }: Play = {}) {
  const asked: Asked = { argv: [], containers: [], lost: 0 };
  const transport = new EphemeralTransport({
    refuse,
    budget: new StreamBudget('ephemeral', 'transports.ephemeral', {
      streams: 10,
      streamsPerNode: 10,
      perSecond: 100,
      ...limits,
    }),
    sidecars: {
      ensure: ensure ?? (async () => 'flameherd-2'),
      exec: async (_, container, argv) => {
        asked.containers.push(container);
        asked.argv.push(argv);
        if (result instanceof FetchError) throw result;
        return typeof result === 'function' ? await result() : result;
      },
      lost: () => void asked.lost++,
    },
  });
  return { transport, asked };
}

async function outcomeOf(
  transport: EphemeralTransport,
  change: Partial<FetchRequest> = {},
  target: Target = targetOf('a', ['cpu']),
): Promise<FetchReply | string> {
  try {
    return await transport.fetch(target, { ...request, ...change }, new AbortController().signal);
  } catch (error) {
    if (error instanceof FetchError) return `${error.failure}: ${error.message}`;
    throw error;
  }
}

/** The failure of a fetch that brought no answer. */
function failureOf(outcome: FetchReply | string): string {
  assert.ok(typeof outcome === 'string', 'there was an answer');
  return outcome;
}

test("it executes fetch in the pod's sidecar, by arguments, for the pod's loopback only", async () => {
  const { transport, asked } = transportOf();
  assert.deepEqual(await outcomeOf(transport), {
    kind: 'body',
    status: 200,
    contentType: 'application/octet-stream',
    bytes: gzipMagic,
  });
  assert.deepEqual(asked.containers, ['flameherd-2']);
  assert.deepEqual(asked.argv, [
    [
      '/flameherd-sidecar',
      'fetch',
      '--url',
      'http://localhost:6060/debug/pprof/profile?seconds=10',
      '--max-bytes',
      '1000000',
      '--timeout',
      '15000ms',
    ],
  ]);
  await outcomeOf(transport, { overMaxBytes: 'cut', endpoint: { scheme: 'https', host: '10.1.0.7', port: 8443 } });
  assert.deepEqual(asked.argv[1]?.slice(2), [
    '--url',
    'https://localhost:8443/debug/pprof/profile?seconds=10',
    '--max-bytes',
    '1000000',
    '--timeout',
    '15000ms',
    '--cut',
  ]);
});

test('a path or an address that is not allowed is refused before a sidecar is asked for', async () => {
  const asked: string[] = [];
  const ensure = async () => {
    asked.push('ensure');
    return 'flameherd-1';
  };
  const { transport } = transportOf({ ensure, refuse: ({ hostNetwork }) => (hostNetwork ? 'hostNetwork' : undefined) });
  for (const path of ['//evil:80/', 'http://evil/', '/a\r\nb', '/a/../b', '/a#b']) {
    assert.match(failureOf(await outcomeOf(transport, { path })), /^forbidden: path/);
  }
  assert.equal(await outcomeOf(transport, {}, targetOf('a', [], { hostNetwork: true })), 'forbidden: hostNetwork');
  assert.match(failureOf(await outcomeOf(transport, {}, localTarget(1, []))), /^forbidden: .*pods only/);
  assert.deepEqual(asked, []);
});

test('each exit code of the program is a failure of its kind, in our words', async () => {
  const outcomes = [];
  for (const exitCode of [3, 4, 5, 6, 7]) {
    const stderr = reportOf({ status: 0, error: '\u001b[31mroot password is hunter2' });
    outcomes.push(await outcomeOf(transportOf({ result: { stdout: gzipMagic, stderr, exitCode } }).transport));
  }
  assert.deepEqual(outcomes, [
    'refused: http://localhost:6060 in the pod: nothing listens there, neither on 127.0.0.1 nor on ::1',
    'timeout: http://localhost:6060 in the pod: no whole answer in time',
    'too_large: http://localhost:6060 in the pod: the answer is longer than scrape.maxBody',
    'reset: http://localhost:6060 in the pod: the connection was broken off, or what came is no HTTP',
    'tls: http://localhost:6060 in the pod: the TLS handshake failed: is it plain HTTP?',
  ]);
});

test('only the known sentences of pprof servers are shown of an answer that is no profile', async () => {
  const said = async (change: object) => {
    const stderr = reportOf({ contentType: 'text/plain; charset=utf-8', ...change });
    const reply = await outcomeOf(transportOf({ result: { stdout: new Uint8Array(), stderr, exitCode: 0 } }).transport);
    assert.ok(typeof reply !== 'string' && reply.kind === 'status');
    const verdict = classifyReply('/x', reply);
    return verdict.kind === 'failed' ? `${verdict.reason} ${verdict.message}` : verdict.kind;
  };
  const busy = 'Could not enable CPU profiling: cpu profiling already in use';
  assert.equal(await said({ status: 500, goPprof: true, snippet: `${busy} token=hunter2` }), `busy 500 on /x: ${busy}`);
  assert.equal(await said({ status: 500, snippet: 'token=hunter2' }), 'http_5xx 500 on /x');
  assert.equal(
    await said({ status: 302, location: 'http://admin/?token=hunter2' }),
    'redirect 302 on /x: redirect not followed',
  );
});

test('what does not come from our program is told as such, and the pod looked at again', async () => {
  for (const [stderr, exitCode] of [
    ['', 0],
    ['usage: app', 1],
    ['{"status":"200"}', 0],
    ['{"status":9999}', 0],
    ['null', 0],
    [reportOf({ status: 0, error: 'a wrong call' }), 2],
  ] as const) {
    const { transport, asked } = transportOf({ result: { stdout: gzipMagic, stderr, exitCode } });
    assert.match(
      failureOf(await outcomeOf(transport)),
      /^forward: the sidecar's fetch failed with exit code \d( and no report)?: is the image of this version\?$/,
    );
    assert.equal(asked.lost, 1);
  }
});

test('when there is no sidecar, or it cannot be executed in, that is the failure', async () => {
  const held = transportOf({ ensure: () => Promise.reject(new FetchError('budget', 'no sidecar: held')) });
  assert.equal(await outcomeOf(held.transport), 'budget: no sidecar: held');
  assert.deepEqual([held.asked.argv.length, held.asked.lost], [0, 0]);
  const gone = transportOf({ result: new FetchError('forward', 'exec in the sidecar: container not found') });
  assert.equal(await outcomeOf(gone.transport), 'forward: exec in the sidecar: container not found');
  assert.equal(gone.asked.lost, 1);
});

test('a sidecar that does not start in time is left to start', async () => {
  const never = transportOf({
    ensure: (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  assert.equal(
    await outcomeOf(never.transport, { timeoutMs: 20 }),
    'forward: no sidecar yet after 0.02 s: it is being started, the next scrape looks again',
  );
});

test('bodies that are too much together are given up, and no more are fetched at once than allowed', async () => {
  const { transport } = transportOf();
  assert.match(failureOf(await outcomeOf(transport, { mayGrow: () => false })), /^too_large: given up at 4 bytes/);
  let under = 0;
  let most = 0;
  const slow = transportOf({
    limits: { streams: 5, streamsPerNode: 2 },
    result: async () => {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setImmediate(resolve));
      under--;
      return good;
    },
  });
  const replies = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(slow.transport)));
  assert.ok(replies.every((reply) => typeof reply !== 'string'));
  assert.equal(most, 2);
});

test('what it waits for its turn is none of the time that the target has', async () => {
  const { transport } = transportOf({ limits: { perSecond: 4 } });
  const replies = await Promise.all(Array.from({ length: 9 }, () => outcomeOf(transport, { timeoutMs: 100 })));
  assert.deepEqual(
    new Set(replies.map((reply) => (typeof reply === 'string' ? reply : reply.kind))),
    new Set(['body']),
  );
});
