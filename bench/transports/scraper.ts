import { type KubernetesClient, openKubernetes } from '../../src/kubernetes/client.ts';
import { execInPod } from '../../src/kubernetes/exec.ts';
import { openPodProxy } from '../../src/kubernetes/pod-proxy.ts';
import { openPortForward } from '../../src/kubernetes/port-forward.ts';
import { StreamBudget } from '../../src/scrape/stream-budget.ts';
import { DirectTransport } from '../../src/scrape/transports/direct.ts';
import { PodProxyTransport } from '../../src/scrape/transports/pod-proxy.ts';
import { PortForwardTransport } from '../../src/scrape/transports/port-forward.ts';
import type { Transport } from '../../src/scrape/transports/transport.ts';
import { targetOf } from '../../test/support/scrape-targets.ts';
import { quantile } from '../table.ts';
import type { ClusterFacts, Measured, Way } from './facts.ts';

/** Scrapes all pods by one transport, so many at once, and tells what it took. */
interface Job {
  readonly way: Way;
  readonly facts: ClusterFacts;
  readonly scrapes: number;
  readonly atOnce: number;
}

const limits = { streams: 1000, streamsPerNode: 1000, perSecond: 10_000 };
const warmUp = 0.2;

process.once('message', (job: Job) => {
  void measure(job).then((measured) => process.send?.(measured, () => process.exit()));
});

async function measure({ way, facts, scrapes, atOnce }: Job): Promise<Measured> {
  const client = await openKubernetes({ kubeconfig: facts.kubeconfig });
  const transport = transportOf(way, client, facts);
  const round = (count: number) => scrapeAll(transport, facts, count, atOnce);
  // So that each pod's stream is there, where it is kept, and the code is compiled.
  await round(Math.max(facts.pods.length, Math.ceil(scrapes * warmUp)));
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const cpu = process.cpuUsage();
  const { times, failed } = await round(scrapes);
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  return {
    cpuMs: (user + system) / 1000 / scrapes,
    medianMs: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    grownBytes: peak - before,
    sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'TLSWrap').length,
    failed,
  };
}

async function scrapeAll(
  transport: Transport,
  { host, port, path, pods }: ClusterFacts,
  count: number,
  atOnce: number,
) {
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const targets = pods.map(({ namespace, name }) =>
    targetOf(name, [], {
      pod: { namespace, name, uid: name },
      process: { id: name, slot: name, startedMs: undefined },
    }),
  );
  const endpoint = { scheme: 'http', host, port } as const;
  const request = { endpoint, path, timeoutMs: 30_000, maxBytes: 64 << 20 };
  const { signal } = new AbortController();
  const lane = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const target = targets[i % targets.length];
      const startMs = performance.now();
      const reply = target && (await transport.fetch(target, request, signal).catch(() => undefined));
      if (reply?.kind !== 'body') failed++;
      times.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { times, failed };
}

function transportOf(way: Way, client: KubernetesClient, facts: ClusterFacts): Transport {
  const refuse = () => undefined;
  const explain = () => undefined;
  const budget = new StreamBudget('port-forward', 'bench', limits);
  switch (way) {
    case 'direct':
      return new DirectTransport({ refuse });
    case 'pod-proxy': {
      const open: ConstructorParameters<typeof PodProxyTransport>[0]['open'] = (pod, to, signal) =>
        openPodProxy(client, pod, to, { signal });
      return new PodProxyTransport({ refuse, explain, budget, open });
    }
    case 'exec, as ephemeral does':
      return {
        name: 'ephemeral',
        fetch: async ({ pod = { namespace: '', name: '' } }, { timeoutMs, maxBytes }, signal) => {
          const argv = ['fetch', facts.path];
          const { stdout } = await execInPod(client, pod, 'app', argv, { signal, timeoutMs, maxBytes });
          return { kind: 'body', status: 200, contentType: '', bytes: stdout };
        },
      };
    default: {
      const kept = way === 'port-forward' ? 10_000 : 0;
      const open: ConstructorParameters<typeof PortForwardTransport>[0]['open'] = (pod, port, signal) =>
        openPortForward(client, pod, port, { signal });
      return new PortForwardTransport({ refuse, explain, budget, open, kept });
    }
  }
}
