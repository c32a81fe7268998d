import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kubectl, kubectlGet } from './kubectl.ts';

const run = promisify(execFile);

/** Go modules that carry the resource definitions of what the chart may make. */
const sources = [
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
    names: ['monitoring.coreos.com_servicemonitors', 'monitoring.coreos.com_prometheusrules'],
  },
  {
    module: 'sigs.k8s.io/gateway-api@v1.4.0',
    folder: 'config/crd/standard',
    names: ['gateway.networking.k8s.io_httproutes'],
  },
] as const;

/** Installs those that the cluster has not, and takes these away again at the end. Needs Go for its modules. */
export async function withOptionalApis(t: { after(cleanUp: () => Promise<void>): void }): Promise<void> {
  const { items } = await kubectlGet<{ items: { metadata: { name: string } }[] }>('crd');
  const present = new Set(items.map(({ metadata }) => metadata.name));
  for (const { module, folder, names } of sources) {
    const missing = names.filter((name) => !present.has(name.split('_').toReversed().join('.')));
    if (missing.length === 0) continue;
    const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: '/' });
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    const all = readdirSync(join(Dir, folder)).filter((entry) => missing.some((name) => entry === `${name}.yaml`));
    for (const file of all.map((entry) => join(Dir, folder, entry))) {
      // What is large does not fit into the annotation of a usual apply.
      await kubectl('apply', '--server-side', '-f', file);
      t.after(async () => {
        await kubectl('delete', '--ignore-not-found', '-f', file);
      });
      await kubectl('wait', '--for=condition=Established', '-f', file, '--timeout=60s');
    }
  }
}
