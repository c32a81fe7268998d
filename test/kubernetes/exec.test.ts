import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { type ExecOptions, type ExecResult, execInPod } from '../../src/kubernetes/exec.ts';
import type { ExecAnswer, StreamFault } from '../support/fake-api-streams.ts';
import { until } from '../support/kubernetes-harness.ts';
import { never, pod, startStreams } from '../support/kubernetes-streams.ts';

const argv = ['/relay', 'fetch', '--url', 'http://127.0.0.1:6060/debug/pprof/heap'];

function run(
  client: KubernetesClient,
  more: Partial<ExecOptions> = {},
  words = argv,
  container = 'app',
): Promise<ExecResult> {
  return execInPod(client, pod, container, words, { signal: never, timeoutMs: 10_000, maxBytes: 8 << 20, ...more });
}

/** Runs against a container that answers like this, or a server that fails like that. */
async function runWith(
  t: TestContext,
  answer: ExecAnswer,
  fault?: StreamFault,
  more?: Partial<ExecOptions>,
): Promise<ExecResult> {
  const { server, client } = await startStreams(t);
  server.streams.exec = () => answer;
  if (fault !== undefined) server.streams.fail({ on: 'exec', fault });
  const result = await run(client, more);
  await until('the websocket is closed', () => server.streams.open === 0);
  return result;
}

test('what a command writes comes whole, every byte as it was, with its exit code', async (t) => {
  const stdout = randomBytes(3_000_000);
  const result = await runWith(t, { stdout, stderr: 'warning: noise\n' });
  assert.deepEqual(result, { stdout: new Uint8Array(stdout), stderr: 'warning: noise', exitCode: 0 });
  assert.equal(result.stdout.buffer.byteLength, stdout.length);
});

test('an exit code that is not 0 is a result, with what came before it', async (t) => {
  const result = await runWith(t, { stdout: 'half', stderr: 'cannot reach it', exitCode: 7 });
  assert.deepEqual(result, { stdout: new Uint8Array(Buffer.from('half')), stderr: 'cannot reach it', exitCode: 7 });
});

