import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startProxy } from '../support/cuttable-proxy.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { deployment, kubectl, kubectlApply, rolledOut, temporaryNamespace } from '../support/kubectl.ts';

interface Kubeconfig {
  readonly 'current-context': string;
  readonly clusters: { readonly name: string; readonly cluster: { server: string; 'tls-server-name'?: string } }[];
}

test('a minute without the API server loses no scrape', { timeout: 300_000 }, async (t) => {
  let daemon: Daemon | undefined;
  const folder = await temporaryFolder({
    after: (remove) =>
      t.after(async () => {
        await daemon?.stop();
        await remove();
      }),
  });
  const namespace = await temporaryNamespace(t, 'outage');
  await kubectlApply(
    deployment({
      namespace,
      name: 'steady',
      args: ['-addr=:6060'],
      ports: [{ name: 'pprof', containerPort: 6060 }],
      annotations: { 'flameherd.dev/scrape': 'true', 'flameherd.dev/profiles': 'heap' },
    }),
  );
  await rolledOut(namespace, 'steady');

  const kubeconfig = JSON.parse(
    await kubectl('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'),
  ) as Kubeconfig;
  const { hostname, port } = new URL(kubeconfig.clusters[0]?.cluster.server ?? '');
  await using proxy = await startProxy({ host: hostname, port: Number(port || 443) });
  for (const { cluster } of kubeconfig.clusters) {
    cluster.server = `https://127.0.0.1:${proxy.port}`;
    cluster['tls-server-name'] ??= hostname;
  }
  await writeFile(`${folder}/kubeconfig`, JSON.stringify(kubeconfig));
  const started = await startDaemon(`${folder}/data`, ['--kubernetes', '--force', '--no-self', '--interval', '10s'], {
    KUBECONFIG: `${folder}/kubeconfig`,
  });
  daemon = started;

  const stamps = async (): Promise<readonly number[]> => {
    const query = encodeURIComponent(`heap{namespace="${namespace}"}`);
    const { profiles } = await started.getJson<{ profiles: readonly { timeMs: number }[] }>(
      `/api/v1/profiles?query=${query}`,
    );
    return profiles.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
  };
  await eventually(async () => (await stamps()).length >= 2, 40_000, 'second profile');
  await proxy.cut();
  const cutMs = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  await proxy.mend();
  const mendedMs = Date.now();
  const during = (await stamps()).filter((ms) => ms >= cutMs && ms < mendedMs);
  assert.ok(during.length >= 5 && during.length <= 7, `scraped ${during.length} times in a minute at 10 s`);

  // The watch is back: a pod made after the outage is found.
  await kubectl('-n', namespace, 'scale', 'deployment/steady', '--replicas=2');
  await eventually(
    async () => {
      const { targets } = await started.getJson<{ targets: readonly { health: string }[] }>(
        `/api/v1/targets?namespace=${namespace}`,
      );
      return targets.length === 2 && targets.every(({ health }) => health === 'up');
    },
    45_000,
    'second target that is up',
  );
});
