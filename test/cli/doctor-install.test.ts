import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterLists, KubeItem } from '../../src/cli/doctor-lists.ts';
import { podFindings, statefulSetFindings } from '../../src/cli/doctor-pods.ts';
import { serviceMonitorFindings } from '../../src/cli/doctor-prometheus.ts';
import { claimFindings } from '../../src/cli/doctor-volumes.ts';
import type { Finding } from '../../src/cli/finding.ts';

/** A cluster that answers lists by the end of their path; what it does not name may not be read. */
const cluster = (byEnd: Readonly<Record<string, readonly object[]>> = {}): ClusterLists => ({
  list: async (path) => byEnd[path.slice(path.lastIndexOf('/') + 1)],
});

function drawn(findings: readonly Finding[]): string {
  return findings
    .map(({ what, verdict, detail, hint }) => `${verdict} ${what}: ${detail}${hint ? ` | ${hint}` : ''}`)
    .join('\n');
}

const named = (name: string, more: object = {}): KubeItem => ({ metadata: { namespace: 'flameherd', name, ...more } });
const claim = (phase: string, spec: Readonly<Record<string, unknown>> = {}): KubeItem => ({
  ...named('data-flameherd-0'),
  spec,
  status: { phase },
});
const storageClass = (name: string, isDefault = false, volumeBindingMode = 'Immediate') => ({
  metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) } },
  volumeBindingMode,
});

const claims: readonly (readonly [
  what: string,
  claim: KubeItem,
  classes: readonly object[] | undefined,
  told: RegExp,
])[] = [
  ['is bound', claim('Bound'), [], /^good volume: claim flameherd\/data-flameherd-0 is bound$/],
  [
    'names no class where there is none',
    claim('Pending'),
    [],
    /^bad volume: .* none is the default; there is none at all \| .*persistence\.storageClass.*persistence\.enabled=false/,
  ],
  [
    'names no class where none is the default',
    claim('Pending'),
    [storageClass('fast')],
    /none is the default; there are fast \|/,
  ],
  [
    'names a class that is not there',
    claim('Pending', { storageClassName: 'gold' }),
    [storageClass('fast')],
    /there is no storage class gold \|/,
  ],
  [
    'waits for its pod',
    claim('Pending', { storageClassName: 'fast' }),
    [storageClass('fast', true, 'WaitForFirstConsumer')],
    /^note volume: .* waits for its pod \|/,
  ],
  [
    'waits for its provisioner',
    claim('Pending', { storageClassName: 'fast' }),
    [storageClass('fast')],
    /nothing has made its volume \| the provisioner of fast .*kubectl -n flameherd describe pvc data-flameherd-0/,
  ],
  [
    'wants a volume by hand',
    claim('Pending', { storageClassName: '' }),
    [],
    /it wants a volume made by hand \| make a PersistentVolume/,
  ],
  ['wants a volume by name', claim('Pending', { volumeName: 'old' }), [], /it wants the volume old/],
  ['is not told of classes', claim('Pending'), undefined, /it has no storage class yet/],
  ['has lost its volume', claim('Lost'), [], /^bad volume: .* has lost its volume \| .*restore a backup/],
];
for (const [what, given, classes, told] of claims) {
  test(`a claim that ${what} is told so`, async () => {
    assert.match(
      drawn(await claimFindings([given], cluster(classes === undefined ? {} : { storageclasses: classes }))),
      told,
    );
  });
}

const monitor = (labels: Readonly<Record<string, string>> = {}): KubeItem => named('flameherd', { labels });
const prometheus = (selector: object | undefined) => ({
  ...named('stack'),
  spec: selector === undefined ? {} : { serviceMonitorSelector: selector },
});
const monitors: readonly (readonly [
  what: string,
  monitor: KubeItem,
  servers: readonly object[] | undefined,
  told: RegExp,
])[] = [
  [
    'has the label',
    monitor({ release: 'kps' }),
    [prometheus({ matchLabels: { release: 'kps' } })],
    /^good .* is selected by Prometheus flameherd\/stack$/,
  ],
  ['is one of all', monitor(), [prometheus({})], /^good /],
  [
    'has another label',
    monitor({ release: 'x' }),
    [prometheus({ matchLabels: { release: 'kps' } })],
    /^bad ServiceMonitor: .* \| flameherd\/stack wants release: kps: set serviceMonitor\.labels/,
  ],
  ['meets a Prometheus without a selector', monitor(), [prometheus(undefined)], /^bad /],
  ['has no Prometheus', monitor(), [], /^note .* is selected by nobody/],
  ['has a label, and nobody says who selects', monitor({ release: 'kps' }), undefined, /^good .* has release: kps$/],
  ['has no label, and nobody says who selects', monitor(), undefined, /^note .* no label release/],
];
for (const [what, given, servers, told] of monitors) {
  test(`a ServiceMonitor that ${what} is told so`, async () => {
    assert.match(
      drawn(await serviceMonitorFindings([given], cluster(servers === undefined ? {} : { prometheuses: servers }))),
      told,
    );
  });
}

