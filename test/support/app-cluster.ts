import { createHash } from 'node:crypto';
import { pinnedSchedule } from '../../src/scrape/schedule.ts';
import type { RecordedScrape, Recording } from './app-recording.ts';
import type { FakeApiServer } from './fake-api-server.ts';
import { namespaceObject, ownedBy, podObject, workloadObject } from './kubernetes-objects.ts';

/** The pods of a recording on an API server, tick by tick. */
export interface RecordedCluster {
  /** Makes the cluster as it is at this tick: pods come, go, are started anew. Gives the processes that run, by their ids. */
  moveTo(tick: number): ReadonlySet<string>;
  readonly recording: Recording;
  /** The pod that has an address, if it is one of these. */
  podAt(address: string): string | undefined;
}

export interface ClusterOptions {
  readonly recording: Recording;
  /** Tells the addresses of several recordings apart: 1 to 254. */
  readonly network: number;
  readonly collectorId: string;
  /** Where in the interval pods are scraped: all within `widthMs` after `fromMs`, as those of a recording are. */
  readonly phase: { readonly fromMs: number; readonly widthMs: number };
}

const port = 6060;
export const cpuSeconds = 1;

/** Puts the namespace and the Deployment there, opted in by annotations; the pods come with `moveTo`. */
export function recordedCluster(server: FakeApiServer, options: ClusterOptions): RecordedCluster {
  const { recording } = options;
  const namespace = recording.name;
  server.put(namespaceObject(namespace));
  const annotations = {
    'flameherd.dev/scrape': 'true',
    'flameherd.dev/interval': `${recording.intervalMs}ms`,
    'flameherd.dev/cpu-seconds': String(cpuSeconds),
  };
  const deployment = server.put(workloadObject('Deployment', namespace, 'app', { annotations }));
  const pods = [...new Set(recording.scrapes.map(({ pod }) => pod))];
  const addressOf = (pod: string): string => `10.1.${options.network}.${pods.indexOf(pod) + 1}`;
  const running = new Map<string, RecordedScrape>();

  const start = (scrape: RecordedScrape): void => {
    const { pod, incarnation, build, startedMs } = scrape;
    const replicaSet = server.put(
      workloadObject('ReplicaSet', namespace, `app-${build}`, { ownerReferences: ownedBy(deployment) }),
    );
    const object = podObject(namespace, pod, {
      uid: uidOf(recording, pod),
      ip: addressOf(pod),
      labels: { 'pod-template-hash': build },
      ownerReferences: ownedBy(replicaSet),
      containerId: containerId(pod, incarnation, options),
      startedAt: new Date(startedMs).toISOString(),
      image: `shop/app:${build}`,
      ports: [{ name: 'pprof', containerPort: port }],
      imageDigest: createHash('sha256').update(build).digest('hex'),
    });
    server.put(object);
    running.set(pod, scrape);
  };

  return {
    recording,
    moveTo(tick) {
      const now = new Map(
        recording.scrapes.filter((scrape) => scrape.tick === tick).map((scrape) => [scrape.pod, scrape]),
      );
      for (const pod of running.keys().toArray()) {
        if (now.has(pod)) continue;
        server.delete('Pod', namespace, pod);
        running.delete(pod);
      }
      for (const [pod, scrape] of now) {
        if (running.get(pod)?.incarnation !== scrape.incarnation) start(scrape);
      }
      return new Set(
        running
          .values()
          .map(({ pod, incarnation }) => `${uidOf(recording, pod)}/${containerId(pod, incarnation, options)}`),
      );
    },
    podAt: (address) => pods.find((pod) => addressOf(pod) === address),
  };
}

function uidOf({ name }: Recording, pod: string): string {
  return `${name}-${pod}`;
}

/** The schedule of a source follows from its name, so one with the wanted phase is looked for. */
function containerId(pod: string, incarnation: number, { recording, collectorId, phase }: ClusterOptions): string {
  for (let attempt = 0; ; attempt++) {
    const id = `containerd://${pod}-${incarnation}-${attempt}`;
    const { phaseMs } = pinnedSchedule(collectorId, `${uidOf(recording, pod)}/${id}/${port}`, recording.intervalMs);
    if (phaseMs >= phase.fromMs && phaseMs < phase.fromMs + phase.widthMs) return id;
  }
}
