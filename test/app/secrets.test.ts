import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';

const secret = 'hunter2-c0rrect-h0rse';

async function withFile(t: TestContext, text: string): Promise<{ folder: string; file: string }> {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'flameherd.yml');
  await writeFile(file, text);
  return { folder, file };
}

/** A command that fails, and says why without the secret. */
async function failing(args: readonly string[], why: RegExp, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { code, stdout, stderr } = await flameherd(args, env);
  assert.notEqual(code, 0, stdout);
  assert.match(`${stdout}${stderr}`, why);
  assert.ok(!`${stdout}${stderr}`.includes(secret), `${stdout}${stderr}`);
}

const configurations: readonly (readonly [what: string, yaml: string, why: RegExp])[] = [
  [
    'a target with a user and a password',
    `targets: [{ url: 'http://ann:${secret}@127.0.0.1:1' }]`,
    /holds a user or password/,
  ],
  ['a target that is no URL', `targets: [{ url: 'http://ann:${secret}/x@127.0.0.1:1' }]`, /targets.*is no URL/],
  [
    'a webhook with a password',
    `growth: { webhook: { url: 'http://ann:${secret}@alertmanager' } }`,
    /growth\.webhook\.url/,
  ],
  ['a list that is a text', `targets: 'http://ann:${secret}@127.0.0.1:1'`, /targets: .* is not a list/],
  ['YAML that cannot be read', `scrape:\n  password: ${secret}\n bad: x`, /flameherd\.yml: .* at line/],
];
for (const [what, yaml, why] of configurations) {
  test(`${what} is refused without the secret, by serve and by config check`, async (t) => {
    const { folder, file } = await withFile(t, `${yaml}\n`);
    await failing(['serve', '--config', file, '--data', join(folder, 'data'), '--listen', '127.0.0.1:0'], why);
    await failing(['config', 'check', '--config', file], why);
  });
}

test('a target on the command line with a password is refused without it', async (t) => {
  const data = await temporaryFolder(t);
  const flags = ['--data', data, '--listen', '127.0.0.1:0', '--ops-listen', '127.0.0.1:0'];
  await failing(['serve', '--target', `shop=http://ann:${secret}@127.0.0.1:1`, ...flags], /holds a user or password/);
});

test('config print shows no userinfo of a URL', async (t) => {
  const { file } = await withFile(t, `http: { externalUrl: 'https://ann:${secret}@flameherd.example.com' }\n`);
  const { stdout } = await flameherd(['config', 'print', '--config', file]);
  assert.match(stdout, /externalUrl: https:\/\/\*\*\*@flameherd\.example\.com/);
  assert.ok(!stdout.includes(secret));
});

test('a token file with a bad line is refused without the line', async (t) => {
  const { folder, file } = await withFile(t, '');
  await writeFile(file, `auth: { mode: token, tokenFile: ${folder}/tokens }\n`);
  await writeFile(join(folder, 'tokens'), `writer:${secret}\n`);
  await failing(
    ['serve', '--config', file, '--data', join(folder, 'data'), '--listen', '127.0.0.1:0'],
    /auth\.tokenFile .*line 1/,
  );
});

const kubeconfigs: readonly (readonly [what: string, text: string])[] = [
  ['is no YAML', `users:\n- name: a\n  user:\n   token: ${secret}\n  bad: [x`],
  ['has no cluster', `kind: Config\nusers:\n- name: a\n  user: { token: ${secret} }\n`],
  [
    'names a server that is not there',
    `kind: Config
current-context: c
clusters: [{ name: k, cluster: { server: 'https://ann:${secret}@127.0.0.1:1' } }]
users: [{ name: a, user: { token: ${secret} } }]
contexts: [{ name: c, context: { cluster: k, user: a } }]
`,
  ],
];
for (const [what, text] of kubeconfigs) {
  test(`a kubeconfig that ${what} is told of without its credentials`, async (t) => {
    const { folder, file } = await withFile(t, '');
    await writeFile(file, `data: ${folder}/data\nhttp: { listen: 127.0.0.1:1 }\n`);
    await writeFile(join(folder, 'kubeconfig'), text);
    const env = { KUBECONFIG: join(folder, 'kubeconfig') };
    await failing(['doctor', '--kubernetes', '--config', file], /API server/, env);
  });
}

/** A target that refuses, and repeats what it was sent with some of it besides. */
async function repeatingTarget(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`no: Authorization: Bearer ${secret} Cookie: session=${secret} from http://ann:${secret}@proxy:3128/`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what a target repeats, a webhook that fails, and a token that is refused show no secret in log, status, targets or answers', async (t) => {
  const { folder, file } = await withFile(t, '');
  const tokens = join(folder, 'tokens');
  await writeFile(tokens, `admin:${secret}-of-admin\n`);
  await writeFile(join(folder, 'authorization'), `Basic ${secret}\n`);
  await writeFile(
    file,
    `targets: [{ name: shop, url: '${await repeatingTarget(t)}', interval: 1s, profiles: [heap] }]
auth: { mode: token, tokenFile: ${tokens} }
growth: { webhook: { url: 'http://127.0.0.1:1', authorizationFile: ${folder}/authorization } }
log: { level: debug }
`,
  );
  const daemon = await startDaemon(join(folder, 'data'), ['--no-self', '--config', file]);
  t.after(() => daemon.kill());
  const headers = { authorization: `Bearer ${secret}-of-admin` };
  const seen: string[] = [];
  const get = async (path: string, with_: Record<string, string> = headers): Promise<string> => {
    const text = await (await fetch(new URL(path, daemon.url), { headers: with_ })).text();
    seen.push(text);
    return text;
  };
  await eventually(async () => (await get('/api/v1/targets')).includes('500 on /debug/pprof/heap'), 15_000, 'failure');
  assert.match(seen.at(-1) ?? '', /500 on \/debug\/pprof\/heap: no: Authorization: \*\*\*/);
  await get('/api/v1/status');
  await get('/api/v1/status', { authorization: `Bearer ${secret}-of-nobody` });
  await get(`/api/v1/merge?query=http://ann:${secret}@host`);
  await get('/api/v1/status', { cookie: `session=${secret}` });
  await writeFile(tokens, `writer:${secret}\n`);
  await eventually(
    async () => {
      await get('/api/v1/status');
      return daemon.log.some(({ message }) => String(message).includes('token file is not used'));
    },
    15_000,
    'word of the bad token file',
  );
  seen.push(JSON.stringify(daemon.log));
  for (const text of seen) assert.ok(!text.includes(secret), text);
});
