import { day, hour, minute } from '../../src/model/units.ts';
import type { ProfileRecord } from '../../src/store/profile-store.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import { settle } from '../settle.ts';
import { type Build, buildOf } from './builds.ts';
import { type ChangeRate, deploy } from './deploys.ts';
import { startProgram } from './program.ts';
import { Random } from './random.ts';
import { kinds, recordOf, type Scrape } from './records.ts';

/** How stacks are gathered into trees. */
export interface PartitionChoice {
  readonly name: string;
  readonly perBuild: boolean;
  /** Whether frames name the build id of their mapping. */
  readonly buildInFrames: boolean;
}

export const deploys = 30;
const pods = 4;
const startMs = 1_700_006_400_000;
/** Half a day after the last deploy, so that the last day holds two builds. */
export const endMs = startMs + (deploys - 1) * day + day / 2;
const seed = 7;

/** A build a day, four pods, a profile of each kind every ten minutes and every minute in the last hour; all compacted. */
export async function fillWithDeploys(dataDir: string, rate: ChangeRate, choice: PartitionChoice): Promise<number> {
  await using writer = openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: 1e13, maxBytes: 1e13 },
    now: () => endMs,
  });
  const program = startProgram(seed);
  const changes = new Random(seed);
  const values = new Random(seed);
  let profiles = 0;
  for (let number = 1; number <= deploys; number++) {
    if (number > 1) deploy(program, rate, changes);
    const build = buildOf(program, choice.buildInFrames);
    const fromMs = startMs + (number - 1) * day;
    for (const { stampMs, intervalMs } of moments(fromMs, Math.min(fromMs + day, endMs))) {
      const container = choice.perBuild ? `app-build-${number}` : 'app';
      const scrape = { container, revision: String(number), pod: `checkout-${number}`, stampMs, intervalMs };
      const records = recordsAt(build, scrape, values);
      writer.append(records);
      profiles += records.length;
    }
  }
  await settle(writer, { dataDir, maxBytes: 1e13 }, endMs + hour);
  return profiles;
}

function recordsAt(build: Build, at: Omit<Scrape, 'kind'>, values: Random): ProfileRecord[] {
  return Array.from({ length: pods }, (_, pod) => `${at.pod}-${pod}`).flatMap((pod) =>
    kinds.map((kind) => recordOf(build, { ...at, kind, pod }, values)),
  );
}

function* moments(fromMs: number, toMs: number): Generator<{ readonly stampMs: number; readonly intervalMs: number }> {
  for (let stampMs = fromMs; stampMs < toMs; ) {
    const intervalMs = stampMs >= endMs - hour ? minute : 10 * minute;
    yield { stampMs, intervalMs };
    stampMs += intervalMs;
  }
}
