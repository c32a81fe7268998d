import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { countingScript } from '../support/app-counters.ts';
import type { TargetAnswer } from '../support/app-transports.ts';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { startFakeApiServer } from '../support/fake-api-server.ts';
import { namespaceObject, podObject } from '../support/kubernetes-objects.ts';
import { startPprofServer } from '../support/pprof-server.ts';

/** Addresses that a pod may say are its own: whoever can write the status of a pod, or a network that is not what it seems. */
const addresses: Readonly<Record<string, string>> = {
  metadata: '169.254.169.254',
  'metadata-of-aws-by-ipv6': 'fd00:ec2::254',
  'metadata-of-alibaba': '100.100.100.200',
  'metadata-of-azure': '168.63.129.16',
  loopback: '127.0.0.1',
  'loopback-elsewhere': '127.8.8.8',
  'loopback-in-ipv6': '::1',
  'loopback-in-ipv4-clothes': '::ffff:127.0.0.1',
  everything: '0.0.0.0',
};

type Target = TargetAnswer & { readonly reason: string };

test('SSRF by annotation: a pod that says it lives at a metadata service, on loopback or at the API server is not asked, by scrapes, probes or snaps', {
  timeout: 90_000,
}, async (t) => {
  await using api = await startFakeApiServer();
  const inside = await startPprofServer(countingScript().script, '127.0.0.1');
  t.after(() => inside.close());
  api.put(namespaceObject('shop'));
  const put = (pod: string, ip: string, annotations: Readonly<Record<string, string>>, port = inside.port): void => {
    const ours = Object.entries({ scrape: 'true', interval: '5s', transport: 'direct', ...annotations });
    api.put(
      podObject('shop', pod, {
        ip,
        ports: [{ name: 'pprof', containerPort: port }],
        annotations: Object.fromEntries(ours.map(([key, value]) => [`flameherd.dev/${key}`, value])),
      }),
    );
  };
  for (const [pod, ip] of Object.entries(addresses)) put(pod, ip, {});
  const apiPort = Number(new URL(api.url).port);
  put('api-server', new URL(api.url).hostname, { port: String(apiPort), scheme: 'https' }, apiPort);
  put('probed', '127.0.0.1', { transport: 'auto' });
  const folder = await temporaryFolder(t);
  const config = `lease: { mode: 'off' }\nlimits: { minInterval: 1s }\ntransports: { portForward: { enabled: false } }\n`;
  await writeFile(`${folder}/config.yml`, config);
  const flags = ['--config', `${folder}/config.yml`, '--kubernetes', '--no-self'];
  const daemon = await startDaemon(`${folder}/data`, flags, { KUBECONFIG: api.kubeconfig() });
  t.after(() => daemon.kill());

  const count = Object.keys(addresses).length + 2;
  const targets = await eventually(
    async () => {
      const { targets: now } = await daemon.getJson<{ targets: readonly Target[] }>('/api/v1/targets');
      const isTold = ({ reason, scrapes }: Target): boolean =>
        reason !== '' || scrapes.some(({ lastError }) => lastError !== '');
      return now.length === count && now.every(isTold) && now;
    },
    60_000,
    'reason of each target',
  );
  for (const { labels, health, reason, scrapes } of targets) {
    assert.notEqual(health, 'up', labels['pod']);
    assert.match(
      reason + scrapes.map(({ lastError }) => lastError).join(),
      /never scraped|no IP address|unspecified|loopback|not asked/,
      labels['pod'],
    );
  }
  for (const pod of [...Object.keys(addresses), 'api-server', 'probed']) {
    const reply = await fetch(`${daemon.url}/api/v1/snap?namespace=shop&pod=${pod}&profile=heap`, { method: 'POST' });
    assert.ok(reply.status >= 400, `${pod}: ${reply.status}`);
    await reply.arrayBuffer();
  }
  assert.deepEqual(inside.requests, [], 'nobody came by');
});
