import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { countingScript } from '../support/app-counters.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { startFakeApiServer } from '../support/fake-api-server.ts';
import { namespaceObject, podObject } from '../support/kubernetes-objects.ts';
import { startPprofServer } from '../support/pprof-server.ts';

interface TargetsAnswer {
  readonly targets: readonly { readonly state: string; readonly reason: string }[];
}
interface StatusAnswer {
  readonly lease: { readonly role: string; readonly holder: string; readonly detail: string };
}

test('of the collectors of one cluster one scrapes; the others serve reads, name it, and follow it when it is killed', async (t) => {
  await using api = await startFakeApiServer();
  api.put(namespaceObject('shop'));
  api.put(
    podObject('shop', 'checkout-1', {
      uid: 'u-1',
      ip: '10.99.0.1',
      annotations: { 'flameherd.dev/scrape': 'true', 'flameherd.dev/interval': '1h' },
      ports: [{ name: 'pprof', containerPort: 6060 }],
    }),
  );
  const start = async (mode: string, ...flags: readonly string[]): Promise<Daemon> => {
    const env = {
      KUBECONFIG: api.kubeconfig(),
      FLAMEHERD_LEASE_MODE: mode,
      FLAMEHERD_LEASE_DURATION: '3s',
      FLAMEHERD_DISCOVERY_PROBE: 'false',
    };
    const daemon = await startDaemon(await temporaryFolder(t), ['--kubernetes', '--no-self', ...flags], env);
    t.after(() => daemon.kill());
    return daemon;
  };

  const first = await start('on');
  await becomes(first, 'active', '');
  assert.equal((await statusOf(first)).role, 'holder');

  const second = await start('on');
  await becomes(second, 'held', 'holds the Lease flameherd/flameherd');
  assert.deepEqual((await statusOf(second)).holder, (await statusOf(first)).holder);
  const metrics = await (await fetch(`${second.opsUrl}/metrics`)).text();
  assert.match(metrics, /^flameherd_scraping 0$/m);
  const { verdict, because } = await second.getJson<{ verdict: string; because: string }>(
    '/api/v1/explain?namespace=shop&pod=checkout-1',
  );
  assert.equal(verdict, 'held');
  assert.match(because, /scrapes this cluster/);

  await laptops(t, start);

  await first.kill();
  await becomes(second, 'active', '');
  assert.equal((await statusOf(second)).role, 'holder');
});

/** Outside the cluster nothing is written, and a live Lease is respected unless it is said not to. */
async function laptops(t: TestContext, start: (mode: string, ...flags: string[]) => Promise<Daemon>): Promise<void> {
  await t.test('a collector on a laptop stands back, and says how to scrape all the same', async () => {
    const laptop = await start('auto');
    await becomes(laptop, 'held', '--force');
  });
  await t.test('with --force it scrapes beside the other', async () => {
    const forced = await start('auto', '--force');
    await becomes(forced, 'active', '');
    assert.equal((await statusOf(forced)).role, 'alone');
  });
}

async function becomes(daemon: Daemon, state: string, reason: string): Promise<void> {
  await eventually(
    async () => {
      const { targets } = await daemon.getJson<TargetsAnswer>('/api/v1/targets');
      return targets.length === 1 && targets[0]?.state === state && targets[0].reason.includes(reason);
    },
    20_000,
    `target that is ${state} ${reason}`,
  );
}

async function statusOf(daemon: Daemon): Promise<StatusAnswer['lease']> {
  return (await daemon.getJson<StatusAnswer>('/api/v1/status')).lease;
}

test('the collector that takes over asks at once what it has missed, and so does one that was quicker than its election', async (t) => {
  await using api = await startFakeApiServer();
  await using pprof = await startPprofServer(countingScript().script);
  api.put(namespaceObject('shop'));
  api.put(
    podObject('shop', 'checkout-1', {
      annotations: {
        'flameherd.dev/scrape': 'true',
        'flameherd.dev/interval': '1h',
        'flameherd.dev/profiles': 'heap',
        'flameherd.dev/transport': 'port-forward',
      },
    }),
  );
  api.streams.listen('shop', 'checkout-1', 6060, { port: pprof.port, onLoopback: true });
  const start = async (): Promise<Daemon> => {
    const daemon = await startDaemon(await temporaryFolder(t), ['--kubernetes', '--no-self'], {
      KUBECONFIG: api.kubeconfig(),
      FLAMEHERD_LEASE_MODE: 'on',
      FLAMEHERD_LEASE_DURATION: '3s',
    });
    t.after(() => daemon.kill());
    return daemon;
  };
  // The Lease is answered late, when the first scrape was already due.
  api.fail({ on: 'get', plural: 'leases', fault: { kind: 'status', code: 500 } });
  const first = await start();
  await eventually(
    async () => pprof.requests.length === 1,
    20_000,
    'scrape by the first, an hour before its next beat',
  );
  const second = await start();
  await becomes(second, 'held', 'holds the Lease flameherd/flameherd');
  await first.kill();
  await eventually(
    async () => pprof.requests.length === 2,
    20_000,
    'scrape by the second, an hour before its next beat',
  );
  assert.equal((await statusOf(second)).role, 'holder');
});
