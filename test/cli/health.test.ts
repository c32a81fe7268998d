import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startDaemon } from '../support/daemon.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'flameherd-health-'));
after(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly said: string;
}

/** Runs `flameherd health` as an image does: the exit code, and what it said on both streams. */
function health(flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, FLAMEHERD_CONFIG: '', ...env } };
    execFile(process.execPath, [main, 'health', ...flags], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
}

/** An operations listener that answers as it is told; gives HOST:PORT. */
async function listener(
  answer: RequestListener,
  host = '127.0.0.1',
): Promise<AsyncDisposable & { at: string; port: number }> {
  const server = createServer(answer);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    at: `${host}:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answersAt(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}

const notReady: RequestListener = ({ url }, response) => {
  const lives = url === '/-/healthy';
  response.statusCode = lives ? 200 : 503;
  response.end(lives ? 'healthy\n' : JSON.stringify({ title: 'Not ready', detail: 'the store is being opened' }));
};

test('a daemon that runs is ready and alive, by flag and by the variable that serve reads', async () => {
  const daemon = await startDaemon(join(folder, 'data'), ['--no-kubernetes', '--no-self']);
  try {
    const { host } = new URL(daemon.opsUrl);
    const byFlag = await health(['--ops-listen', host]);
    assert.deepEqual(byFlag, { code: 0, said: 'ready\n' });
    const byVariable = await health(['--live'], { FLAMEHERD_HTTP_OPS_LISTEN: host });
    assert.deepEqual(byVariable, { code: 0, said: 'healthy\n' });
  } finally {
    await daemon.stop();
  }
  const { host } = new URL(daemon.opsUrl);
  const gone = await health(['--ops-listen', host]);
  assert.equal(gone.code, 1);
  assert.match(gone.said, /^flameherd: nothing answers at 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});

test('the address is that of the file, and the variable goes before it', async () => {
  await using first = await listener((_, response) => void response.end('first\n'));
  await using second = await listener((_, response) => void response.end('second\n'));
  const file = join(folder, 'config.yaml');
  await writeFile(file, `http:\n  opsListen: ${first.at}\n`);
  assert.deepEqual(await health(['--config', file]), { code: 0, said: 'first\n' });
  assert.deepEqual(await health([], { FLAMEHERD_CONFIG: file }), { code: 0, said: 'first\n' });
  const both = { FLAMEHERD_CONFIG: file, FLAMEHERD_HTTP_OPS_LISTEN: second.at };
  assert.deepEqual(await health([], both), { code: 0, said: 'second\n' });
});

test('what listens on every address is asked on loopback', async () => {
  await using all = await listener((_, response) => void response.end('ready\n'), '0.0.0.0');
  assert.deepEqual(await health(['--ops-listen', all.at]), { code: 0, said: 'ready\n' });
});

test('a daemon that is not ready is unhealthy and says why; it lives all the same', async () => {
  await using server = await listener(notReady);
  assert.deepEqual(await health(['--ops-listen', server.at]), {
    code: 1,
    said: `flameherd: ${server.at}/-/ready: the store is being opened\n`,
  });
  assert.deepEqual(await health(['--live', '--ops-listen', server.at]), { code: 0, said: 'healthy\n' });
});

test('one that hangs is given up', async () => {
  await using server = await listener(() => undefined);
  assert.deepEqual(await health(['--ops-listen', server.at, '--timeout', '0.2']), {
    code: 1,
    said: `flameherd: nothing answers at ${server.at}: no answer within 0.2 s\n`,
  });
});

test('a file that cannot be read makes no daemon unhealthy: where none answers it is named', async (t) => {
  if (await answersAt(4281)) return t.skip('something listens on 127.0.0.1:4281, the address without a configuration');
  const missing = join(folder, 'none.yaml');
  const { code, said } = await health(['--config', missing, '--timeout', '1']);
  assert.equal(code, 1);
  assert.match(said, /^flameherd: nothing answers at 127\.0\.0\.1:4281: .*cannot read .*none\.yaml/);
});

test('an address that is none, or that nobody can know, and a time that is none are refused', async () => {
  assert.match((await health(['--ops-listen', 'here'])).said, /http\.opsListen: "here" is not HOST:PORT/);
  const any = await health([], { FLAMEHERD_HTTP_OPS_LISTEN: '127.0.0.1:0' });
  assert.match(any.said, /is any free port, and nobody knows which\nhint: .*--ops-listen 127\.0\.0\.1:PORT/);
  assert.equal(any.code, 1);
  assert.equal((await health(['--timeout', 'soon'])).code, 2);
});
