import { type Bytes, type DurationMs, day, hour as hourMs, type UnixMs } from '../../../model/units.ts';
import type { Retention } from '../../retention.ts';
import { RetentionClock } from '../../retention-clock.ts';
import type { CatalogueWriter } from '../catalogue/catalogue-writer.ts';
import type { FileRow } from '../catalogue/file-rows.ts';
import {
  bytesOfFile,
  bytesOfStore,
  fileExists,
  filesOfKind,
  hourOf,
  removeFile,
  type UnixHour,
} from '../files/data-dir.ts';
import { reachOf } from '../heads/sealing.ts';
import { type HeldKind, type HeldUnit, unitsToRemove } from '../retention.ts';

export interface RetainerOptions {
  readonly dataDir: string;
  readonly retention: Retention;
  readonly monotonicMs: () => number;
}

export interface Removal {
  readonly files: readonly string[];
  readonly bytes: Bytes;
  /** Single profiles are left from this hour on, and anything at all from this one. */
  readonly oldest: { readonly detail: UnixHour; readonly any: UnixHour };
}

interface FileUnit extends HeldUnit {
  readonly files: readonly FileRow[];
}

/** Kinds of files that compaction makes. */
const compactedKinds = ['detail', 'roll1h', 'roll1d'] as const;
const lastSeenName = 'last_seen_ms';
const defaultRollup1hMs: DurationMs = 35 * day;
const defaultRollup1dMs: DurationMs = 400 * day;

/** Decides which files go, and takes them from the list and the disk. */
export class Retainer {
  readonly #options: RetainerOptions;
  readonly #catalogue: CatalogueWriter;
  readonly #clock: RetentionClock;

  constructor(options: RetainerOptions, catalogue: CatalogueWriter) {
    this.#options = options;
    this.#catalogue = catalogue;
    const lastSeen = catalogue.setting(lastSeenName);
    this.#clock = new RetentionClock(lastSeen === undefined ? undefined : Number(lastSeen), options.monotonicMs());
    this.finish();
    this.#recover();
  }

