import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { temporaryFolder } from '../support/daemon.ts';
import { fakeOptions, started } from '../support/http-fakes.ts';

const secret = 'what lies beside the pages';

/** Ways to write a step up, and a slash. */
const ups = ['..', '%2e%2e', '.%2e', '%252e%252e', '..%00', '%c0%ae%c0%ae', '%u002e%u002e', '..;'];
const slashes = ['/', '%2f', '%252f', '\\', '%5c', '%255c', '//', '/./', '%c0%af'];

for (const prefix of ['/assets/', '/speedscope/', '/runbooks/', '/a/', '/api/v1/profiles/', '/login/', '/']) {
  test(`path traversal below ${prefix} finds nothing, however it is written`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t);
    const pagesDir = join(folder, 'pages');
    cpSync(fakeOptions().pagesDir ?? '', pagesDir, { recursive: true });
    mkdirSync(join(folder, 'outside'));
    for (const file of ['secret.md', 'secret', 'secret.txt', 'outside/secret.txt', 'pages/secret.txt'])
      writeFileSync(join(folder, file), secret);
    const limits = { ...fakeOptions().limits, callers: { requestsPerSecond: 0, concurrent: 0, failuresPerMinute: 1 } };
    const { server } = await started(t, {}, { pagesDir, limits });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const steps = ups.flatMap((up) => slashes.map((slash) => up + slash));
    const names = ['secret.txt', 'secret', 'etc/passwd'];
    const paths = steps.flatMap((step) => [1, 2, 4].flatMap((times) => names.map((name) => step.repeat(times) + name)));
    const file = join(folder, 'secret.txt');
    const all = [...paths, file, `/${file}`, 'secret.txt%00.js', `file://${file}`];
    const statuses: number[] = [];
    for (const path of all) {
      const asking = request(server.url, { path: prefix + path, agent }).end();
      const [reply] = (await once(asking, 'response')) as [IncomingMessage];
      const answer = await text(reply);
      assert.ok(!answer.includes(secret) && !/root:.*:0:0:/.test(answer), path);
      statuses.push(reply.statusCode ?? 0);
    }
    const found = all.filter((_, at) => ![400, 403, 404, 414].includes(statuses[at] ?? 0));
    // What has no step in it that anybody understands is the name of an event or a profile.
    assert.deepEqual(/^\/(a|api)\//.test(prefix) ? found.filter((path) => path.includes('/')) : found, []);
  });
}
