import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpuProfile, heapProfile } from '../../test/support/app-counters.ts';
import { startFakeApiServer } from '../../test/support/fake-api-server.ts';
import { namespaceObject, podObject } from '../../test/support/kubernetes-objects.ts';

/** An API server with so many pods on so many nodes, each opted in by port-forward; told `open?`, it says how many websockets are. */
const [pods = '0', nodes = '1'] = process.argv.slice(2);
const api = await startFakeApiServer();
const cpu = cpuProfile(1000);
const heap = heapProfile(1000);
// As Go's server does it: a connection that is idle is never closed from that end.
const pprof = createServer((request, response) => {
  const seconds = /[?&]seconds=(\d+)/.exec(request.url ?? '')?.[1];
  setTimeout(() => response.end(seconds === undefined ? heap : cpu), Number(seconds ?? 0) * 1000);
});
pprof.keepAliveTimeout = 0;
pprof.listen(0, '127.0.0.1');
await once(pprof, 'listening');
const { port } = pprof.address() as AddressInfo;
api.put(namespaceObject('shop'));
for (let i = 0; i < Number(pods); i++) {
  const name = `pod-${i}`;
  const annotations = { 'flameherd.dev/scrape': 'true', 'flameherd.dev/transport': 'port-forward' };
  const ip = `10.99.${i >> 8}.${i & 255}`;
  const pod = podObject('shop', name, { uid: name, ip, annotations });
  const spec = { ...(pod['spec'] as object), nodeName: `node-${i % Number(nodes)}` };
  api.put({ ...pod, spec });
  api.streams.listen('shop', name, 6060, { port, onLoopback: true });
}
process.on('message', () => process.send?.({ open: api.streams.open }));
process.on('disconnect', () => process.exit());
process.send?.({ kubeconfig: api.kubeconfig() });
