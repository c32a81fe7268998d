import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { type CommandResult, flameherd } from '../support/app-command.ts';
import { countingScript, cpuProfile } from '../support/app-counters.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { byPath, goBusy, goWriteTimeout, type PprofServer, startPprofServer } from '../support/pprof-server.ts';

/** Targets as people have them, in one daemon: each test waits for what it is about. */

interface TargetAnswer {
  readonly health: string;
  readonly transport: string | null;
  readonly scrapes: readonly {
    readonly kind: string;
    readonly health: string;
    readonly lastError: string;
    readonly seconds: number | null;
    readonly samples: number | null;
  }[];
}

const cpu = { kind: 'profile', bytes: cpuProfile(100) } as const;
const cleanUps: (() => Promise<unknown>)[] = [];
let daemon: Daemon;
let slow: PprofServer;

before(async () => {
  const start = async (script: Parameters<typeof startPprofServer>[0]) => {
    const server = await startPprofServer(script);
    cleanUps.push(() => server.close());
    return server;
  };
  const counting = countingScript();
  const good = await start((asked) =>
    asked.path.endsWith('/heap') ? counting.script(asked) : byPath({ '/debug/pprof/profile': cpu })(asked),
  );
  const bare = await start(byPath({}));
  const busy = await start(
    byPath({ '/debug/pprof/profile': goBusy, '/debug/pprof/heap': { kind: 'profile', bytes: cpu.bytes } }),
  );
  slow = await start(({ seconds = 0 }) => (seconds > 1 ? goWriteTimeout : cpu));
  const folder = await temporaryFolder({ after: (cleanUp) => cleanUps.push(cleanUp) });
  const gone = await startPprofServer(byPath({}));
  await gone.close();
  const target = (name: string, url: string, interval: string, profiles: string) =>
    `  - { name: ${name}, url: '${url}', interval: ${interval}, profiles: [${profiles}] }\n`;
  await writeFile(
    `${folder}/config.yml`,
    `scrape: { self: false }\ntargets:\n${[
      target('good', good.url, '1s', 'cpu, heap'),
      target('bare', bare.url, '1s', 'cpu, heap'),
      target('busy', busy.url, '1s', 'cpu'),
      target('slow', slow.url, '4s', 'cpu'),
      target('gone', gone.url, '1s', 'heap'),
    ].join('')}`,
  );
  daemon = await startDaemon(`${folder}/data`, ['--config', `${folder}/config.yml`]);
  cleanUps.unshift(() => daemon.kill());
});
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

async function target(workload: string): Promise<TargetAnswer> {
  const { targets } = await daemon.getJson<{ targets: readonly TargetAnswer[] }>(
    `/api/v1/targets?workload=${workload}`,
  );
  return targets[0] ?? assert.fail(`no target ${workload}`);
}

/** Waits until a target is as wanted, and says how it was in the end when it never is. */
async function targetThat(workload: string, is: (target: TargetAnswer) => boolean): Promise<TargetAnswer> {
  let last: TargetAnswer | undefined;
  const check = async () => {
    last = await target(workload);
    return is(last) && last;
  };
  return eventually(check, 20_000, `${workload} as wanted`).catch((error: unknown) =>
    assert.fail(`${String(error)}: ${JSON.stringify(last)}`),
  );
}

const ask = (...args: readonly string[]): Promise<CommandResult> => flameherd([...args, '--server', daemon.url]);

test('a target that serves pprof is up, and its functions are listed', async () => {
  const found = await targetThat('good', ({ scrapes }) => scrapes.every(({ health }) => health === 'up'));
  assert.equal(found.transport, 'direct');
  const { code, stdout, stderr } = await ask('top', 'cpu', '-w', 'good', '--last', '5m');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ *SELF +TOTAL +FUNCTION$/m);
  assert.match(stdout, /query$/m);
});

test('a target without pprof says what to do, a line for each language', async () => {
  const found = await targetThat('bare', ({ scrapes }) => scrapes.every(({ lastError }) => lastError.includes('Go:')));
  assert.equal(found.health, 'down');
  for (const { lastError } of found.scrapes) {
    assert.match(lastError, /404 on \/debug\/pprof\/(profile\?seconds=1|heap)/);
    assert.match(lastError, /^ +Go: +import _ "net\/http\/pprof"/m);
    assert.match(lastError, /^ +Python: /m);
  }
});

