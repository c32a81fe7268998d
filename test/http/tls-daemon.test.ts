import assert from 'node:assert/strict';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { runHealth } from '../../src/cli/health.ts';
import { makeCertificate } from '../support/certificates.ts';
import { eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';

interface Targets {
  readonly targets: readonly { readonly labels: Readonly<Record<string, string>>; readonly health: string }[];
}

test('under TLS the daemon still scrapes itself, is healthy, and tells when its certificate ends', {
  timeout: 60_000,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { certFile, keyFile, pem } = makeCertificate(`${folder}/tls`, 'profiles.example');
  const daemon = await startDaemon(`${folder}/data`, [], {
    FLAMEHERD_HTTP_TLS_CERT_FILE: certFile,
    FLAMEHERD_HTTP_TLS_KEY_FILE: keyFile,
    FLAMEHERD_HTTP_TLS_OPS: 'true',
    FLAMEHERD_HTTP_EXTERNAL_URL: 'https://profiles.example',
    FLAMEHERD_SCRAPE_INTERVAL: '5s',
  });
  t.after(() => daemon.kill());
  const ask = (url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { ca: pem, servername: 'profiles.example', agent: false };
      get(url, options, (reply) => void text(reply).then(resolve, reject)).on('error', reject);
    });
  assert.match(daemon.url, /^https:/);
  assert.match(daemon.opsUrl, /^https:/);
  const self = await eventually(
    async () => {
      const { targets } = JSON.parse(await ask(`${daemon.url}/api/v1/targets`)) as Targets;
      return targets.find(({ health }) => health === 'up');
    },
    40_000,
    'scrape of itself',
  );
  assert.equal(self.labels['workload'], 'flameherd');
  assert.equal(await runHealth(['node', 'health', 'health', '--ops-listen', new URL(daemon.opsUrl).host]), 0);
  const page = await ask(`${daemon.opsUrl}/metrics`);
  const seconds = Number(/^flameherd_tls_certificate_expiry_timestamp_seconds (\S+)$/m.exec(page)?.[1]);
  const days = (seconds - Date.now() / 1000) / 86_400;
  assert.ok(days > 29 && days < 31, `${days} days`);
});
