import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute, type UnixMs } from '../../src/model/units.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { upload } from '../support/app-uploads.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { profileFromText } from '../support/profile-from-text.ts';

/**
 * Three pods of 100 MB for an hour, of which the third is another one from its middle on:
 *
 *     a    ▐██████████████████████████▌
 *     b    ▐██████████████████████████▌
 *     c-1  ▐█████████████▌
 *     c-2                ▐████████████▌
 *        −1 min         30           60 min
 *
 * Summing what was scraped, as a merge of Pyroscope or Parca does, would answer 18 GB: 180 snapshots of 100 MB.
 */
interface Pod {
  readonly pod: string;
  readonly process: string;
  /** Of its life, in minutes from the start of the hour. */
  readonly from: number;
  readonly to: number;
  /** How far into each minute it is scraped. */
  readonly offsetMs: number;
  readonly saysItsEnd: boolean;
}

const megabytes = 1_000_000;
const twoThatStay: readonly Pod[] = [
  { pod: 'a', process: 'a/1', from: -1, to: 60, offsetMs: 4_000, saysItsEnd: false },
  { pod: 'b', process: 'b/1', from: -1, to: 60, offsetMs: 31_000, saysItsEnd: false },
];

/** A Deployment's new pod has another name: the old one's end is said. A StatefulSet's has the same: its successor ends it. */
const workloads: Readonly<Record<string, readonly Pod[]>> = {
  deployment: [
    ...twoThatStay,
    { pod: 'c-1', process: 'c-1/1', from: -1, to: 30, offsetMs: 17_000, saysItsEnd: true },
    { pod: 'c-2', process: 'c-2/1', from: 30, to: 60, offsetMs: 5_000, saysItsEnd: false },
  ],
  statefulset: [
    ...twoThatStay,
    { pod: 'c', process: 'c/1', from: -1, to: 30, offsetMs: 17_000, saysItsEnd: false },
    { pod: 'c', process: 'c/2', from: 30, to: 60, offsetMs: 5_000, saysItsEnd: false },
  ],
};

test('3 pods of 100 MB, one replaced half-way: the hour has 300 MB on average, at its end and at its peak', async (t) => {
  const daemon = await startDaemon(await temporaryFolder(t), ['--no-self', '--no-kubernetes']);
  t.after(() => daemon.kill());
  // Steps are those of the clock.
  const hourMs = Math.floor(Date.now() / (5 * minute)) * 5 * minute - 90 * minute;
  const all = Object.entries(workloads).flatMap(([workload, pods]) => pods.map((pod) => ({ workload, pod })));
  // Of one pod after the other's end, as they came about.
  for (const isSecond of [false, true]) {
    const now = all.filter(({ pod }) => pod.from > 0 === isSecond);
    await Promise.all(now.map(({ workload, pod }) => uploadLife(daemon.url, workload, pod, hourMs)));
  }

  for (const workload of Object.keys(workloads)) {
    const asked = `query=${encodeURIComponent(`heap{workload="${workload}"}`)}&from=${hourMs}&to=${hourMs + 60 * minute}`;
    for (const aggregate of ['avg', 'last', 'peak']) {
      const { total, meta } = await daemon.getJson<TopAnswer>(
        `/api/v1/merge?${asked}&format=top&aggregate=${aggregate}`,
      );
      const off = Math.abs(total - 300 * megabytes);
      assert.ok(off <= (aggregate === 'avg' ? 3 * megabytes : 0), `${workload}: ${aggregate} is ${total} B`);
      assert.deepEqual([meta.aggregation, meta.processes], [aggregate, 4]);
    }
    const range = await daemon.getJson<RangeAnswer>(`/api/v1/query_range?${asked}&step=5m`);
    assert.equal(range.aggregation, 'avg');
    const [line] = range.series;
    const levels = line?.points.map(([tMs, value]) => [(tMs - hourMs) / minute, Math.round(value / megabytes)]) ?? [];
    // Until the new pod is first looked at, 5 s after the old one ended, only two are known of in the Deployment.
    const atReplacement = workload === 'deployment' ? 298 : 300;
    const expected = Array.from({ length: 12 }, (_, step) => [5 * step, step === 6 ? atReplacement : 300]);
    assert.deepEqual(levels, expected, workload);
  }
});

interface TopAnswer {
  readonly total: number;
  readonly meta: { readonly aggregation: string; readonly processes: number };
}

interface RangeAnswer {
  readonly aggregation: string;
  readonly series: readonly { readonly points: readonly (readonly [number, number, number])[] }[];
}

const heap = encodeProfile(
  profileFromText(`main;cache.Fill 400 ${60 * megabytes}\nmain;serve;read 100 ${40 * megabytes}`, {
    types: [
      { type: 'inuse_objects', unit: 'count' },
      { type: 'inuse_space', unit: 'bytes' },
    ],
  }),
);

/** A snapshot in each minute of a pod's life; the last one says when it ended. */
async function uploadLife(url: string, workload: string, pod: Pod, hourMs: UnixMs): Promise<void> {
  for (let at = pod.from; at < pod.to; at++) {
    const parameters = new URLSearchParams({
      workload,
      pod: pod.pod,
      container: 'app',
      process: pod.process,
      started: String(hourMs + pod.from * minute),
      kind: 'heap',
      interval: '60s',
      time: String(hourMs + at * minute + pod.offsetMs),
    });
    if (pod.saysItsEnd && at === pod.to - 1) parameters.set('ended', String(hourMs + pod.to * minute));
    await upload(url, parameters, heap);
  }
}