test('a process with another profiler attached is left alone, and it is said', async () => {
  const found = await targetThat('busy', ({ scrapes }) =>
    scrapes.some(({ lastError }) => lastError.includes('another profiler is attached')),
  );
  assert.equal(found.health, 'down');
});

test("where the server's WriteTimeout forbids the seconds, fewer are asked for", async () => {
  const found = await targetThat('slow', ({ health }) => health === 'up');
  assert.equal(found.scrapes[0]?.seconds, 1);
  assert.deepEqual(
    slow.requests.slice(0, 2).map(({ seconds }) => seconds),
    [2, 1],
  );
});

test('a target that is not there is down, with its address', async () => {
  const found = await targetThat('gone', ({ health }) => health === 'down');
  assert.match(found.scrapes[0]?.lastError ?? '', /127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});

test('flameherd targets lists them with what is wrong', async () => {
  await targetThat('bare', ({ scrapes }) => scrapes.every(({ lastError }) => lastError.includes('Go:')));
  await targetThat('gone', ({ health }) => health === 'down');
  const { code, stdout, stderr } = await ask('targets');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^NAMESPACE +WORKLOAD +POD +HEALTH/);
  assert.match(stdout, /^local +static\/good +127\.0\.0\.1:\d+ +up +direct/m);
  assert.match(stdout, /^local +static\/gone +127\.0\.0\.1:\d+ +down/m);
  assert.match(stdout, /^local\/127.*ECONNREFUSED/m);
  assert.equal(stdout.match(/^ +Go: /gm)?.length, 1, 'what to do is said once');
  const down = await ask('targets', '--health', 'down', '--json');
  const { targets } = JSON.parse(down.stdout) as { targets: readonly { labels: { workload: string } }[] };
  assert.ok(targets.length > 0 && targets.every(({ labels }) => labels.workload !== 'good'));
});

test('flameherd status says that it is ready and what it has', async () => {
  const { code, stdout, stderr } = await ask('status');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^version +\d+\.\d+\.\d+, up for /m);
  assert.match(stdout, /^ready +yes$/m);
  assert.match(stdout, /^targets +\d+ (up|down|unknown)/m);
  assert.match(stdout, /^profiles +\d+ stored/m);
  assert.match(stdout, /^growth +(not judged yet|\d+ workloads? judged \d+[sm] ago), every 10m$/m);
});

test('flameherd explain without a cluster says so, and what to do', async () => {
  const { code, stdout, stderr } = await ask('explain', 'shop', 'deployment/checkout');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Deployment checkout in namespace shop/);
  assert.match(stdout, /watches no cluster/);
  assert.match(stdout, /^hint: .*--kubernetes/m);
});

test('flameherd pause and its --resume', async () => {
  const paused = await ask('pause', 'local/busy');
  assert.equal(paused.code, 0, paused.stderr);
  assert.equal(paused.stdout, 'paused: local/busy\n');
  const resumed = await ask('pause', 'local/busy', '--resume');
  assert.equal(resumed.stdout, 'nothing is paused\n');
  const twice = await ask('pause', 'local/busy', '--resume');
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /no pause of local\/busy/);
});

test('flameherd top on an empty window says what exists', async () => {
  const { code, stdout } = await ask('top', 'cpu', '-w', 'no-such-workload');
  assert.equal(code, 0);
  assert.match(stdout, /^Nothing in this window\.\nhint: /);
});

test('flameherd config print shows what is in force', async () => {
  const { code, stdout } = await flameherd(['config', 'print'], { FLAMEHERD_SCRAPE_INTERVAL: '30s' });
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}interval: 30s$/m);
  assert.match(stdout, /^ {2}listen: .*4280/m);
});

test('without a daemon at the address a command says how to start one', async () => {
  const { code, stderr } = await flameherd(['status', '--server', 'http://127.0.0.1:9']);
  assert.equal(code, 1);
  assert.match(stderr, /no flameherd answers at http:\/\/127\.0\.0\.1:9/);
  assert.match(stderr, /^hint: .*flameherd serve/m);
});
