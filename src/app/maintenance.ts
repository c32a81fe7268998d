import type { CompactionThread } from '../compaction/client.ts';
import type { IngestThread } from '../ingest/client.ts';
import { formatByteSize } from '../model/byte-size.ts';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type DurationMs, minute, second, type UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { CompactedHour, CompactionFailure, CompactionReport } from '../store/compaction-report.ts';
import type { Retention } from '../store/retention.ts';
import type { Job } from './jobs.ts';

export interface MaintenanceOptions {
  readonly ingest: Pick<IngestThread, 'seal' | 'dropCompacted' | 'quarantine' | 'retain'>;
  readonly compaction: Pick<CompactionThread, 'run' | 'close'>;
  /** Forgets what growth keeps, by its own retention. */
  readonly growth: { prune(): Promise<void> };
  /** How long and how much is kept, as the configuration has it now. */
  readonly retention: () => Retention;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** What compaction has done since the start. */
export interface CompactionTotals {
  readonly hours: number;
  readonly profiles: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly cpuMs: number;
  readonly failures: number;
  /** Hours that no roll-up holds yet, as of the last run. */
  readonly hoursToRoll: number;
}

type Part = 'compaction' | 'retention';

const retainEveryMs: DurationMs = 10 * minute;
/** Not in the way of the start itself. */
const firstRunMs: DurationMs = 20 * second;

/**
 * What keeps the store in shape, one after the other and never beside itself: hours that are over are sealed, compacted and
 * freed, each minute; what is too old or too much is removed, every ten minutes. A failure is logged, counted and tried
 * again; it never ends the daemon.
 */
export class Maintenance implements AsyncDisposable {
  readonly #options: MaintenanceOptions;
  #running: Promise<void> | undefined;
  #isClosing = false;
  #retainedMs = Number.NEGATIVE_INFINITY;
  /** What was logged last of compaction and of retention. */
  readonly #logged = new Map<Part, string>();
  #totals: CompactionTotals = {
    hours: 0,
    profiles: 0,
    bytesBefore: 0,
    bytesAfter: 0,
    cpuMs: 0,
    failures: 0,
    hoursToRoll: 0,
  };

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  get job(): Job {
    return { name: 'maintenance', when: '0 * * * * *', firstMs: firstRunMs, run: () => this.run() };
  }

  get totals(): CompactionTotals {
    return this.#totals;
  }

  /** One turn; the one under way, if there is one. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#turn().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends a turn after its step. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#options.compaction.close();
    await this.#running;
  }

  async #turn(): Promise<void> {
    for (let isUnfinished = true; isUnfinished && !this.#isClosing; ) {
      isUnfinished = await this.#try('compaction', () => this.#compact());
      if (!this.#isClosing) await this.#try('retention', () => this.#retain());
    }
  }

  /** Says whether there is more to do at once. */
  async #compact(): Promise<boolean> {
    const { ingest, compaction, now } = this.#options;
    if (!(await ingest.seal(now()))) return false;
    const report = await compaction.run(now());
    this.#count(report);
    for (const hour of report.hours) this.#logHour(hour);
    this.#logFailures('compaction', report.failures);
    if (this.#isClosing) return false;
    for (const { damagedHourMs, message } of report.failures) {
      if (damagedHourMs !== undefined) await ingest.quarantine(damagedHourMs, message);
    }
    await ingest.dropCompacted();
    return report.isUnfinished && report.failures.length === 0;
  }

  async #retain(): Promise<boolean> {
    const { ingest, retention, logger, now } = this.#options;
    const sinceMs = now() - this.#retainedMs;
    if (sinceMs >= 0 && sinceMs < retainEveryMs) return false;
    const { removedFiles, removedBytes, pausedBecause } = await ingest.retain(now(), retention());
    this.#retainedMs = now();
    this.#logFailures('retention', []);
    if (pausedBecause) logger.warn(`retention waits: ${pausedBecause}`);
    if (removedFiles.length > 0) {
      logger.info(`retention removed ${formatByteSize(removedBytes)}`, { files: removedFiles });
    }
    if (!pausedBecause && !this.#isClosing) await this.#options.growth.prune();
    return false;
  }

  async #try(part: Part, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      if (this.#isClosing) return false;
      if (part === 'compaction') this.#totals = { ...this.#totals, failures: this.#totals.failures + 1 };
      const hint = error instanceof FlameherdError ? error.hint : undefined;
      this.#logFailures(part, [{ doing: part, message: messageOf(error), hint }]);
      return false;
    }
  }

  #count({ hours, cpuMs, failures, hoursToRoll }: CompactionReport): void {
    const sum = (of: (hour: CompactedHour) => number): number => hours.reduce((total, hour) => total + of(hour), 0);
    const before = this.#totals;
    this.#totals = {
      hours: before.hours + hours.length,
      profiles: before.profiles + sum(({ profiles }) => profiles),
      bytesBefore: before.bytesBefore + sum(({ bytesBefore }) => bytesBefore),
      bytesAfter: before.bytesAfter + sum(({ bytesAfter }) => bytesAfter),
      cpuMs: before.cpuMs + cpuMs,
      failures: before.failures + failures.length,
      hoursToRoll,
    };
  }

  #logHour({ hourMs, file, profiles, bytesBefore, bytesAfter, durationMs }: CompactedHour): void {
    this.#options.logger.info('compacted an hour', {
      hour: new Date(hourMs).toISOString(),
      file,
      profiles,
      bytes: `${formatByteSize(bytesBefore)} → ${formatByteSize(bytesAfter)}`,
      seconds: Math.round(durationMs / 100) / 10,
    });
  }

  /** The same failures are logged once, not each minute. */
  #logFailures(part: Part, failures: readonly Pick<CompactionFailure, 'doing' | 'message' | 'hint'>[]): void {
    const text = JSON.stringify(failures.map(({ doing, message }) => [doing, message]));
    if (text === this.#logged.get(part)) return;
    this.#logged.set(part, text);
    for (const { doing, message, hint } of failures) {
      const fields = hint === undefined ? {} : { hint };
      this.#options.logger.error(`${doing} failed and is tried again: ${message}`, fields);
    }
  }
}
