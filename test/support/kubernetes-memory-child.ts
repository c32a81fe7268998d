import { openKubernetes } from '../../src/kubernetes/client.ts';
import { ClusterWatch } from '../../src/kubernetes/cluster-watch.ts';

// Watches a cluster as a pod of it would, with the ServiceAccount in the folder given first; tells its parent when all is
// listed, waits for as many opted-in Deployments as the second argument says, finds their pods, and tells what it took.
const client = await openKubernetes({ inCluster: true, serviceAccountFolder: process.argv[2] ?? '' });
const watch = new ClusterWatch({ client });
const optedIn = new Set<string>();
watch.start();
await watch.ready(AbortSignal.timeout(120_000));
watch.onChange((batch) => {
  for (const { namespace, name } of batch.workloads) {
    const deployment = watch.workload('Deployment', namespace, name);
    if (deployment?.annotations['flameherd.dev/scrape'] === 'true') optedIn.add(`${namespace}/${name}`);
  }
  if (optedIn.size < Number(process.argv[3])) return;
  const pods = [...watch.pods()];
  const targets = pods.filter(({ namespace, owner }) =>
    optedIn.has(`${namespace}/${owner?.name.replace(/-[^-]+$/, '') ?? ''}`),
  );
  process.send?.({
    pods: pods.length,
    targets: targets.length,
    peakMb: process.resourceUsage().maxRSS / 1024,
    cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
  });
  void watch
    .stop()
    .then(() => client.close())
    .then(() => process.disconnect());
});
process.send?.('listed');
