import { join } from 'node:path';
import { messageOf } from '../../../model/errors.ts';
import { day as dayMs, hour as hourMs, minute, type UnixMs } from '../../../model/units.ts';
import type { CompactedHour, CompactionFailure, CompactionReport } from '../../compaction-report.ts';
import { CatalogueReader } from '../catalogue/catalogue-reader.ts';
import { DamagedData } from '../files/damage.ts';
import { hourOf } from '../files/data-dir.ts';
import { isDiskFull, openDatabase } from '../files/database.ts';
import { parseRollFileName } from '../rollups/roll-name.ts';
import { compactHead } from './compact-head.ts';
import { CompactionCatalogue } from './compaction-catalogue.ts';
import { Facts } from './facts.ts';
import { Pacer, type PacerOptions } from './pacer.ts';
import { restateStale } from './restate.ts';
import { rollDay, rollHour } from './roll-up.ts';
import type { CompactionStep, Run, StoreSettings } from './run.ts';
import { waitForCommits } from './wait-for-commits.ts';

export interface CompactionOptions extends StoreSettings, Omit<PacerOptions, 'share'> {
  readonly nowMs: UnixMs;
  /** The part of a core that may be used, in (0, 1]. A quarter unless given. */
  readonly share?: number;
  /** Told after each step; for tests. */
  readonly onStep?: (step: CompactionStep) => void;
}

const defaultShare = 0.25;
/** After so long a run ends with what it is at, so that what is replaced can be freed and retention has its turn. */
const longestRunMs = minute;

/**
 * Turns sealed heads into chunks, oldest first, restates what is stale, and rolls up hours and days that are settled. What
 * fails is in the report and does not hold up the rest. A run that is cut off anywhere, by a crash or by `signal`, is made
 * good by the next one. One run at a time; never beside retention.
 */
export async function compactStore(options: CompactionOptions): Promise<CompactionReport> {
  const startCpu = process.threadCpuUsage();
  using catalogue = new CompactionCatalogue(options.dataDir, options.synchronous);
  const waiting = catalogue.waiting();
  const work = new Work(options.signal);
  // Most runs find nothing to do, and should not load all series for that.
  if (waiting.sealed.length > 0 || catalogue.settling().hasWork(options.nowMs)) {
    waitForCommits(options.dataDir, options.synchronous, waiting);
    const known = new CatalogueReader(options.dataDir);
    const touched = new Set<string>();
    try {
      known.refresh();
      const pacer = new Pacer({ ...options, share: options.share ?? defaultShare });
      const after = async (step: CompactionStep): Promise<void> => {
        options.onStep?.(step);
        await pacer.rest();
      };
      await work.doAll({ settings: options, nowMs: options.nowMs, waiting, catalogue, known, pacer, touched, after });
    } finally {
      known.close();
      removeLogs(options, touched);
    }
  }
  const { user, system } = process.threadCpuUsage(startCpu);
  return work.report((user + system) / 1000, catalogue.settling().hoursToRoll.length);
}

/** What is done in one run, item by item. */
class Work {
  readonly #signal: AbortSignal | undefined;
  readonly #startMs = performance.now();
  readonly #hours: CompactedHour[] = [];
  readonly #failures: CompactionFailure[] = [];
  #restated = 0;
  #rolledHours = 0;
  #rolledDays = 0;
  #isUnfinished = false;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  async doAll(run: Run): Promise<void> {
    await this.#compactHeads(run);
    const { stale } = run.waiting;
    if (stale.length > 0) {
      await this.#try('restating sums', async () => {
        this.#restated += await restateStale(run, stale, (series, error) =>
          this.#fail(`restating sums of series ${series}`, error),
        );
      });
    }
    for (const hour of run.catalogue.settling().hoursToRoll) {
      await this.#try(`rolling up the hour from ${timeText(hour * hourMs)}`, async () => {
        if (await rollHour(hour, run)) this.#rolledHours++;
      });
    }
    for (const day of run.catalogue.settling().daysToRoll) {
      await this.#try(`rolling up the day from ${timeText(day * dayMs)}`, async () => {
        if (await rollDay(day, run)) this.#rolledDays++;
      });
    }
  }

  report(cpuMs: number, hoursToRoll: number): CompactionReport {
    return {
      hours: this.#hours,
      restated: this.#restated,
      rolledHours: this.#rolledHours,
      rolledDays: this.#rolledDays,
      hoursToRoll,
      cpuMs,
      failures: this.#failures,
      isUnfinished: this.#isUnfinished,
    };
  }

  async #compactHeads(run: Run): Promise<void> {
    using facts = new Facts(run);
    for (const head of run.waiting.sealed) {
      await this.#try(`compacting ${head.name}`, async () => {
        try {
          const hour = await compactHead(head, run, facts);
          if (hour) this.#hours.push(hour);
        } catch (error) {
          const isOfFile = error instanceof DamagedData && error.hour === undefined;
          if (isOfFile) run.catalogue.endDetailFile(error.file, hourOf(head.fromMs));
          throw error;
        }
      });
    }
  }

  /** Does one item, unless the run is to end; a failure is reported, and only a full disk fails what follows as well. */
  async #try(doing: string, work: () => Promise<void>): Promise<void> {
    if (this.#isUnfinished) return;
    try {
      await work();
      if (performance.now() - this.#startMs > longestRunMs) this.#isUnfinished = true;
    } catch (error) {
      if (this.#signal?.aborted) this.#isUnfinished = true;
      else this.#fail(doing, error);
    }
  }

  #fail(doing: string, error: unknown): void {
    const isFull = isDiskFull(error);
    // A damaged roll-up says nothing about the detail of its hour.
    const isDetail = error instanceof DamagedData && !parseRollFileName(error.file);
    const damagedHour = isDetail ? error.hour : undefined;
    this.#failures.push({
      doing,
      message: messageOf(error),
      hint: isFull
        ? 'free some disk, or lower storage.retention or storage.maxBytes; it is tried again by itself'
        : error instanceof DamagedData
          ? 'flameherd store verify says what is damaged; the rest goes on'
          : undefined,
      damagedHourMs: damagedHour === undefined ? undefined : damagedHour * hourMs,
    });
    if (isFull) this.#isUnfinished = true;
  }
}

function timeText(ms: UnixMs): string {
  return new Date(ms).toISOString();
}

/** The last connection that closes a file removes its log. Ours for reading could not, and files may be many. */
function removeLogs({ dataDir, synchronous }: StoreSettings, files: Iterable<string>): void {
  for (const name of files) {
    try {
      openDatabase(join(dataDir, name), name.startsWith('detail') ? 'detail' : 'roll', synchronous).close();
    } catch {
      // What is wrong with a file is told by those who need it.
    }
  }
}
