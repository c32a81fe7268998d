import type { TestContext } from 'node:test';
import { type Growth, openGrowth } from '../../src/app/growth.ts';
import type { Authenticator, Caller } from '../../src/auth/caller.ts';
import type { Permission } from '../../src/auth/permission.ts';
import { configOf } from '../../src/config/load.ts';
import { explain } from '../../src/discovery/explain.ts';
import { snapTarget } from '../../src/discovery/snap-target.ts';
import type { HttpApp } from '../../src/http/context.ts';
import type { HttpDeps } from '../../src/http/deps.ts';
import { FlameherdError } from '../../src/model/errors.ts';
import { functionId } from '../../src/model/function-id.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { answerQuestion } from '../../src/query/engine-local.ts';
import type { StoredType } from '../../src/store/profile-store.ts';
import { openSqliteGrowth } from '../../src/store/sqlite/growth/growth.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { openSqliteState } from '../../src/store/sqlite/state.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import { eventually } from './daemon.ts';
import { defaultDiscoveryRules, objectOf, ours, podOf } from './discovery-records.ts';
import { FakeCluster } from './discovery-view.ts';
import { floorsOf, line } from './growth-floors.ts';
import { type Asked, injected, minute, nowMs, pprofBytes, targetStatus } from './http-fakes.ts';
import type { Tenant } from './isolation-tenants.ts';
import { storeDir } from './store-dirs.ts';
import { cpuTypes, heapTypes, type RecordInput, recordOf } from './store-records.ts';

/** A daemon's API over a real store, real growth and a cluster in memory, with what some tenants have in it. */
export interface World {
  readonly app: HttpApp;
  readonly asked: Asked;
  /** Of the single profiles, by tenant. */
  readonly profileIds: ReadonlyMap<string, readonly string[]>;
  /** Of the events of growth, by tenant. */
  readonly eventIds: ReadonlyMap<string, readonly string[]>;
}

export async function worldOf(t: TestContext, tenants: readonly Tenant[]): Promise<World> {
  const dataDir = storeDir();
  await store(dataDir, tenants);
  const reader = openSqliteReader({ dataDir });
  t.after(() => reader[Symbol.asyncDispose]());
  const query: HttpDeps['query'] = {
    // As it crosses to a thread.
    ask: async (question) => answerQuestion(reader, structuredClone(question), nowMs),
  };
  const growth = await judge(t, dataDir, tenants);
  const cluster = clusterOf(tenants);
  const targets = tenants.flatMap(({ pods, namespace, workloads: [workload = ''] }) =>
    pods.map((pod, at) => {
      const status = targetStatus(pod, at % 2 === 0 ? 'up' : 'down');
      return {
        ...status,
        target: { ...status.target, labels: { namespace, workload, workload_kind: 'Deployment', pod } },
      };
    }),
  );
  const { app, asked } = await injected(
    t,
    {
      query,
      growth,
      targets: () => targets,
      asked: (kind) =>
        targets.map(({ target: { labels, process } }) => ({
          processId: process.id,
          labels,
          startedMs: nowMs - 90 * minute,
          isAsked: true,
          intervalMs: minute,
          failures: [{ atMs: nowMs - 7 * minute, kind, reason: 'timeout', message: `${labels.pod} did not answer` }],
          failuresFromMs: nowMs - 90 * minute,
        })),
      explain: (subject, namespaces) =>
        explain(subject, {
          view: cluster,
          namespaces,
          rules: defaultDiscoveryRules,
          probe: () => undefined,
          optInRemovedAt: () => undefined,
          current: () => [],
        }),
      snap: async (request) => {
        const { target } = snapTarget(request, { view: cluster, rules: defaultDiscoveryRules, probe: () => undefined });
        const { labels } = target;
        return { bytes: pprofBytes, id: '1-1', labels, transport: 'direct', transportReason: 'the pod answers' };
      },
      pauses: () => tenants.map(({ namespace, workloads: [workload] }) => ({ namespace, workload })),
      sidecars: () => ({
        enabled: true,
        pods: tenants.flatMap(({ namespace, pods }) => pods.map((pod) => podWithSidecar(namespace, pod))),
        breakers: tenants.flatMap(({ namespace, pods: [pod = ''] }) => breakersOf(namespace, pod)),
      }),
      reload: async () => ({ live: [], needRestart: [] }),
    },
    {
      authenticator: callers,
      metricsAuth: true,
      limits: { bodyBytes: 64 * 1024, queryTimeoutMs: 30_000, callers: unlimited },
    },
  );
  return { app, asked, ...idsOf(reader, growth, tenants) };
}

