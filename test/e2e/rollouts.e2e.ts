import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/daemon.ts';
import { type Collector, isUp, startCollector } from '../support/e2e-collector.ts';
import { deployment, kubectl, kubectlApply, rolledOut, temporaryNamespace } from '../support/kubectl.ts';

const beforeImage = process.env['E2E_BEFORE_IMAGE'] ?? 'localhost/flameherd-prices-before:lab';
const afterImage = process.env['E2E_AFTER_IMAGE'] ?? 'localhost/flameherd-prices-after:lab';
const replicas = 2;
/** Lines of a terminal. */
const screen = 24;

interface RolloutsAnswer {
  readonly revisions: readonly {
    readonly revision: string;
    readonly images: readonly { readonly image: string; readonly imageDigest: string | null }[];
    readonly processes: number;
    readonly liveProcesses: number;
    readonly current: boolean;
  }[];
  readonly rollouts: readonly { readonly base: string; readonly compare: string }[];
}

const hashesIn = async (namespace: string): Promise<readonly string[]> =>
  (await kubectl('-n', namespace, 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.labels.pod-template-hash}')).split(
    ' ',
  );

/** Waits until so many targets of a revision are up and each was profiled so often. */
async function profiled(collector: Collector, namespace: string, revision: string, times: number): Promise<void> {
  await eventually(
    async () => {
      const targets = await collector.targets({ namespace, workload: 'prices', revision });
      if (targets.length !== replicas || !targets.every(isUp)) return false;
      const profiles = await collector.profiles(`cpu{namespace="${namespace}",revision="${revision}"}`);
      const processes = Map.groupBy(profiles, ({ process }) => process);
      return processes.size >= replicas && [...processes.values()].every((own) => own.length >= times);
    },
    180_000,
    `${times} profiles of each process of ${revision}`,
  );
}

test('a release without a slow function: rollout=latest names it first, and says which revision became which', async (t) => {
  const namespace = await temporaryNamespace(t, 'rollouts');
  const shape = {
    namespace,
    name: 'prices',
    args: [],
    ports: [{ name: 'pprof', containerPort: 6060 }],
    replicas,
    annotations: { 'flameherd.dev/scrape': 'true' },
  };
  await kubectlApply(deployment({ ...shape, image: beforeImage }));
  await rolledOut(namespace, 'prices');
  const [oldRevision = ''] = await hashesIn(namespace);
  const collector = await startCollector(t, { namespaces: [namespace] });
  await profiled(collector, namespace, oldRevision, 4);

  await kubectl('-n', namespace, 'set', 'image', 'deployment/prices', `app=${afterImage}`);
  await rolledOut(namespace, 'prices');
  const newRevision = (await hashesIn(namespace)).find((hash) => hash !== oldRevision) ?? '';
  await profiled(collector, namespace, newRevision, 5);

  const query = encodeURIComponent(`cpu{namespace="${namespace}",workload="prices"}`);
  const diff = `/api/v1/diff?query=${query}&rollout=latest`;
  const response = await fetch(`${collector.daemon.url}${diff}&format=markdown`);
  const markdown = await response.text();
  t.diagnostic(markdown);
  assert.equal(response.status, 200, markdown);

  await t.test('markdown says old → new and names the slow function in its first row, on one screen', () => {
    const lines = markdown.trimEnd().split('\n');
    assert.ok(lines.length <= screen, `${lines.length} lines`);
    assert.match(lines[0] ?? '', new RegExp(`prices.*${oldRevision}.* → .*${newRevision}`));
    const rows = lines.filter((line) => line.startsWith('|')).slice(2);
    assert.match(rows[0] ?? '', /main\.scanForDiscount/);
    assert.doesNotMatch(rows[0] ?? '', /unsure/);
  });

  await t.test('top has it first, too: all of it is gone, per process and second', async () => {
    const { rows, meta } = await collector.daemon.getJson<{
      rows: readonly { function: string; selfChange: number; unsure: boolean }[];
      meta: { normalize: string };
    }>(`${diff}&format=top`);
    assert.equal(meta.normalize, 'process');
    const [first] = rows;
    assert.deepEqual([first?.function, first?.unsure], ['main.scanForDiscount', false]);
    assert.ok((first?.selfChange ?? 0) < 0);
    const sign = rows.find((row) => row.function === 'main.sign');
    assert.ok(Math.abs(sign?.selfChange ?? 0) < Math.abs(first?.selfChange ?? 0) / 4, 'what did not change is no news');
  });

  await t.test('the roll-out is listed with both revisions, their images and their processes', async () => {
    const { revisions, rollouts } = await collector.daemon.getJson<RolloutsAnswer>(
      `/api/v1/rollouts?namespace=${namespace}&workload=prices`,
    );
    assert.deepEqual(
      rollouts.map(({ base, compare }) => [base, compare]),
      [[oldRevision, newRevision]],
    );
    assert.deepEqual(
      revisions.map(({ revision, processes, liveProcesses, current }) => [revision, processes, liveProcesses, current]),
      [
        [newRevision, replicas, replicas, true],
        [oldRevision, replicas, 0, false],
      ],
    );
    const digests = revisions.map(({ images }) => images[0]?.imageDigest ?? '');
    for (const digest of digests) assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.notEqual(digests[0], digests[1]);
  });
});