test('stderr is cut to 4 KiB and made harmless, however noisy', async (t) => {
  const { stderr } = await runWith(t, { stderr: `\u001b[2J\u202e\r\n${'noise '.repeat(200_000)}` });
  assert.match(stderr, /^\[2J noise noise /);
  assert.ok(Buffer.byteLength(stderr) <= 4096);
});

test('the words of a command arrive as they are, without a shell', async (t) => {
  const { server, client } = await startStreams(t);
  let seen: unknown;
  server.streams.exec = (call) => {
    seen = call;
    return {};
  };
  const words = ['/bin/x', '', 'a b', '$(id); rm -rf / &', 'a=b&command=c', 'ü\n"\'', '%2f+'];
  await run(client, {}, words);
  assert.deepEqual(seen, {
    namespace: 'shop',
    pod: 'cart',
    container: 'app',
    argv: words,
    protocol: 'v5.channel.k8s.io',
  });
});

test('an older server is spoken to in v4', async (t) => {
  const { exitCode, stdout } = await runWith(
    t,
    { stdout: 'old', exitCode: 2 },
    { kind: 'subprotocol', answer: 'v4.channel.k8s.io' },
  );
  assert.deepEqual([exitCode, Buffer.from(stdout).toString()], [2, 'old']);
});

test('more than was allowed is given up at once', async (t) => {
  const { server, client } = await startStreams(t);
  server.streams.exec = () => ({ stdout: Buffer.alloc(1001), ends: 'never' });
  await assert.rejects(run(client, { maxBytes: 1000 }), {
    reason: 'too_large',
    message: 'the command wrote more than 1000 bytes',
  });
  await until('the websocket is closed', () => server.streams.open === 0);
  server.streams.exec = () => ({ stdout: Buffer.alloc(1000) });
  assert.equal((await run(client, { maxBytes: 1000 })).stdout.length, 1000);
});

const runtime =
  'Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "5f5f": OCI runtime exec failed: exec failed: unable to start container process: ';

for (const why of [
  'exec: "/relay": stat /relay: no such file or directory: unknown',
  'exec: "/relay": permission denied: unknown',
  'exec: "/relay": executable file not found in $PATH: unknown',
]) {
  test(`a command that cannot be started is told as such: ${why}`, async (t) => {
    const status = { code: 500, reason: 'InternalError', message: runtime + why };
    await assert.rejects(runWith(t, { status }), {
      name: 'ExecError',
      reason: 'not_started',
      message: '"/relay" is not in the container, or may not be run there',
    });
  });
}

test('a runtime that is down is an error of the server', async (t) => {
  const status = {
    code: 500,
    reason: 'InternalError',
    message: 'rpc error: code = Unavailable desc = connection error',
  };
  await assert.rejects(runWith(t, { status }), {
    name: 'KubernetesError',
    kind: 'server',
    status: 500,
    message: status.message,
  });
});

test('a container that has ended is not found, whether the status says so (1.34) or the upgrade (1.36)', async (t) => {
  const missing = 'unable to upgrade connection: container not found ("app")';
  const expected = {
    name: 'KubernetesError',
    kind: 'not-found',
    message: `the pod has no running container "app": ${missing}`,
  };
  await assert.rejects(runWith(t, { status: { code: 500, reason: 'InternalError', message: missing } }), expected);
  await assert.rejects(runWith(t, {}, { kind: 'text', code: 500, text: missing }), expected);
});

test('a container that the pod does not have is not found', async (t) => {
  const { client } = await startStreams(t);
  await assert.rejects(run(client, {}, argv, 'nope'), {
    kind: 'not-found',
    status: 400,
    message: 'the pod has no running container "nope": container nope is not valid for pod cart',
  });
});

test('a pod that does not exist is not found', async (t) => {
  const { client } = await startStreams(t);
  const running = execInPod(client, { ...pod, name: 'gone' }, 'app', argv, {
    signal: never,
    timeoutMs: 1000,
    maxBytes: 10,
  });
  await assert.rejects(running, { kind: 'not-found', message: 'pods "gone" not found' });
});

test('a missing right names both verbs', async (t) => {
  const { server, client } = await startStreams(t);
  server.authorize = ({ verb }) => verb === 'get';
  await assert.rejects(run(client), {
    kind: 'forbidden',
    message: 'pods "cart" is forbidden; a Role must grant both get and create on pods/exec',
  });
});

test('a connection that is closed without a status gives no result', async (t) => {
  await assert.rejects(runWith(t, { stdout: 'half', ends: 'without-status' }), {
    reason: 'no_status',
    message: 'the connection was closed before the command had ended',
  });
});

test('a server that tells the status and does not close is not waited for', async (t) => {
  assert.equal((await runWith(t, { exitCode: 3, ends: 'without-close' })).exitCode, 3);
});

test('a status that cannot be read gives no result', async (t) => {
  const { server, client } = await startStreams(t);
  server.streams.exec = () => ({ rawStatus: '{"status":' });
  await assert.rejects(run(client), { reason: 'no_status', message: 'the status of the command cannot be read' });
});

test('a connection that breaks gives no result, however much had come', async (t) => {
  for (const running of [
    () => runWith(t, { stdout: 'all of it', ends: 'broken' }),
    () => runWith(t, { stdout: randomBytes(100_000) }, { kind: 'drop', afterBytes: 50_000 }),
  ]) {
    await assert.rejects(running(), {
      reason: 'reset',
      message: 'the connection through the API server broke before the command had ended',
    });
  }
});

test('a connection that falls silent is given up', async (t) => {
  await assert.rejects(runWith(t, {}, { kind: 'frozen' }, { heartbeat: { everyMs: 5, unanswered: 3 } }), {
    reason: 'reset',
    message: 'the connection through the API server fell silent before the command had ended',
  });
});

test('a command that does not end is given up after its time', async (t) => {
  const { server, client } = await startStreams(t);
  server.streams.exec = () => ({ stdout: 'some', ends: 'never' });
  await assert.rejects(run(client, { timeoutMs: 50 }), {
    reason: 'timeout',
    message: 'the command did not end within 0.05 s',
  });
  await until('the websocket is closed', () => server.streams.open === 0);
});

test('a handshake that hangs is told apart from a command that does not end', async (t) => {
  const { server, client } = await startStreams(t);
  server.streams.fail({ on: 'exec', fault: { kind: 'hang' } });
  await assert.rejects(run(client, { handshakeMs: 20 }), { name: 'KubernetesError', kind: 'silent' });
});

test('a command that is called off ends with the reason', async (t) => {
  const { server, client } = await startStreams(t);
  server.streams.exec = () => ({ ends: 'never' });
  const stop = new AbortController();
  const refused = assert.rejects(run(client, { signal: stop.signal }), { message: 'the scrape is over' });
  await until('it runs', () => server.streams.open === 1);
  stop.abort(new Error('the scrape is over'));
  await refused;
  await until('the websocket is closed', () => server.streams.open === 0);
});

test('twenty at once do not mix', async (t) => {
  const { server, client } = await startStreams(t, { tls: true });
  server.streams.exec = ({ argv: words }) => ({ stdout: (words[0] ?? '').repeat(100_000), exitCode: Number(words[0]) });
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => run(client, {}, [String(index)])));
  results.forEach(({ stdout, exitCode }, index) => {
    assert.equal(exitCode, index);
    assert.equal(Buffer.from(stdout).toString(), String(index).repeat(100_000));
  });
});