const unlimited = { requestsPerSecond: 1e6, concurrent: 1e6, failuresPerMinute: 1e6 };

function idsOf(
  reader: ReturnType<typeof openSqliteReader>,
  growth: Growth,
  tenants: readonly Tenant[],
): Pick<World, 'profileIds' | 'eventIds'> {
  const window = { fromMs: 0, toMs: nowMs };
  const profilesOf = ({ namespace }: Tenant): string[] =>
    ['cpu', 'heap'].flatMap((kind) => {
      const matchers = [{ name: 'namespace', operator: '=', value: namespace } as const];
      return reader.profiles({ kind, matchers }, window, 1000).map(({ id }) => id);
    });
  const eventsOf = ({ namespace }: Tenant): string[] => growth.events({ namespace, limit: 100 }).map(({ id }) => id);
  return {
    profileIds: new Map(tenants.map((tenant) => [tenant.namespace, profilesOf(tenant)])),
    eventIds: new Map(tenants.map((tenant) => [tenant.namespace, eventsOf(tenant)])),
  };
}

/** Profiles of all tenants in the order of their time, so that series of one lie among those of another. */
async function store(dataDir: string, tenants: readonly Tenant[]): Promise<void> {
  await using writer = openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER },
    now: () => nowMs,
  });
  const records = tenants.flatMap(recordsOf).toSorted((a, b) => a.stampMs - b.stampMs);
  const outcomes = writer.append(records.map(recordOf));
  const refused = outcomes.find(({ kind }) => kind !== 'stored');
  if (refused) throw new Error(`not stored: ${JSON.stringify(refused)}`);
}

function recordsOf(tenant: Tenant): RecordInput[] {
  const { namespace, workloads, pods, functions, label, sampleLabel, revisions, sinceMinutes, offsetMs, weight } =
    tenant;
  const [main = '', work = '', leaf = ''] = functions;
  const records: RecordInput[] = [];
  for (const [index, pod] of pods.entries()) {
    const workload = workloads[index % workloads.length] ?? '';
    const [name, value] = label;
    for (let ago = sinceMinutes; ago > 3; ago -= 5) {
      const revision = revisions[ago > sinceMinutes / 2 ? 0 : 1] ?? '';
      const labels = {
        namespace,
        workload,
        workload_kind: 'Deployment',
        service_name: workload,
        container: 'app',
        pod,
        revision,
        [name]: value,
      };
      const common = {
        labels,
        process: `${namespace}/${pod}/${revision}`,
        slot: `${namespace}/${pod}/app`,
        stampMs: nowMs - ago * minute + offsetMs + index,
        intervalMs: 5 * minute,
        startedMs: nowMs - (sinceMinutes + 1) * minute,
      };
      const [key, text] = sampleLabel;
      const stacks = [`${main};${work};${leaf}`, `${main};${work}{${key}=${text}}`, main];
      const valuesOf = (types: number) =>
        Object.fromEntries(
          stacks.map((stack, at) => [
            stack,
            Array.from({ length: types }, (_, type) => weight * (at + 1) + type + ago),
          ]),
        );
      records.push({ ...common, kind: 'cpu', types: cpuTypes, spanMs: 10_000, samples: valuesOf(cpuTypes.length) });
      const { kind } = tenant;
      if (kind !== undefined) records.push({ ...common, kind, types: typesOf(kind), samples: valuesOf(1) });
      records.push({
        ...common,
        kind: 'heap',
        types: heapTypes,
        spanMs: 5 * minute,
        samples: valuesOf(heapTypes.length),
      });
    }
  }
  return records;
}

function typesOf(kind: string): StoredType[] {
  return [{ type: kind.replace('kind', 'sample'), unit: 'count', temporality: 'gauge' }];
}

