import { join } from 'node:path';
import type { FileRow } from '../catalogue/file-rows.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { DamagedData } from '../files/damage.ts';
import { hoursOfDay, type UnixDay, type UnixHour } from '../files/data-dir.ts';
import { rollUpDay } from '../rollups/day-builder.ts';
import { type HourSeries, rollUpHour } from '../rollups/hour-builder.ts';
import type { RollLevel } from '../rollups/roll.ts';
import { rollFileOf, windowOf } from '../rollups/roll-name.ts';
import { RollReader } from '../rollups/roll-reader.ts';
import { RollWriter } from '../rollups/roll-writer.ts';
import { Facts } from './facts.ts';
import type { Run } from './run.ts';
import { synced } from './synced.ts';

/**
 * Rolls up an hour from its chunks, when it is ready. Says whether its roll-ups count now: not when something has happened
 * to it meanwhile.
 */
export async function rollHour(hour: UnixHour, run: Run): Promise<boolean> {
  if (!run.catalogue.settling().isHourReady(hour, run.nowMs)) return false;
  using facts = new Facts(run);
  // Where the chunks are gone, the roll-ups that were made of them are all that is known.
  if (facts.details.cover(hour)) {
    const chunksOf = (id: number): Chunk[] => facts.profiles.chunks(id, hour, hour + 1);
    await writeRolls('1h', hour, run, (to) => rollUpHour({ hour, series: seriesOf(hour, run, facts), chunksOf }, to));
  }
  const counts = run.catalogue.hourRolled(hour);
  await run.after('roll-ups count');
  return counts;
}

/** Rolls up a day from the roll-ups of its hours, when it is ready; as `rollHour`. */
export async function rollDay(day: UnixDay, run: Run): Promise<boolean> {
  if (!run.catalogue.settling().isDayReady(day, run.nowMs)) return false;
  const hours = listedRollFile('1h', day * hoursOfDay, run);
  if (hours) {
    const reader = new RollReader(join(run.settings.dataDir, hours.name));
    try {
      await writeRolls('1d', day, run, (to) => rollUpDay(day, reader, to));
    } catch (error) {
      if (error instanceof DamagedData && error.hour !== undefined) run.catalogue.rollAgain(error.hour);
      throw error;
    } finally {
      reader.close();
    }
  }
  const counts = run.catalogue.dayRolled(day);
  await run.after('roll-ups count');
  return counts;
}

/** The series that have chunks in an hour. */
function seriesOf(hour: UnixHour, { known }: Run, facts: Facts): HourSeries[] {
  return facts.profiles.seriesIn(hour).flatMap((id) => {
    const series = known.series(id);
    return series ? { id, labels: series.labels, kind: series.kind, process: series.process } : [];
  });
}

/** Writes a bucket group by group, resting in between, and brings it to the disk. */
async function writeRolls(
  level: RollLevel,
  bucket: number,
  run: Run,
  write: (writer: RollWriter) => Generator<undefined, void>,
): Promise<void> {
  const { dataDir, synchronous } = run.settings;
  const { name } = rollFile(level, bucket, run);
  run.touched.add(name);
  const writer = new RollWriter(join(dataDir, name), synchronous);
  try {
    for (const _ of write(writer)) await run.pacer.rest();
    await synced(name, writer, run.pacer);
    await run.after('roll-ups written');
  } finally {
    writer.close();
  }
}

/** The file for the roll-ups of a bucket; listed and made when there is none. */
function rollFile(level: RollLevel, bucket: number, run: Run): FileRow {
  const listed = listedRollFile(level, bucket, run);
  if (listed) return listed;
  const { dataDir, synchronous } = run.settings;
  const file = rollFileOf(level, bucket);
  return run.catalogue.addFile(`roll${level}`, { name: file.name, ...windowOf(file) }, () =>
    new RollWriter(join(dataDir, file.name), synchronous).close(),
  );
}

function listedRollFile(level: RollLevel, bucket: number, { catalogue }: Run): FileRow | undefined {
  const { name } = rollFileOf(level, bucket);
  return catalogue.files().find((file) => file.name === name);
}