  /**
   * Takes what is to go from the list, so that no reader opens it any more. Let go of the files, then call `finish`. What
   * went, if anything; and why nothing is removed for its age, if so.
   */
  begin(
    nowMs: UnixMs,
    retention: Retention = this.#options.retention,
  ): { readonly removal: Removal | undefined; readonly pausedBecause: string | undefined } {
    const { dataDir } = this.#options;
    const time = this.#clock.observe(nowMs, this.#options.monotonicMs());
    const units = this.#units();
    const gone = unitsToRemove(units, {
      nowMs,
      oldestMs: time.kind === 'steady' ? oldestKept(time.timeMs, retention) : undefined,
      totalBytes: bytesOfStore(dataDir),
      maxBytes: retention.maxBytes,
    });
    const left = units.filter((unit) => !gone.includes(unit));
    const files = this.#listedWith(gone, left);
    const names = files.map(({ name }) => name).filter((name) => fileExists(dataDir, name));
    this.#save(files);
    const since = (kinds: readonly FileUnit[]): UnixHour =>
      hourOf(Math.min(nowMs, ...kinds.map(({ fromMs }) => fromMs)));
    const removal = {
      files: names,
      bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0),
      oldest: { detail: since(left.filter(({ kind }) => kind === 'detail')), any: since(left) },
    };
    return {
      removal: files.length > 0 ? removal : undefined,
      pausedBecause: time.kind === 'paused' ? time.because : undefined,
    };
  }

  /** Unlinks what is taken from the list, and forgets it. After a crash in between, the next start does so. */
  finish(): void {
    const removed = this.#catalogue.files.inState('removed');
    if (removed.length === 0) return;
    for (const { name } of removed) removeFile(this.#options.dataDir, name);
    this.#catalogue.transaction(() => {
      for (const { id } of removed) this.#catalogue.files.forget(id);
    });
  }

  #save(files: readonly FileRow[]): void {
    const { lastSeenMs } = this.#clock;
    if (files.length === 0 && lastSeenMs === undefined) return;
    this.#catalogue.transaction(() => {
      if (lastSeenMs !== undefined) this.#catalogue.setSetting(lastSeenName, String(lastSeenMs));
      if (files.length > 0) this.#markRemoved(files);
    });
  }

  #markRemoved(files: readonly FileRow[]): void {
    for (const { id } of files) this.#catalogue.files.setState(id, 'removed');
    this.#catalogue.hours.dropUncovered();
    this.#catalogue.raiseLayout();
  }

  /**
   * After a power failure, which may lose the last commits of the list, or a careless hand: what is listed and gone is
   * listed no more; what was never listed holds nothing that counts and goes, unless the list itself is gone.
   */
  #recover(): void {
    const { dataDir } = this.#options;
    const listed = compactedKinds.flatMap((kind) => this.#catalogue.files.ofKind(kind));
    const gone = listed.filter(({ name }) => !fileExists(dataDir, name));
    if (gone.length > 0) this.#catalogue.transaction(() => this.#markRemoved(gone));
    this.finish();
    const names = new Set(listed.map(({ name }) => name));
    if (names.size === 0) return;
    for (const kind of compactedKinds) {
      for (const name of filesOfKind(dataDir, kind)) if (!names.has(name)) removeFile(dataDir, name);
    }
  }

  /**
   * The files that go with some units. A compacted head stays listed, though its file and its hour are gone, while what it
   * carried into later hours is held: chunks count for as long as their head is listed.
   */
  #listedWith(gone: readonly FileUnit[], left: readonly FileUnit[]): FileRow[] {
    const longestMs = this.#catalogue.series.longestIntervalUntil(Infinity);
    const isCarried = ({ fromMs, toMs, state }: FileRow): boolean =>
      state === 'compacted' &&
      left.some(
        (unit) => unit.kind === 'detail' && unit.fromMs < toMs + reachOf(longestMs) * hourMs && unit.toMs > fromMs,
      );
    const compacted = this.#catalogue.files.ofKind('head').filter(({ state }) => state === 'compacted');
    const files = new Map([...gone.flatMap((unit) => unit.files), ...compacted].map((file) => [file.id, file]));
    return [...files.values()].filter((file) => !isCarried(file));
  }

  #units(): FileUnit[] {
    const { files } = this.#catalogue;
    const live = (kind: FileRow['kind']): FileRow[] => files.ofKind(kind).filter(({ state }) => state !== 'removed');
    const heads = live('head');
    const details = live('detail').map((file) => {
      const inside = heads.filter(({ fromMs }) => fromMs >= file.fromMs && fromMs < file.toMs);
      return this.#unit('detail', [file, ...inside]);
    });
    const isCovered = ({ fromMs }: FileRow): boolean =>
      details.some((unit) => fromMs >= unit.fromMs && fromMs < unit.toMs);
    const byHour = Map.groupBy(
      heads.filter((head) => head.state !== 'compacted' && !isCovered(head)),
      ({ fromMs }) => fromMs,
    );
    return [
      ...details,
      ...[...byHour.values()].map((ofHour) => this.#unit('detail', ofHour)),
      ...(['roll1h', 'roll1d'] as const).flatMap((kind) => live(kind).map((file) => this.#unit(kind, [file]))),
    ];
  }

  /** The first file covers the others. */
  #unit(kind: HeldKind, files: readonly FileRow[]): FileUnit {
    const { fromMs = 0, toMs = 0 } = files[0] ?? {};
    const bytes = files.reduce((sum, { name }) => sum + bytesOfFile(this.#options.dataDir, name), 0);
    const isAwaited = kind === 'detail' && this.#catalogue.hours.areAwaited(fromMs / hourMs, toMs / hourMs);
    return { kind, fromMs, toMs, bytes, isAwaited, files };
  }
}

function oldestKept(
  timeMs: UnixMs,
  { maxAgeMs, rollup1hMaxAgeMs, rollup1dMaxAgeMs }: Retention,
): Record<HeldKind, UnixMs> {
  return {
    detail: timeMs - maxAgeMs,
    roll1h: timeMs - (rollup1hMaxAgeMs ?? defaultRollup1hMs),
    roll1d: timeMs - (rollup1dMaxAgeMs ?? defaultRollup1dMs),
  };
}