async function judge(t: TestContext, dataDir: string, tenants: readonly Tenant[]): Promise<Growth> {
  const floors = openSqliteGrowth({ dataDir, synchronous: 'normal' });
  t.after(() => floors[Symbol.asyncDispose]());
  for (const { namespace, workloads, functions, pods } of tenants) {
    for (const [at, workload] of workloads.entries()) {
      // One of them leaks.
      const life = { namespace, workload, pod: pods[0] ?? '', from: -72, to: 72 };
      const held = { [functions[1] ?? '']: line(20, at === 0 ? 30 : 0), [functions[2] ?? '']: line(100) };
      floors.saveFloors(10 * minute, 'live', floorsOf({ ...life, functions: held }));
    }
  }
  const growth = openGrowth({
    config: configOf([{ data: dataDir }]).config,
    state: openSqliteState({ dataDir, synchronous: 'normal' }),
    ingest: { saveFloors: async () => {} },
    query: {
      ask: async (question) => ({ kind: 'answer', contentType: 'x', body: Buffer.from(JSON.stringify(question)) }),
    },
    targets: () => [],
    tellers: { tell: () => {}, numbers: () => ({ webhookFailures: 0, kubernetesEventsDropped: 0 }) },
    linkOf: ({ id }) => `/a/${id}`,
    functionName: (id, namespaces) => functionIn(tenants, id, namespaces),
    logger: silentLogger,
    now: () => nowMs,
  });
  t.after(() => growth[Symbol.asyncDispose]());
  await growth.run();
  const isWhole = () => growth.events({ limit: 100 }).every(({ profiles }) => profiles !== undefined);
  await eventually(async () => isWhole(), 30_000, 'profiles of all events');
  return growth;
}

/** The functions of live workloads. */
function functionIn(
  tenants: readonly Tenant[],
  id: string,
  namespaces: ReadonlySet<string> | undefined,
): string | undefined {
  return tenants
    .filter(({ namespace }) => namespaces?.has(namespace) ?? true)
    .flatMap(({ functions }) => functions)
    .find((name) => functionId(name, 'app') === id);
}

function clusterOf(tenants: readonly Tenant[]): FakeCluster {
  const cluster = new FakeCluster();
  for (const { namespace, pods, workloads, sharedPod } of tenants) {
    cluster.putNamespace(objectOf(namespace, { namespace: '' }));
    for (const name of workloads)
      cluster.putWorkload('Deployment', objectOf(name, { namespace, uid: `${namespace}/${name}` }));
    for (const name of [...pods, sharedPod]) {
      const annotations = ours({ scrape: 'true', port: '6060' });
      cluster.putPod(podOf({ namespace, name, uid: `${namespace}/${name}`, annotations, owner: undefined }));
    }
  }
  return cluster;
}

function podWithSidecar(namespace: string, pod: string) {
  const sidecar = {
    name: 'flameherd-1',
    image: `registry/${namespace}`,
    state: 'running',
    reason: '',
    by: 'c',
  } as const;
  const sidecars = [{ ...sidecar, sinceMs: nowMs - minute }];
  return { namespace, pod, uid: `uid-${pod}`, node: `node-of-${pod}`, attempts: 1, maxAttempts: 3, sidecars };
}

function breakersOf(namespace: string, pod: string) {
  const rest = { sinceMs: nowMs - minute, untilMs: nowMs + minute };
  return [
    { ...rest, scope: 'namespace', key: namespace, reason: `not admitted in ${namespace}` },
    { ...rest, scope: 'pod', key: `uid-${pod}`, reason: `${pod} ended at once` },
    { ...rest, scope: 'image', key: `["registry/${namespace}"]`, reason: `does not come in pod ${namespace}/${pod}` },
  ] as const;
}

/** `admin` may do everything; `NAME:namespace` may read, snap, pause and upload in it; whoever else is nobody anywhere. */
const callers: Authenticator = {
  async identify({ token }) {
    if (token === undefined) throw new FlameherdError('unauthorized', 'a token is needed');
    if (token === 'admin') return callerOf('admin', () => true, 'all');
    const [name = '', namespace] = token.split(':');
    const scope = new Set(namespace === undefined ? [] : [namespace]);
    return callerOf(
      name,
      (permission, where) => inNamespace.has(permission) && where !== undefined && scope.has(where),
      scope,
    );
  },
};
const inNamespace: ReadonlySet<Permission> = new Set(['read', 'snap', 'pause', 'upload']);

function callerOf(
  name: string,
  may: (permission: Permission, namespace: string | undefined) => boolean,
  scope: 'all' | ReadonlySet<string>,
): Caller {
  return {
    name,
    isProven: true,
    may: async (permission, namespace) => may(permission, namespace),
    scopeOf: async (permission) => (scope === 'all' || inNamespace.has(permission) ? scope : new Set()),
  };
}