const good = {
  name: 'flameherd',
  securityContext: { readOnlyRootFilesystem: true },
  volumeMounts: [{ mountPath: '/tmp' }],
  resources: { limits: { memory: '1Gi' } },
  env: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=768' }],
};
const set = (
  container: object,
  { fsGroup = 65532, ready = 1 }: { fsGroup?: number | undefined; ready?: number } = {},
): KubeItem => ({
  ...named('flameherd'),
  spec: {
    replicas: 1,
    volumeClaimTemplates: [{}],
    template: { spec: { securityContext: fsGroup === 0 ? {} : { fsGroup }, containers: [container] } },
  },
  status: { readyReplicas: ready },
});

test('a StatefulSet that is as it should be is good; several are told of', async () => {
  assert.equal(
    drawn(await statefulSetFindings([set(good)], cluster())),
    'good install: StatefulSet flameherd/flameherd: 1 of 1 ready',
  );
  assert.match(
    drawn(await statefulSetFindings([set(good), set(good)], cluster())),
    /^note install: 2 collectors: flameherd\/flameherd, flameherd\/flameherd/m,
  );
});

test('a template without fsGroup, without /tmp, or with a heap beyond its limit is told with what to set', async () => {
  const told = async (container: object, more = {}) =>
    drawn(await statefulSetFindings([set(container, more)], cluster()));
  assert.match(await told(good, { fsGroup: 0 }), /^note install: .* no fsGroup \| .*fsGroup: 65532$/);
  assert.match(await told({ ...good, volumeMounts: [] }), /read-only root and no \/tmp \| mount an emptyDir/);
  assert.match(
    await told({ ...good, env: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=1000' }] }),
    /--max-old-space-size=768/,
  );
});

test('a set whose pod PodSecurity refuses is told with what the API server said, once', async () => {
  const message = 'create Pod flameherd-0 failed: violates PodSecurity "restricted:latest": runAsNonRoot != true';
  const lists = cluster({ events: [{ message }, { message }] });
  assert.match(
    drawn(await statefulSetFindings([set(good, { ready: 0 })], lists)),
    /^bad install: StatefulSet flameherd\/flameherd may not make its pod: create Pod .*PodSecurity.* \| [^\n]*restricted[^\n]*$/,
  );
});

const pods: readonly (readonly [what: string, status: Readonly<Record<string, unknown>>, told: RegExp])[] = [
  ['runs', { containerStatuses: [{ name: 'a', state: { running: {} } }] }, /^$/],
  ['starts', { containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ContainerCreating' } } }] }, /^$/],
  [
    'waits for its volume',
    {
      conditions: [
        { type: 'PodScheduled', status: 'False', message: 'pod has unbound immediate PersistentVolumeClaims' },
      ],
    },
    /^bad pod: .* not scheduled: .* \| its volume is missing/,
  ],
  [
    'has no image',
    { containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }] },
    /a waits: ErrImagePull not found \| build and push the image/,
  ],
  [
    'runs as root',
    { containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CreateContainerConfigError' } } }] },
    /\| the image has to run as a number/,
  ],
  [
    'was killed for its memory',
    {
      containerStatuses: [
        { name: 'a', restartCount: 3, state: {}, lastState: { terminated: { reason: 'OOMKilled' } } },
      ],
    },
    /a was killed for its memory, 3 restarts \| raise resources\.limits\.memory/,
  ],
];
for (const [what, status, told] of pods) {
  test(`a pod that ${what} is told so`, () =>
    assert.match(drawn(podFindings([{ ...named('flameherd-0'), status }])), told));
}
