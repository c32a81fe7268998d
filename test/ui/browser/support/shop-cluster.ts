import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FakeApiServer, startFakeApiServer } from '../../../support/fake-api-server.ts';
import { namespaceObject, ownedBy, podObject, workloadObject } from '../../../support/kubernetes-objects.ts';
import { type PprofServer, type ScriptedReply, startPprofServer } from '../../../support/pprof-server.ts';

/** An API server with what people have on theirs: what is scraped, and what is not, for reasons that can be explained. */
export interface ShopCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Serves recorded profiles below `/up`; all else is refused with a page. */
  readonly programsUrl: string;
}

interface ClusterWorkload {
  readonly namespace?: string;
  readonly name: string;
  readonly pods: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** Something listens where its profiles are asked for. */
  readonly isUp?: boolean;
}

const port = 6060;
const scraped = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/transport': 'port-forward' };

const workloads: readonly ClusterWorkload[] = [
  { name: 'catalog', pods: 2, annotations: scraped, isUp: true },
  { name: 'ledger', pods: 1, annotations: scraped },
  // A slip of the pen.
  { name: 'payments', pods: 2, annotations: { 'flameherd.dev/scrap': 'true' } },
  { name: 'frontend', pods: 1, annotations: {} },
  { name: 'reports', pods: 1, annotations: { 'flameherd.dev/scrape': 'false' } },
  { name: 'invoices', pods: 0, annotations: scraped },
  { namespace: 'kube-system', name: 'coredns', pods: 1, annotations: scraped },
];

export async function startShopCluster(): Promise<ShopCluster> {
  const programs = await servePrograms();
  const api = await startFakeApiServer();
  for (const namespace of ['shop', 'kube-system']) api.put(namespaceObject(namespace));
  workloads.forEach((workload, at) => putWorkload(api, workload, at, programs.port));
  return {
    kubeconfig: api.kubeconfig(),
    programsUrl: programs.url,
    async [Symbol.asyncDispose]() {
      await api.close();
      await programs.close();
    },
  };
}

function putWorkload(
  api: FakeApiServer,
  { namespace = 'shop', name, pods, annotations, isUp = false }: ClusterWorkload,
  at: number,
  programsPort: number,
): void {
  const hash = `5d7c9f${at}b8`;
  const deployment = api.put(workloadObject('Deployment', namespace, name, { annotations }));
  const replicaSet = api.put(
    workloadObject('ReplicaSet', namespace, `${name}-${hash}`, { ownerReferences: ownedBy(deployment) }),
  );
  for (let pod = 0; pod < pods; pod++) {
    const podName = `${name}-${hash}-${['x2k9d', 'q7wvz', 'm4htn'][pod]}`;
    if (isUp) api.streams.listen(namespace, podName, port, { port: programsPort });
    api.put(
      podObject(namespace, podName, {
        uid: `uid-${podName}`,
        ip: `10.99.${at}.${pod + 1}`,
        labels: { app: name, 'pod-template-hash': hash },
        annotations,
        ownerReferences: ownedBy(replicaSet),
        ports: [{ name: 'pprof', containerPort: port }],
        image: `registry.example.com/shop/${name}:2.${at}.0`,
      }),
    );
  }
}

async function servePrograms(): Promise<PprofServer> {
  const recorded = resolve(import.meta.dirname, '../../../fixtures/recorded');
  const files = { profile: 'cpu', heap: 'heap', goroutine: 'goroutine', block: 'block', mutex: 'mutex' };
  const replies = new Map<string, ScriptedReply>();
  for (const [path, kind] of Object.entries(files)) {
    const bytes = await readFile(join(recorded, `search.${kind}.pb.gz`));
    for (const folder of ['', '/up']) replies.set(`${folder}/debug/pprof/${path}`, { kind: 'profile', bytes });
  }
  const refused: ScriptedReply = {
    kind: 'status',
    status: 403,
    text: '<html><head><title>403</title></head><body><h1>Forbidden</h1>profiles need a login here</body></html>\n',
    headers: { 'content-type': 'text/html; charset=utf-8' },
  };
  return startPprofServer(({ path }) => replies.get(path) ?? refused);
}
