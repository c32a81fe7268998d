import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Daemon, eventually, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { deployment, kubectl, kubectlApply, rolledOut, temporaryNamespace } from '../support/kubectl.ts';

/** What the API tells of a target, as far as it matters here. */
interface TargetAnswer {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly state: string;
  readonly scrapes: readonly {
    readonly kind: string;
    readonly lastScrapeMs: number | null;
    readonly lastError: string;
  }[];
}

interface ExplanationAnswer {
  readonly verdict: string;
  readonly because: string;
  readonly rules: readonly { readonly rule: string; readonly detail: string }[];
}

let daemon: Daemon;
const cleanUps: (() => Promise<void>)[] = [];

before(async () => {
  const folder = await temporaryFolder({ after: (cleanUp) => cleanUps.push(cleanUp) });
  daemon = await startDaemon(folder, ['--kubernetes', '--force', '--no-self', '--interval', '10s'], {
    FLAMEHERD_SCRAPE_CPU_SECONDS: '3',
  });
});
after(async () => {
  await daemon.stop();
  for (const cleanUp of cleanUps) await cleanUp();
});

const targetsIn = async (namespace: string, workload?: string): Promise<readonly TargetAnswer[]> => {
  const query = new URLSearchParams({ namespace, ...(workload ? { workload } : {}) });
  return (await daemon.getJson<{ targets: readonly TargetAnswer[] }>(`/api/v1/targets?${query.toString()}`)).targets;
};
const upIn = async (namespace: string, workload: string, count: number) => {
  const found = await targetsIn(namespace, workload);
  return found.length === count && found.every(({ health }) => health === 'up') && found;
};
const explain = (namespace: string, kind: string, workload: string) =>
  daemon.getJson<ExplanationAnswer>(`/api/v1/explain?${new URLSearchParams({ namespace, kind, workload }).toString()}`);
const values = async (label: string, query: string): Promise<readonly string[]> =>
  (
    await daemon.getJson<{ values: readonly string[] }>(
      `/api/v1/label/${label}/values?match[]=${encodeURIComponent(query)}`,
    )
  ).values;
const annotate = (namespace: string, object: string, ...pairs: readonly string[]) =>
  kubectl('-n', namespace, 'annotate', '--overwrite', object, ...pairs);

test('one annotation on the Deployment, and its life: up in 15 s, a new revision, a deleted pod, an undo', async (t) => {
  const namespace = await temporaryNamespace(t, 'life');
  const shape = {
    namespace,
    name: 'example',
    args: ['-addr=:8080', '-cpu=0.2', '-leak=1048576'],
    ports: [{ name: 'http', containerPort: 8080 }],
  };
  await kubectlApply(deployment(shape));
  await rolledOut(namespace, 'example');

  await eventually(
    async () => (await explain(namespace, 'Deployment', 'example')).verdict === 'not scraped',
    15_000,
    'explanation',
  );
  const before = await explain(namespace, 'Deployment', 'example');
  assert.match(before.because, /flameherd\.dev\/scrape/);
  assert.deepEqual(
    (await targetsIn(namespace)).filter(({ state }) => state === 'active'),
    [],
  );

  await annotate(namespace, 'deployment/example', 'flameherd.dev/scrape=true');
  const [target] = await eventually(() => upIn(namespace, 'example', 1), 15_000, 'target that is up');
  assert.equal((await explain(namespace, 'Deployment', 'example')).verdict, 'scraped');
  const firstRevision = target?.labels['revision'] ?? '';
  assert.match(firstRevision, /^[a-z0-9]+$/);

  await t.test('after a roll-out the new revision is a label value', async () => {
    await kubectl('-n', namespace, 'set', 'env', 'deployment/example', 'RELEASE=2');
    await rolledOut(namespace, 'example');
    const revisions = await eventually(
      async () => {
        const all = await values('revision', `{namespace="${namespace}"}`);
        return all.length === 2 && all;
      },
      60_000,
      'second revision',
    );
    assert.ok(revisions.includes(firstRevision));
  });

  await t.test('a deleted pod is gone from targets within 15 s and its data still answers', async () => {
    const pod = (await eventually(() => upIn(namespace, 'example', 1), 30_000, 'target'))[0]?.labels['pod'] ?? '';
    await kubectl('-n', namespace, 'delete', 'pod', pod, '--wait=false');
    await eventually(
      async () => (await targetsIn(namespace)).every(({ labels }) => labels['pod'] !== pod),
      15_000,
      'targets without the pod',
    );
    const top = await daemon.getJson<{ rows: readonly unknown[] }>(
      `/api/v1/merge?format=top&query=${encodeURIComponent(`heap{namespace="${namespace}",pod="${pod}"}`)}`,
    );
    assert.ok(top.rows.length > 0);
  });

  await t.test('an undo that drops the annotation is named by explain and by the metric', async () => {
    // A ReplicaSet keeps the annotations that the Deployment had while it was the newest: RELEASE=3 never had the key.
    await kubectl('-n', namespace, 'annotate', 'deployment/example', 'flameherd.dev/scrape-');
    for (const release of ['RELEASE=3', 'RELEASE=4']) {
      await kubectl('-n', namespace, 'set', 'env', 'deployment/example', release);
      await rolledOut(namespace, 'example');
    }
    await annotate(namespace, 'deployment/example', 'flameherd.dev/scrape=true');
    await eventually(() => upIn(namespace, 'example', 1), 30_000, 'target that is up');
    await kubectl('-n', namespace, 'rollout', 'undo', 'deployment/example');
    const told = await eventually(
      async () => {
        const answer = await explain(namespace, 'Deployment', 'example');
        return answer.verdict !== 'scraped' && JSON.stringify(answer).includes('undo') && answer;
      },
      30_000,
      'explanation that names the undo',
    );
    assert.match(JSON.stringify(told), /rollout undo/);
    const metrics = await (await fetch(`${daemon.opsUrl}/metrics`)).text();
    assert.match(metrics, /^flameherd_optin_removed_total [1-9]/m);
  });
});

test('scrape: "no" on a pod beats "true" on its Namespace', async (t) => {
  const namespace = await temporaryNamespace(t, 'levels', { 'flameherd.dev/scrape': 'true' });
  const shape = { namespace, args: ['-addr=:6060'], ports: [{ name: 'pprof', containerPort: 6060 }] };
  await kubectlApply(
    deployment({ ...shape, name: 'willing' }),
    deployment({ ...shape, name: 'unwilling', podAnnotations: { 'flameherd.dev/scrape': 'no' } }),
  );
  await rolledOut(namespace, 'willing');
  await rolledOut(namespace, 'unwilling');
  await eventually(() => upIn(namespace, 'willing', 1), 15_000, 'target that is up');
  assert.deepEqual(
    (await targetsIn(namespace, 'unwilling')).filter(({ state }) => state === 'active'),
    [],
  );
  assert.equal((await explain(namespace, 'Deployment', 'unwilling')).verdict, 'not scraped');
});
