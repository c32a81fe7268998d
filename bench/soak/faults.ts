import { setTimeout as delay } from 'node:timers/promises';
import type { UnixMs } from '../../src/model/units.ts';
import { eventually } from '../../test/support/daemon.ts';
import type { ClusterAnswer, ClusterOrder } from './cluster-messages.ts';
import type { SmallDisk } from './isolation.ts';
import type { RunningDaemon } from './running-daemon.ts';

export const faultNames = ['API server away', 'kill -9', 'disk full'] as const;

/** Something that was broken on purpose, and what was seen of it. */
export interface Fault {
  readonly name: (typeof faultNames)[number];
  readonly fromMs: UnixMs;
  /** When it was over: the server answered, the daemon was ready, a profile was stored again. */
  readonly toMs: UnixMs;
  readonly seen: string;
}

export interface Broken {
  readonly daemon: RunningDaemon;
  readonly disk: SmallDisk;
  readonly cluster: (order: ClusterOrder) => Promise<ClusterAnswer>;
  /** Counters of the daemon that is about to be killed. */
  readonly beforeKill: () => Promise<void>;
  readonly replacedPods: number;
}

/** The API server goes away; pods are replaced meanwhile. */
export async function takeApiAway({ cluster, replacedPods }: Broken, lengthMs: number): Promise<Fault> {
  const fromMs = Date.now();
  await cluster({ do: 'api-down' });
  await delay(lengthMs / 2);
  await cluster({ do: 'replace', pods: replacedPods });
  await delay(lengthMs / 2);
  await cluster({ do: 'api-up' });
  return { name: 'API server away', fromMs, toMs: Date.now(), seen: `${replacedPods} pods replaced meanwhile` };
}

export async function kill({ daemon, beforeKill }: Broken): Promise<Fault> {
  await beforeKill();
  const fromMs = Date.now();
  const readyMs = await daemon.killAndRestart();
  return { name: 'kill -9', fromMs, toMs: Date.now(), seen: `ready ${(readyMs / 1000).toFixed(1)} s after the kill` };
}

/** Not one byte is left for so long; then there is room again, and it is waited until something is stored. */
export async function fillDisk({ daemon, disk }: Broken, lengthMs: number): Promise<Fault> {
  const fromMs = Date.now();
  let leastFree = disk.freeBytes;
  let isTold = false;
  while (Date.now() < fromMs + lengthMs) {
    await disk.fill();
    leastFree = Math.min(leastFree, disk.freeBytes);
    isTold ||= (await daemon.metric('flameherd_store_full')) > 0;
    await delay(500);
  }
  disk.free();
  const freedMs = Date.now();
  const stored = await daemon.metric('flameherd_profiles_stored_total');
  await eventually(
    async () => (await daemon.metric('flameherd_profiles_stored_total')) > stored,
    120_000,
    'profile stored after there was room again',
  );
  const after = ((Date.now() - freedMs) / 1000).toFixed(1);
  const seen = `${leastFree} bytes free; flameherd_store_full ${isTold ? 1 : 'never 1'}; storing again ${after} s after`;
  return { name: 'disk full', fromMs, toMs: Date.now(), seen };
}
