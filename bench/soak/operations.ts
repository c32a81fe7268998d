import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hour, minute, second, type UnixMs } from '../../src/model/units.ts';
import { type Asked, askOnAndOn } from './asking.ts';
import type { ClusterAnswer, ClusterOrder } from './cluster-messages.ts';
import { type Broken, type Fault, fillDisk, kill, takeApiAway } from './faults.ts';
import { damagedFiles } from './integrity.ts';
import { SmallDisk } from './isolation.ts';
import { checkScrapes, type ScrapeLoss } from './loss.ts';
import { RunningDaemon } from './running-daemon.ts';
import { type Sample, sample } from './sampling.ts';
import { Uploader, type UploadLoss } from './uploading.ts';

export interface OperationsOptions {
  readonly minutes: number;
  readonly targets: number;
  readonly diskMegabytes: number;
  readonly folder: string;
}

/** All that was seen of a run, and all that was found at its end. */
export interface Operations {
  readonly options: OperationsOptions;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly samples: readonly Sample[];
  readonly asked: readonly Asked[];
  readonly faults: readonly Fault[];
  readonly cluster: ClusterAnswer;
  readonly scrapes: ScrapeLoss;
  readonly uploads: readonly UploadLoss[];
  readonly refusals: ReadonlyMap<string, number>;
  /** Profiles that the daemons counted as stored: the last look at the one that was killed, and the end. */
  readonly counted: number;
  readonly dropped: number;
  readonly exitCode: number | null;
  readonly damagedFiles: readonly string[];
}

const uploaders = 4;
const askers = 3;
/** What is under way ends within this, a CPU profile too. */
const quietMs = 20 * second;

/** Runs a daemon over pods of a cluster, asks and uploads all the time, breaks three things one after the other, and counts. */
export async function runOperations(options: OperationsOptions): Promise<Operations> {
  const { minutes, targets, diskMegabytes, folder } = options;
  using disk = new SmallDisk(folder, diskMegabytes);
  const dataDir = join(disk.path, 'data');
  mkdirSync(dataDir);
  const child = fork(fileURLToPath(new URL('cluster.ts', import.meta.url)), [String(targets)]);
  const { kubeconfig } = await answerOf(child);
  const daemon = await RunningDaemon.start(dataDir, ['--config', configFile(options), '--kubernetes'], {
    KUBECONFIG: kubeconfig,
  });
  const cluster = (order: ClusterOrder): Promise<ClusterAnswer> => {
    child.send(order);
    return answerOf(child);
  };
  const counted = { stored: 0, dropped: 0 };
  const count = async (): Promise<void> => {
    counted.stored += await daemon.metric('flameherd_profiles_stored_total');
    counted.dropped += await daemon.metric('flameherd_profiles_dropped_total');
  };
  const fromMs = Date.now();
  const stopping = new AbortController();
  const asked: Asked[] = [];
  const workloads = Math.ceil(targets / 10);
  const clients = Array.from({ length: uploaders }, (_, index) => new Uploader(index, startOf(index, fromMs)));
  const running = [
    ...clients.map((client) => client.run(daemon, stopping.signal)),
    ...Array.from({ length: askers }, (_, first) =>
      askOnAndOn(daemon, { first: first * 3, workloads, stopping: stopping.signal }, (one) => asked.push(one)),
    ),
  ];
  const sampling = sample(daemon, dataDir, stopping.signal);
  try {
    const replacedPods = Math.max(1, Math.round(targets / 50));
    const broken: Broken = { daemon, disk, cluster, beforeKill: count, replacedPods };
    const faults = await breakThings(broken, minutes * minute);
    await delay(Math.max(0, fromMs + minutes * minute - Date.now()));
    stopping.abort();
    await Promise.all(running);
    const toMs = Date.now();
    await cluster({ do: 'quiet' });
    await delay(quietMs);
    await count();
    const scrapes = await checkScrapes(daemon.now, workloads);
    const uploads: UploadLoss[] = [];
    for (const client of clients) uploads.push(await client.check(daemon));
    const told = await cluster({ do: 'tell' });
    const exitCode = await daemon.stop();
    return {
      options,
      fromMs,
      toMs,
      samples: await sampling,
      asked,
      faults,
      cluster: told,
      scrapes,
      uploads,
      refusals: addedUp(clients.map(({ refusals }) => refusals)),
      counted: counted.stored,
      dropped: counted.dropped,
      exitCode,
      damagedFiles: damagedFiles(dataDir),
    };
  } finally {
    stopping.abort();
    await daemon.now.kill();
    child.kill();
  }
}

/** One after the other, early enough that memory has come to rest when the second third begins. */
async function breakThings(broken: Broken, lengthMs: number): Promise<Fault[]> {
  const startMs = Date.now();
  const until = (share: number): Promise<void> => delay(Math.max(0, startMs + share * lengthMs - Date.now()));
  await until(0.06);
  const killed = told(await kill(broken));
  await until(0.15);
  const away = told(await takeApiAway(broken, Math.max(20 * second, 0.07 * lengthMs)));
  await until(0.3);
  const full = told(await fillDisk(broken, Math.max(20 * second, 0.05 * lengthMs)));
  return [killed, away, full];
}

/** Whoever waits for half an hour sees that it goes on. */
function told(fault: Fault): Fault {
  console.error(`${new Date(fault.toMs).toISOString()} ${fault.name} is over: ${fault.seen}`);
  return fault;
}

/** Every second client sends what it has of two hours ago. */
function startOf(index: number, nowMs: UnixMs): UnixMs {
  return Math.floor((index < uploaders / 2 ? nowMs : nowMs - 2 * hour) / second) * second;
}

/** The defaults, but for the disk, which is small on purpose and is to be filled to its last byte. */
function configFile({ folder, diskMegabytes }: OperationsOptions): string {
  const path = join(folder, 'flameherd.yml');
  const maxBytes = `${Math.floor(0.8 * diskMegabytes)}MB`;
  writeFileSync(
    path,
    JSON.stringify({
      scrape: { self: false },
      storage: { minFree: '0B', maxBytes },
      lease: { mode: 'on', duration: '5s' },
    }),
  );
  return path;
}

async function answerOf(child: ChildProcess): Promise<ClusterAnswer> {
  return ((await once(child, 'message')) as [ClusterAnswer])[0];
}

function addedUp(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const one of all) for (const [name, count] of one) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}
