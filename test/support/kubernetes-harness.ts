import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesClient, openKubernetes } from '../../src/kubernetes/client.ts';
import type { RecordChange } from '../../src/kubernetes/record-cache.ts';
import type { PodRecord } from '../../src/kubernetes/records.ts';
import { Reflector, type ReflectorTiming } from '../../src/kubernetes/reflector.ts';
import { resources } from '../../src/kubernetes/resource.ts';
import { trimPod } from '../../src/kubernetes/trim.ts';
import type { FakeApiServer } from './fake-api-server.ts';

/** Waits short enough for a test. The watchdog is off, or it would make good what a test wants to see fail. */
export const fastTiming: Partial<ReflectorTiming> = {
  backoff: { firstMs: 5, unreachableCapMs: 20, refusedCapMs: 40, retryAfterCapMs: 3_600_000 },
  idleMs: 60_000,
  syncIdleMs: 1000,
  healthyMs: 50,
};

/** Polls until the condition holds; fails by name after 10 s, which no healthy run comes near. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 10_000) throw new Error(`waited in vain until ${what}`);
    await sleep(5);
  }
}

export interface WatchedPods extends AsyncDisposable {
  readonly client: KubernetesClient;
  readonly reflector: Reflector<PodRecord>;
  readonly changes: RecordChange<PodRecord>[];
  /** What the reflector knows, and has told, as `namespace/name uid ip`, sorted. */
  known(): string[];
}

/** Starts to watch the server's pods; disposing it stops the reflector and breaks its connections. */
export async function watchPods(
  server: FakeApiServer,
  timing: Partial<ReflectorTiming> = {},
  onChange: () => void = () => {},
): Promise<WatchedPods> {
  const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
  const changes: RecordChange<PodRecord>[] = [];
  const reflector = new Reflector<PodRecord>({
    client,
    resource: resources.pods,
    trim: trimPod,
    onChange: (more) => {
      changes.push(...more);
      onChange();
    },
    timing: { ...fastTiming, ...timing },
  });
  reflector.start();
  return {
    client,
    reflector,
    changes,
    known() {
      const kept = linesOf(reflector.records.values());
      return sameLines(kept, linesOf(replay(changes))) ? kept : ['what was told differs from what is kept'];
    },
    async [Symbol.asyncDispose]() {
      await reflector.stop();
      await client.close();
    },
  };
}

/** The server's pods in the form of `known`. */
export function podsOn(server: FakeApiServer): string[] {
  return server.store
    .list('pods', '')
    .map(({ metadata, ...rest }) => {
      const { podIP = '' } = rest['status'] as { podIP?: string };
      return line(metadata.namespace ?? '', metadata.name, metadata.uid ?? '', podIP);
    })
    .sort();
}

export function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

function replay(changes: readonly RecordChange<PodRecord>[]): Iterable<PodRecord> {
  const pods = new Map<string, PodRecord>();
  for (const { kind, record } of changes) {
    if (kind === 'removed') pods.delete(record.uid);
    else pods.set(record.uid, record);
  }
  return pods.values();
}

function linesOf(pods: Iterable<PodRecord>): string[] {
  return [...pods].map((pod) => line(pod.namespace, pod.name, pod.uid, pod.ip)).sort();
}

function line(namespace: string, name: string, uid: string, ip: string): string {
  return `${namespace}/${name} ${uid} ${ip}`;
}
