import { randomBytes } from 'node:crypto';
import { startFakeApiServer } from '../../test/support/fake-api-server.ts';
import { podObject } from '../../test/support/kubernetes-objects.ts';
import { startPprofServer } from '../../test/support/pprof-server.ts';
import type { ClusterFacts } from './facts.ts';

/** The other end, in a process of its own: an API server, its pods, and the pprof that all of them serve. */
const [pods = '0', bytes = '0'] = process.argv.slice(2);
const body = randomBytes(Number(bytes));
body.set([0x1f, 0x8b]);
const api = await startFakeApiServer();
const pprof = await startPprofServer(() => ({ kind: 'profile', bytes: body }));
api.streams.exec = () => ({
  stdout: body,
  stderr: JSON.stringify({ status: 200, contentType: 'application/octet-stream' }),
});
const names = Array.from({ length: Number(pods) }, (_, i) => `pod-${i}`);
for (const name of names) {
  api.put(podObject('shop', name, { uid: name }));
  api.streams.listen('shop', name, pprof.port, { port: pprof.port });
}
const facts: ClusterFacts = {
  kubeconfig: api.kubeconfig(),
  host: '127.0.0.1',
  port: pprof.port,
  path: '/debug/pprof/heap',
  pods: names.map((name) => ({ namespace: 'shop', name })),
};
process.send?.(facts);
process.on('disconnect', () => process.exit());
