import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

const podsPerDeployment = 10;

/** A cluster too large to be held as objects: each pod is 11 KB of JSON, written when it is asked for. */
export interface LargeCluster extends AsyncDisposable {
  readonly port: number;
  /** Annotates this many Deployments, as told to their open watch. */
  optIn(deployments: number): void;
}

export async function startLargeCluster(pods: number, watchList: boolean): Promise<LargeCluster> {
  let deploymentWatch: ServerResponse | undefined;
  const tls = { key: fixture('server.key'), cert: fixture('server.crt') };
  const server: Server = createServer(tls, (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
    const plural = pathname.split('/').at(-1) ?? '';
    const count = plural === 'pods' ? pods : plural === 'deployments' ? pods / podsPerDeployment : 0;
    const object = plural === 'pods' ? podText : deploymentText;
    const initial = query.get('sendInitialEvents') === 'true';
    if (initial && !watchList) {
      response.writeHead(422).end('{"code":422}');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (plural === 'deployments') deploymentWatch = response;
    if (initial) void sendInitialEvents(response, count, object);
    else if (query.get('watch') !== 'true') void sendPage(response, count, query, object);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    optIn(deployments) {
      for (let i = 0; i < deployments; i++) {
        const object = deploymentText(i, { 'flameherd.dev/scrape': 'true' });
        deploymentWatch?.write(`{"type":"MODIFIED","object":${object}}\n`);
      }
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/kubernetes-tls/${name}`, import.meta.url));
}

async function sendInitialEvents(
  response: ServerResponse,
  count: number,
  object: (i: number) => string,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (response.write(`{"type":"ADDED","object":${object(i)}}\n`)) continue;
    await once(response, 'drain');
  }
  const metadata = '{"resourceVersion":"900000","annotations":{"k8s.io/initial-events-end":"true"}}';
  response.write(`{"type":"BOOKMARK","object":{"metadata":${metadata}}}\n`);
}

async function sendPage(
  response: ServerResponse,
  count: number,
  query: URLSearchParams,
  object: (i: number) => string,
): Promise<void> {
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(count, from + Number(query.get('limit') ?? count));
  const metadata = { resourceVersion: '900000', continue: to < count ? String(to) : '' };
  response.write(`{"kind":"List","metadata":${JSON.stringify(metadata)},"items":[`);
  for (let i = from; i < to; i++) {
    if (!response.write(`${i > from ? ',' : ''}${object(i)}`)) await once(response, 'drain');
  }
  response.end(']}');
}

const uidOf = (kind: number, i: number) => `0000000${kind}-0000-4000-8000-${String(i).padStart(12, '0')}`;
const hexOf = (i: number) => i.toString(16).padStart(64, '0');

/** The parts of a pod that are alike in all of them: environment, probes, mounts, managed fields. */
const environment = Array.from({ length: 30 }, (_, i) => ({
  name: `ENV_VAR_NAME_${i}`,
  value: `some-value-for-var-${i}`,
}));
const managedFields = Array.from({ length: 2 }, () => ({
  manager: 'kube-controller-manager',
  fieldsV1: Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`f:field-name-${i}`, { '.': {}, 'f:name': {}, 'f:value': {} }]),
  ),
}));

function podText(i: number): string {
  const app = Math.floor(i / podsPerDeployment);
  const namespace = `ns-${app % 200}`;
  const container = (name: string) => ({
    name,
    image: `registry.example.com/team/${name}-${app % 400}:v1.${app % 9}.0`,
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'pprof', containerPort: 6060, protocol: 'TCP' },
    ],
    env: environment,
    resources: { limits: { cpu: '2', memory: '3Gi' }, requests: { cpu: '100m', memory: '3Gi' } },
  });
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `app-${app}-7d9f8b6c5d-${i.toString(36).padStart(5, 'x')}`,
      namespace,
      uid: uidOf(1, i),
      resourceVersion: String(1000 + i),
      creationTimestamp: '2026-11-20T10:00:00Z',
      labels: { 'app.kubernetes.io/name': `app-${app}`, 'pod-template-hash': '7d9f8b6c5d' },
      annotations: { 'kubernetes.io/config.seen': '2026-11-20T10:00:00.123456789Z' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `app-${app}-7d9f8b6c5d`,
          uid: uidOf(2, app),
          controller: true,
        },
      ],
      managedFields,
    },
    spec: {
      nodeName: `node-${i % 1000}`,
      serviceAccountName: 'default',
      containers: [container('app'), container('sidecar')],
    },
    status: {
      phase: 'Running',
      podIP: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
      podIPs: [{ ip: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}` }],
      containerStatuses: ['app', 'sidecar'].map((name, index) => ({
        name,
        imageID: `registry.example.com/team/${name}@sha256:${hexOf(app % 400)}`,
        containerID: `containerd://${hexOf(2 * i + index)}`,
        state: { running: { startedAt: '2026-11-20T10:00:04Z' } },
      })),
    },
  });
}

function deploymentText(i: number, annotations: Record<string, string> = {}): string {
  return JSON.stringify({
    apiVersion: 'meta.k8s.io/v1',
    kind: 'PartialObjectMetadata',
    metadata: { name: `app-${i}`, namespace: `ns-${i % 200}`, uid: uidOf(3, i), resourceVersion: '1001', annotations },
  });
}
