import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { minute } from '../src/model/units.ts';
import { startDaemon } from '../test/support/daemon.ts';
import { cpuSeconds, residentBytes, shipped } from './daemon.ts';
import { printTable, shortNumber } from './table.ts';

/**
 * Many sources at 60 s by port-forward alone, all kinds, CPU profiles in their ten seconds, with the default budgets:
 *
 *     node bench/transports-soak.ts [--pods 500] [--nodes 10] [--minutes 10]
 *
 * The API server is a fake one in another process. Sockets and memory must be flat once all sources were scraped.
 */
const { values: options } = parseArgs({
  options: {
    pods: { type: 'string', default: '500' },
    nodes: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '10' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'flameherd-transports-'));
const cluster = fork(fileURLToPath(new URL('transports/many-pods.ts', import.meta.url)), [options.pods, options.nodes]);
const { kubeconfig } = (await messageOf(cluster)) as { kubeconfig: string };
writeFileSync(join(folder, 'flameherd.yml'), "lease: { mode: 'off' }\n");
const flags = ['--config', join(folder, 'flameherd.yml'), '--kubernetes', '--no-self'];
const daemon = await startDaemon(join(folder, 'data'), flags, {
  KUBECONFIG: kubeconfig,
  ...shipped,
});
const rows: string[][] = [];
let cpu = cpuSeconds(daemon.process.pid);
try {
  for (let passed = 1; passed <= Number(options.minutes); passed++) {
    await delay(minute);
    const text = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
    const before = cpu;
    cpu = cpuSeconds(daemon.process.pid);
    cluster.send('open?');
    const { open } = (await messageOf(cluster)) as { open: number };
    const of = (pattern: string): number => sumOf(text, pattern);
    rows.push([
      String(passed),
      String(open),
      String(of('flameherd_transport_streams\\{')),
      String(of('flameherd_transport_streams_kept')),
      String(of('flameherd_transport_streams_opened_total\\{')),
      String(of('flameherd_transport_refused_total\\{')),
      String(of('flameherd_profiles_stored_total')),
      String(of('flameherd_scrape_failures_total\\{')),
      shortNumber((cpu - before) / 60),
      shortNumber(residentBytes(daemon.process.pid) / 1e6),
    ]);
  }
} finally {
  await daemon.stop();
  cluster.kill();
  rmSync(folder, { recursive: true, force: true });
}
printTable(
  ['minute', 'websockets', 'in use', 'kept', 'opened', 'refused', 'stored', 'failures', 'cores', 'RSS MB'],
  rows,
);

function sumOf(text: string, pattern: string): number {
  const lines = text.matchAll(new RegExp(`^${pattern}[^\\n]* ([0-9.e+]+)$`, 'gm'));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  return ((await once(child, 'message')) as [unknown])[0];
}
