import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, printTable, shortNumber } from './table.ts';
import { type ClusterFacts, type Measured, type Way, ways } from './transports/facts.ts';

/**
 * What a scrape costs the collector by each transport:
 *
 *     node bench/transports.ts [--pods 60] [--bytes 200000] [--scrapes 2000] [--at-once 20] [--runs 3]
 *     node bench/transports.ts --kubeconfig FILE --pod NAMESPACE/NAME --host IP --port 6060 [--path /debug/pprof/heap]
 *
 * The pods and the API server (a fake one unless told otherwise) live in another process. Each transport has a process of its
 * own in each run, so that its memory is its own; the runs go by turns, and the median of each figure counts.
 */
const { values: options } = parseArgs({
  options: {
    pods: { type: 'string', default: '60' },
    bytes: { type: 'string', default: '200000' },
    scrapes: { type: 'string', default: '2000' },
    'at-once': { type: 'string', default: '20' },
    runs: { type: 'string', default: '3' },
    kubeconfig: { type: 'string' },
    pod: { type: 'string', multiple: true },
    host: { type: 'string', default: '' },
    port: { type: 'string', default: '6060' },
    path: { type: 'string', default: '/debug/pprof/heap' },
  },
});

const scrapes = Number(options.scrapes);
const cluster = options.kubeconfig === undefined ? start('cluster.ts', [options.pods, options.bytes]) : undefined;
const facts = cluster ? ((await answerOf(cluster)) as ClusterFacts) : realCluster(options.kubeconfig ?? '');
const found = new Map<Way, Measured[]>(ways.map((way) => [way, []]));
// In a real pod there is no container that the exec could be of.
const measured = cluster ? ways : ways.slice(0, -1);
for (let run = 0; run < Number(options.runs); run++) {
  for (const way of measured) {
    const scraper = start('scraper.ts', []);
    scraper.send({ way, facts, scrapes, atOnce: Number(options['at-once']) });
    found.get(way)?.push((await answerOf(scraper)) as Measured);
  }
}
cluster?.kill();

const of = (way: Way, figure: (measured: Measured) => number): number => median((found.get(way) ?? []).map(figure));
const base = of('direct', ({ cpuMs }) => cpuMs);
console.log(`${scrapes} scrapes of ${facts.pods.length} pods, ${options['at-once']} at once, ${options.runs} runs\n`);
printTable(
  ['transport', 'CPU', 'ms CPU', 'p50 ms', 'p99 ms', 'RSS + MB', 'KB RSS a scrape at once', 'sockets after', 'failed'],
  measured.map((way) => [
    way,
    `${shortNumber(of(way, ({ cpuMs }) => cpuMs) / base)} ×`,
    shortNumber(of(way, ({ cpuMs }) => cpuMs)),
    shortNumber(of(way, ({ medianMs }) => medianMs)),
    shortNumber(of(way, ({ p99Ms }) => p99Ms)),
    shortNumber(of(way, ({ grownBytes }) => grownBytes) / 1e6),
    shortNumber(of(way, ({ grownBytes }) => grownBytes) / 1e3 / Number(options['at-once'])),
    String(of(way, ({ sockets }) => sockets)),
    String(of(way, ({ failed }) => failed)),
  ]),
);

function start(script: string, args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(`transports/${script}`, import.meta.url)), [...args]);
}

/** The first message of a child; throws when it ends without one. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the child ended with ${code}`)));
  const [message] = (await Promise.race([once(child, 'message'), gone])) as [unknown];
  gone.catch(() => {});
  return message;
}

function realCluster(kubeconfig: string): ClusterFacts {
  const pods = (options.pod ?? []).map((text) => {
    const [namespace = '', name = ''] = text.split('/');
    return { namespace, name };
  });
  return { kubeconfig, host: options.host, port: Number(options.port), path: options.path, pods };
}
