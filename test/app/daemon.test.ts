import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { flameherd, run } from '../support/app-command.ts';
import { cpuProfile, heapProfile } from '../support/app-counters.ts';
import { upload } from '../support/app-uploads.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { byPath, startPprofServer } from '../support/pprof-server.ts';

interface TargetAnswer {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly state: string;
  readonly reason: string;
}

interface TopAnswer {
  readonly rows: readonly { readonly function: string }[];
}

const anyPort = ['--listen', '127.0.0.1:0', '--ops-listen', '127.0.0.1:0'];
const uploadedHeap = new URLSearchParams({ workload: 'job', kind: 'heap', process: 'only' });

async function targetNamed(daemon: Daemon, workload: string): Promise<TargetAnswer | undefined> {
  const { targets } = await daemon.getJson<{ targets: readonly TargetAnswer[] }>(
    `/api/v1/targets?workload=${workload}`,
  );
  return targets[0];
}

async function post(daemon: Daemon, path: string, method = 'POST'): Promise<unknown> {
  const response = await fetch(daemon.url + path, { method });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

test('without any configuration it shows its own functions at once, and is its own target', async (t) => {
  const folder = await temporaryFolder(t);
  const daemon = await startDaemon(folder);
  t.after(() => daemon.kill());

  await t.test('merge lists what it was busy with while it started', async () => {
    const top = await daemon.getJson<TopAnswer>('/api/v1/merge?query=cpu&format=top');
    assert.ok(top.rows.length > 5, JSON.stringify(top));
  });

  await t.test('the target local/flameherd is up', async () => {
    const target = await eventually(
      async () => {
        const found = await targetNamed(daemon, 'flameherd');
        return found?.health === 'up' && found;
      },
      20_000,
      'own target that is up',
    );
    assert.equal(target.labels['namespace'], 'local');
  });

  await t.test('go tool pprof prints them without a warning', async (t) => {
    const url = `${daemon.url}/pprof/local/flameherd/cpu?seconds=300`;
    const env = { ...process.env, PPROF_TMPDIR: folder };
    const result = await run('go', ['tool', 'pprof', '-top', url], env).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (!result) return t.skip('no go on the PATH');
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^Type: cpu$/m);
    assert.match(result.stdout, /flat%/);
    const others = result.stderr.split('\n').filter((line) => !/^(Fetching profile|Saved profile|$)/.test(line));
    assert.deepEqual(others, []);
  });

  await t.test('the API describes itself', async () => {
    const { openapi, paths } = await daemon.getJson<{ openapi: string; paths: object }>('/api/v1/openapi.json');
    assert.match(openapi, /^3\./);
    assert.ok('/api/v1/merge' in paths && '/api/v1/profiles' in paths);
  });

  await t.test('/metrics has the names of docs/METRICS.md, on both listeners', async () => {
    const page = readFileSync(new URL('../../docs/METRICS.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `(flameherd_\w+)` \| (\w+)/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    for (const url of [daemon.url, daemon.opsUrl]) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const served = [...metrics.matchAll(/^# TYPE (flameherd_.*)$/gm)].map((found) => found[1]);
      assert.deepEqual(new Set(served), new Set(documented));
    }
  });
});

test('SIGTERM: an upload under way is answered, nothing new is taken, the exit code is 0', async (t) => {
  const folder = await temporaryFolder(t);
  const daemon = await startDaemon(folder, ['--no-self']);
  t.after(() => daemon.kill());
  const body = heapProfile(1);
  const sending = request(`${daemon.url}/api/v1/profiles?${uploadedHeap.toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': body.length },
  });
  const answered = once(sending, 'response') as Promise<[NodeJS.ReadableStream & { statusCode: number }]>;
  await new Promise((sent) => sending.write(body.subarray(0, 10), sent));
  // An answer to a later request says that the daemon has read the first one.
  await daemon.getJson('/api/v1/status');
  const ended = daemon.stop();
  await eventually(async () => daemon.log.some(({ message }) => message === 'draining'), 5000, 'draining in the log');
  await eventually(
    () =>
      fetch(daemon.url).then(
        () => false,
        () => true,
      ),
    5000,
    'refused connection',
  );
  sending.end(body.subarray(10));
  const [response] = await answered;
  assert.equal(response.statusCode, 200);
  const { id } = JSON.parse(await text(response)) as { id: string };
  assert.equal(await ended, 0);

  const again = await startDaemon(folder, ['--no-self']);
  t.after(() => again.kill());
  const { profiles } = await again.getJson<{ profiles: readonly { id: string }[] }>('/api/v1/profiles?query=heap');
  assert.deepEqual(
    profiles.map((profile) => profile.id),
    [id],
  );
});

test('a pause over HTTP holds targets at once, survives a restart, and is lifted', async (t) => {
  const folder = await temporaryFolder(t);
  await using server = await startPprofServer(
    byPath({ '/debug/pprof/heap': { kind: 'profile', bytes: heapProfile(1) } }),
  );
  const flags = ['--no-self', '--interval', '1s', '--target', `shop=${server.url}`];
  const env = { FLAMEHERD_SCRAPE_PROFILES: 'heap' };
  let daemon = await startDaemon(folder, flags, env);
  t.after(() => daemon.kill());
  const isUp = async () => (await targetNamed(daemon, 'shop'))?.health === 'up';
  await eventually(isUp, 10_000, 'target that is up');
  assert.deepEqual(await post(daemon, '/api/v1/pause?namespace=local&workload=shop'), {
    pauses: [{ namespace: 'local', workload: 'shop' }],
  });
  const paused = await targetNamed(daemon, 'shop');
  assert.equal(paused?.state, 'held');
  assert.match(paused.reason, /pause.*local\/shop/);
  assert.equal(await daemon.stop(), 0);

  daemon = await startDaemon(folder, flags, env);
  assert.equal((await targetNamed(daemon, 'shop'))?.state, 'held');
  const asked = server.requests.length;
  await delay(1500);
  assert.equal(server.requests.length, asked, 'a paused target was asked');
  assert.deepEqual(await post(daemon, '/api/v1/pause?namespace=local&workload=shop', 'DELETE'), { pauses: [] });
  await eventually(isUp, 10_000, 'target that is up again');
});

test('with auth: token, a token opens what its role may do', async (t) => {
  const folder = await temporaryFolder(t);
  const [reader, admin] = ['reader-0123456789abcdef', 'admin-0123456789abcdef'];
  await writeFile(`${folder}/tokens`, `read:${reader}\nadmin:${admin}\n`);
  const env = { FLAMEHERD_AUTH_MODE: 'token', FLAMEHERD_AUTH_TOKEN_FILE: `${folder}/tokens` };
  const daemon = await startDaemon(`${folder}/data`, ['--no-self'], env);
  t.after(() => daemon.kill());
  const status = async (token: string | undefined, path: string, body?: Uint8Array): Promise<number> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const post = body && {
      method: 'POST',
      body: body.slice(),
      headers: { ...headers, 'content-type': 'application/octet-stream' },
    };
    return (await fetch(daemon.url + path, post ?? { headers })).status;
  };
  const uploading = `/api/v1/profiles?${uploadedHeap.toString()}`;
  assert.equal(await status(undefined, '/-/ready'), 200);
  assert.equal(await status(undefined, '/api/v1/targets'), 401);
  assert.equal(await status('no-such-token-at-all', '/api/v1/targets'), 401);
  assert.equal(await status(reader, '/api/v1/targets'), 200);
  assert.equal(await status(reader, uploading, heapProfile(1)), 403);
  assert.equal(await status(admin, uploading, heapProfile(1)), 200);
  const asked = await flameherd(['targets', '--server', daemon.url], { FLAMEHERD_TOKEN: reader });
  assert.equal(asked.code, 0, asked.stderr);
  const refused = await flameherd(['targets', '--server', daemon.url]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /token/);
});

test('what keeps it from starting is said in a sentence, with exit code 1', async (t) => {
  const folder = await temporaryFolder(t);

  await t.test('a taken port names the flag', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const listen = ['--listen', `127.0.0.1:${port}`, '--ops-listen', '127.0.0.1:0'];
    const { code, stderr } = await flameherd(['serve', '--no-self', '--data', `${folder}/port`, ...listen]);
    other.close();
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`--listen 127\\.0\\.0\\.1:${port} is taken`));
    assert.match(stderr, /^hint: /m);
  });

  await t.test('a folder that another daemon has is named', async (t) => {
    const daemon = await startDaemon(`${folder}/shared`, ['--no-self']);
    t.after(() => daemon.kill());
    const { code, stderr } = await flameherd(['serve', '--no-self', '--data', `${folder}/shared`, ...anyPort]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /another flameherd/);
    assert.ok(stderr.includes(`${folder}/shared`), stderr);
    assert.match(stderr, /^hint: .*--data/m);
  });

  await t.test('all faults of a configuration are listed at once', async () => {
    await mkdir(`${folder}/bad`);
    await writeFile(
      `${folder}/bad/config.yml`,
      'scrape:\n  intervall: 30s\n  cpuSeconds: 90\nstorage:\n  retention: soon\nlog:\n  level: loud\n',
    );
    const { code, stderr } = await flameherd(['serve', '--config', `${folder}/bad/config.yml`, ...anyPort]);
    assert.equal(code, 1, stderr);
    for (const fault of [
      /scrape\.intervall.*did you mean interval/,
      /cpuSeconds.*90.*60/,
      /retention.*soon/,
      /level.*loud.*debug/,
    ])
      assert.match(stderr, fault);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
});

test('an upload is there for the next question', async (t) => {
  const daemon = await startDaemon(await temporaryFolder(t), ['--no-self']);
  t.after(() => daemon.kill());
  const parameters = new URLSearchParams({ workload: 'job', kind: 'cpu' });
  const { id, duplicate } = await upload(daemon.url, parameters, cpuProfile(7));
  assert.equal(duplicate, false);
  const { total } = await daemon.getJson<{ total: number }>('/api/v1/merge?query=samples&format=top&to=now%2B1m');
  assert.equal(total, 7);
  const single = await fetch(`${daemon.url}/api/v1/profiles/${id}`);
  assert.equal(single.status, 200);
});
