import { setImmediate as turn } from 'node:timers/promises';
import { KubernetesDiscoverer } from '../../src/discovery/kubernetes-discoverer.ts';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { ClusterWatch } from '../../src/kubernetes/cluster-watch.ts';
import { ScrapePool } from '../../src/scrape/scrape-pool.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import { defaultDiscoveryRules } from './discovery-records.ts';
import { bodyOf, collectingIngest, FakeTransport, storedOutcome } from './scrape-targets.ts';

// Discovers and scrapes the pods of a cluster, given by its kubeconfig. Told the name of a generation of pods, it waits until
// exactly these are scraped, each of them once at least, and tells what it holds.
const client = await openKubernetes({ kubeconfig: process.argv[2] ?? '' });
const view = new ClusterWatch({ client });
const scraped = new Set<string>();
const transport = new FakeTransport((_, target) => {
  scraped.add(target.labels['pod'] ?? '');
  // What it remembers of each question is the test's, not the product's.
  transport.asked.length = 0;
  return bodyOf();
});
const transports = new TransportBook({ transports: [transport] });
const { jobs, ingest } = collectingIngest();
const pool = new ScrapePool({
  collectorId: 'c',
  transports,
  limits: { firstScrapes: { perSecond: 1000, burst: 1000 } },
  ingest: async (job) => {
    await ingest(job);
    jobs.length = 0;
    return storedOutcome;
  },
});
const discoverer = new KubernetesDiscoverer({
  view,
  rules: defaultDiscoveryRules,
  now: Date.now,
  onProcessEnd: () => {},
});
const stop = new AbortController();
view.start();
const done = discoverer.run((groups) => pool.sync(groups), stop.signal);

function isScraped(generation: string): boolean {
  const pods = pool.statuses().map(({ target }) => target.labels['pod'] ?? '');
  return pods.length > 1 && pods.every((pod) => (pod === 'stays' || pod.startsWith(generation)) && scraped.has(pod));
}

async function tell(generation: string): Promise<void> {
  for (let waited = 0; !isScraped(generation); waited++) {
    if (waited > 3000) throw new Error(`${generation}: ${pool.statuses().length} targets, ${scraped.size} scraped`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (let round = 0; round < 5; round++) {
    await turn();
    globalThis.gc?.();
  }
  const resources = process.getActiveResourcesInfo();
  const count = (name: string): number => resources.filter((each) => each === name).length;
  process.send?.({
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    timers: count('Timeout'),
    sockets: count('TCPSocketWrap') + count('TCPWRAP'),
    targets: pool.statuses().length,
  });
  scraped.clear();
  scraped.add('stays');
}

async function end(): Promise<void> {
  stop.abort();
  await done;
  await pool.close();
  await view.stop();
  await client.close();
  process.disconnect();
}

process.on('message', (generation) => void (generation === 'end' ? end() : tell(String(generation))));
process.send?.('ready');
