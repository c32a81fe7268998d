import { type KubernetesClient, openKubernetes } from '../../src/kubernetes/client.ts';
import { messageOf } from '../../src/model/errors.ts';
import { type Logger, silentLogger } from '../../src/observe/logger.ts';
import type { PodToReach } from '../../src/sidecar/pod-api.ts';
import { SidecarError } from '../../src/sidecar/sidecar-error.ts';
import { type SidecarSettings, Sidecars } from '../../src/sidecar/sidecars.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';
import { type EphemeralScript, type EphemeralSpec, ephemeralIn, running, startFakeKubelet } from './fake-kubelet.ts';
import { podObject } from './kubernetes-objects.ts';

export const startMs = Date.parse('2026-11-22T12:00:00Z');
export const image = `registry.example.com/tools/flameherd-sidecar@sha256:${'0a'.repeat(32)}`;

export interface CollectorOptions {
  readonly by?: string;
  readonly image?: string;
  readonly settings?: Partial<SidecarSettings>;
  readonly namespaceRefusal?: (namespace: string) => string | undefined;
}

export interface Collector {
  readonly sidecars: Sidecars;
  readonly logged: readonly { readonly level: string; readonly message: string; readonly fields: unknown }[];
  /** The container, or `reason: message` of the failure. */
  readonly ask: (pod: PodToReach) => Promise<string>;
}

/** A cluster with a kubelet for ephemeral containers, a clock that only waiting moves, and any number of collectors. */
export class SidecarCluster implements AsyncDisposable {
  readonly server: FakeApiServer;
  nowMs = startMs;
  readonly #client: KubernetesClient;
  readonly #stack: AsyncDisposableStack;

  static async start(script: EphemeralScript = () => running): Promise<SidecarCluster> {
    const stack = new AsyncDisposableStack();
    const server = stack.use(await startFakeApiServer());
    const client = await openKubernetes({ kubeconfig: server.kubeconfig() });
    stack.defer(() => client.close());
    stack.use(startFakeKubelet(server, script));
    return new SidecarCluster(server, client, stack);
  }

  private constructor(server: FakeApiServer, client: KubernetesClient, stack: AsyncDisposableStack) {
    this.server = server;
    this.#client = client;
    this.#stack = stack;
  }

  /** A running pod. */
  pod(
    name: string,
    changes: { annotations?: Record<string, string>; spec?: object; status?: object } = {},
  ): PodToReach {
    const { annotations = {}, spec = {}, status = {} } = changes;
    const object = podObject('shop', name, { annotations });
    const { metadata } = this.server.put({
      ...object,
      spec: { ...(object['spec'] as object), ...spec },
      status: { ...(object['status'] as object), ...status },
    });
    return { namespace: 'shop', name, uid: metadata.uid ?? '' };
  }

  collector(options: CollectorOptions = {}): Collector {
    const logged: { level: string; message: string; fields: unknown }[] = [];
    const level = (name: string) => (message: string, fields?: unknown) =>
      void logged.push({ level: name, message, fields });
    const log: Logger = { ...silentLogger, info: level('info'), warn: level('warn') };
    const sidecars = this.#stack.use(
      new Sidecars({
        client: this.#client,
        image: options.image ?? image,
        by: options.by ?? 'node-1/c0ffee',
        namespaceRefusal: options.namespaceRefusal ?? (() => undefined),
        log,
        ...(options.settings ? { settings: options.settings } : {}),
        now: () => this.nowMs,
        sleep: async (ms) => {
          this.nowMs += ms;
          await new Promise((resolve) => setImmediate(resolve));
        },
      }),
    );
    return {
      sidecars,
      logged,
      ask: (pod) =>
        sidecars.ensure(pod, 3_600_000, new AbortController().signal).catch((error: unknown) => {
          if (error instanceof SidecarError) return `${error.reason}: ${error.message}`;
          return `threw ${messageOf(error)}`;
        }),
    };
  }

  /** The ephemeral containers in the pod's spec. */
  entries(pod: PodToReach): readonly EphemeralSpec[] {
    return ephemeralIn(this.server.store.get('Pod', pod.namespace, pod.name));
  }

  /** How the API was written to: `patch pods/ephemeralcontainers dryRun`, … */
  writes(): string[] {
    return this.server.requests
      .filter(({ verb }) => verb !== 'get' && verb !== 'list' && verb !== 'watch')
      .map(({ verb, plural, query }) => `${verb} ${plural}${query['dryRun'] ? ' dryRun' : ''}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
