import { startFakeApiServer } from '../../test/support/fake-api-server.ts';
import { namespaceObject, ownedBy, podObject, workloadObject } from '../../test/support/kubernetes-objects.ts';
import type { ClusterAnswer, ClusterOrder } from './cluster-messages.ts';
import { SoakPod, servePods } from './pods.ts';
import { Program } from './programs.ts';

/**
 * An API server and its pods, in a process of its own: Deployments of ten pods that serve pprof on addresses of their own. One
 * of ten listens on its loopback only, and is asked by port-forward.
 */
const [targets = '0'] = process.argv.slice(2);
const podsOfWorkload = 10;
const workloadsOfNamespace = 10;
const api = await startFakeApiServer();
const pods = new Map<string, SoakPod>();
let addresses = 0;
const server = await servePods(pods);

for (let number = 0; number < Number(targets) / podsOfWorkload; number++) {
  const namespace = `team-${Math.floor(number / workloadsOfNamespace)}`;
  const name = `service-${number}`;
  if (number % workloadsOfNamespace === 0) api.put(namespaceObject(namespace));
  const annotations = { 'flameherd.dev/scrape': 'true' };
  const deployment = api.put(workloadObject('Deployment', namespace, name, { annotations }));
  api.put(workloadObject('ReplicaSet', namespace, `${name}-1`, { ownerReferences: ownedBy(deployment) }));
  const program = new Program(name);
  const count = Math.min(podsOfWorkload, Number(targets) - number * podsOfWorkload);
  for (let pod = 0; pod < count; pod++) await add({ namespace, workload: name, name: `${name}-1-${pod}`, program });
}

async function add(facts: Pick<SoakPod, 'namespace' | 'workload' | 'name' | 'program'>): Promise<void> {
  const number = addresses++;
  const address = `10.32.${number >> 8}.${number & 255}`;
  const pod = new SoakPod({ ...facts, address });
  const byForward = number % 10 === 9;
  pods.set(address, pod);
  const { namespace, name, workload } = facts;
  if (byForward) api.streams.listen(namespace, name, 6060, { port: await server.loopbackOf(pod), onLoopback: true });
  const owner = api.store.get('ReplicaSet', namespace, `${workload}-1`);
  const object = podObject(namespace, name, {
    uid: `uid-${name}`,
    ip: address,
    labels: { 'pod-template-hash': '1' },
    startedAt: new Date().toISOString(),
    annotations: byForward ? { 'flameherd.dev/transport': 'port-forward' } : {},
    ...(owner ? { ownerReferences: ownedBy(owner) } : {}),
  });
  api.put({ ...object, spec: { ...(object['spec'] as object), nodeName: `node-${number % 10}` } });
}

/** As a roll-out or a lost node would. */
async function replace(count: number): Promise<void> {
  const old = pods
    .values()
    .filter(({ isReplacement }) => !isReplacement)
    .take(count)
    .toArray();
  for (const pod of old) {
    api.delete('Pod', pod.namespace, pod.name);
    pods.delete(pod.address);
    pod.isGone = true;
    const { namespace, workload, name, program } = pod;
    await add({ namespace, workload, name: `${name}-again`, program });
  }
}

const orders: Readonly<Record<ClusterOrder['do'], (order: ClusterOrder) => unknown>> = {
  'api-down': () => api.down(),
  'api-up': () => api.listen(),
  replace: (order) => (order.do === 'replace' ? replace(order.pods) : undefined),
  quiet: () => {
    server.isQuiet = true;
  },
  tell: () => undefined,
};

function answer(full: boolean): void {
  const replaced = pods
    .values()
    .filter(({ isReplacement }) => isReplacement)
    .map(({ name, firstAskedMs }) => ({ pod: name, firstAskedMs }));
  const told: ClusterAnswer = {
    kubeconfig,
    served: full ? server.served : [],
    replaced: full ? replaced.toArray() : [],
  };
  process.send?.(told);
}

const kubeconfig = api.kubeconfig();
process.on('message', (order: ClusterOrder) => {
  void Promise.resolve(orders[order.do](order)).then(() => answer(order.do === 'tell'));
});
process.on('disconnect', () => process.exit());
answer(false);
