import type { CompactedHour } from '../../compaction-report.ts';
import type { SecondRange } from '../../profile-store.ts';
import { secondsIn, unionOf } from '../../standing.ts';
import type { FileRow } from '../catalogue/file-rows.ts';
import type { ChunkProfile } from '../chunks/chunk.ts';
import { bytesOfFile, hourOf, type UnixHour } from '../files/data-dir.ts';
import { HeadScan, type ScannedProfile } from '../heads/head-scan.ts';
import { samplesFormat } from '../heads/samples.ts';
import { DetailFiles } from './detail-files.ts';
import type { Facts } from './facts.ts';
import { PartSplitter } from './parts.ts';
import type { Run } from './run.ts';
import { hoursAfter, standingsOf, withinHour } from './standings.ts';

/** What chunks take of the bytes that the same profiles take in a head: for guessing how large a day will be. */
const shareOfHead = 0.25;
/** After so many profiles a transaction is committed; a series is never split. */
const profilesPerCommit = 512;

/**
 * Writes all profiles of a sealed head as chunks, then makes them count in one commit. What an earlier attempt has left is
 * removed first. Undefined when the head is gone.
 *
 *     detail file   leftovers removed → chunks, some series in each commit → synced
 *     meta.db       → the head is compacted, its hours are to be rolled up
 */
export async function compactHead(head: FileRow, run: Run, facts: Facts): Promise<CompactedHour | undefined> {
  const { dataDir } = run.settings;
  const startMs = performance.now();
  const bytesBefore = bytesOfFile(dataDir, head.name);
  using scan = new HeadScan(dataDir, head.name, hourOf(head.fromMs));
  using details = new DetailFiles(run, shareOfHead * bytesBefore);
  details.removeHead(head.id, hourOf(head.fromMs));
  details.commit();
  await run.after('leftovers removed');
  const chunks = new HeadChunks(head, facts, details);
  let uncommitted = 0;
  for (const series of scan.series()) {
    uncommitted += chunks.write(series, scan.profiles(series));
    if (uncommitted < profilesPerCommit && !run.pacer.isDue) continue;
    uncommitted = 0;
    details.commit();
    await run.after('chunks written');
  }
  details.commit();
  await run.after('chunks written');
  await details.sync(run.pacer);
  await run.after('chunks synced');
  if (!run.catalogue.flip(head.id, details.written)) return undefined;
  const report = {
    hourMs: head.fromMs,
    file: head.name,
    profiles: chunks.profiles,
    bytesBefore,
    bytesAfter: details.writtenBytes,
    durationMs: performance.now() - startMs,
  };
  await run.after('head compacted');
  return report;
}

/** Makes chunks of a head's profiles, series by series. */
class HeadChunks {
  profiles = 0;
  readonly #head: number;
  readonly #hour: UnixHour;
  readonly #facts: Facts;
  readonly #details: DetailFiles;
  readonly #splitter = new PartSplitter();

  constructor({ id, fromMs }: FileRow, facts: Facts, details: DetailFiles) {
    this.#head = id;
    this.#hour = hourOf(fromMs);
    this.#facts = facts;
    this.#details = details;
  }

  /** Writes all chunks of a series, given its profiles in order of time; says how many there were. */
  write(series: number, profiles: readonly ScannedProfile[]): number {
    const last = profiles.at(-1);
    if (!last) return 0;
    const standings = standingsOf(profiles, this.#facts.nextAfter(series, last.stampMs), this.#facts.endOf(series));
    const [hour, head] = [this.#hour, this.#head];
    for (const [part, { partition, members }] of this.#splitter.split(profiles).entries()) {
      const within = members.map((member) => withinHour(standings[member] as SecondRange, hour));
      this.#details.replace({
        key: { series, hour, head, part },
        partition,
        carried: false,
        profiles: members.map((member, at) =>
          chunkProfile(profiles[member] as ScannedProfile, secondsIn(within[at] as SecondRange)),
        ),
        observed: unionOf(within),
      });
    }
    for (const { hour: later, range } of hoursAfter(standings.at(-1) as SecondRange, hour)) {
      this.#details.replace({
        key: { series, hour: later, head, part: 0 },
        partition: last.partition,
        carried: true,
        profiles: [chunkProfile(last, secondsIn(range))],
        observed: [range],
      });
    }
    this.profiles += profiles.length;
    return profiles.length;
  }
}

function chunkProfile(profile: ScannedProfile, standingSeconds: number): ChunkProfile {
  if (profile.format !== samplesFormat) throw new Error(`unknown format ${profile.format} of samples in a head`);
  return { ...profile, standingSeconds };
}
