import type { AppendOutcome, ProfileRecord } from '../../profile-store.ts';
import type { CatalogueWriter } from '../catalogue/catalogue-writer.ts';
import type { OpenPartition, Partitions } from '../dictionary/partitions.ts';
import { ByteWriter } from '../encoding/bytes.ts';
import { hourOf } from '../files/data-dir.ts';
import type { HeadFiles } from '../heads/head-files.ts';
import { encodeTotals, SampleEncoder, samplesFormat } from '../heads/samples.ts';
import { reachOf } from '../heads/sealing.ts';
import { encodeShape } from '../heads/shape.ts';
import { formatProfileId } from '../profile-id.ts';
import type { KnownSeries, OpenSeries } from './known-series.ts';
import type { LastLooks } from './last-looks.ts';
import type { StandingMarks } from './standing-marks.ts';
import type { StoredProfiles } from './stored-profiles.ts';

export interface AppenderParts {
  readonly catalogue: CatalogueWriter;
  readonly heads: HeadFiles;
  readonly partitions: Partitions;
  readonly stored: StoredProfiles;
  readonly series: KnownSeries;
  readonly looks: LastLooks;
  readonly marks: StandingMarks;
}

/** Turns records into rows of heads, inside a transaction of the catalogue and one of each head. */
export class Appender {
  readonly #parts: AppenderParts;
  readonly #encoder = new SampleEncoder();
  readonly #bytes = new ByteWriter();
  readonly #totals = new ByteWriter();
  #stackIds = new Int32Array(1024);

  constructor(parts: AppenderParts) {
    this.#parts = parts;
  }

  append(record: ProfileRecord): AppendOutcome {
    const { heads, partitions, stored, series, looks, marks } = this.#parts;
    const { stampMs, intervalMs, contentHash } = record;
    const known = series.find(record.series);
    const refusal = this.#refusal(known, record);
    if (refusal) return refusal;
    const hour = hourOf(stampMs);
    const shape = encodeShape(record.types, record.header);
    const open = known ?? series.add(record, shape);
    const { row } = open;
    series.touch(open, record, shape);
    if (open.newest) marks.follows(row.id, open.newest, stampMs);
    const partition = partitions.forWriting(row.partitionKey, hour, hour + reachOf(intervalMs));
    const head = heads.forWriting(hour, intervalMs);
    this.#encode(record, partition);
    heads.insert(head, {
      series: row.id,
      stampMs,
      intervalMs,
      spanMs: record.spanMs,
      partition: partition.row.id,
      shape,
      trimmed: record.trimmed,
      totals: this.#totals.bytes(),
      contentHash,
      format: samplesFormat,
      samples: this.#bytes.bytes(),
    });
    open.newest = { stampMs, intervalMs, contentHash, head: head.id };
    looks.note(row.partitionKey, stampMs);
    stored.note(stampMs);
    return { kind: 'stored', id: formatProfileId(row.id, stampMs) };
  }

  /**
   * Stamps of a series only rise: anything at or before the newest is a repetition or a clash. And nothing can be added to
   * an hour of which only roll-ups are left.
   */
  #refusal(open: OpenSeries | undefined, record: ProfileRecord): AppendOutcome | undefined {
    const { catalogue, heads, stored } = this.#parts;
    const { stampMs, intervalMs, contentHash } = record;
    const newest = open?.newest;
    if (!open || !newest || stampMs > newest.stampMs) {
      const hour = hourOf(stampMs);
      const isExpired = !heads.takes(hour) && catalogue.hours.isExpired(hour, hour + reachOf(intervalMs));
      return isExpired ? { kind: 'conflict', reason: 'expired', lastStampMs: newest?.stampMs ?? stampMs } : undefined;
    }
    const content = stampMs === newest.stampMs ? newest.contentHash : stored.contentAt(open.row.id, stampMs);
    if (content === contentHash) return { kind: 'duplicate', id: formatProfileId(open.row.id, stampMs) };
    const reason = content === undefined ? 'out_of_order' : 'duplicate_time';
    return { kind: 'conflict', reason, lastStampMs: newest.stampMs };
  }

  #encode({ header, stacks, values }: ProfileRecord, partition: OpenPartition): void {
    this.#bytes.reset();
    this.#totals.reset();
    const ids = this.#idsOf(stacks, partition);
    partition.wear.note(ids, stacks.count);
    encodeTotals(this.#totals, this.#encoder.encode(this.#bytes, header, ids, stacks.count, values));
  }

  #idsOf(stacks: ProfileRecord['stacks'], { interner }: OpenPartition): Int32Array {
    if (this.#stackIds.length < stacks.count) this.#stackIds = new Int32Array(2 * stacks.count);
    const ids = this.#stackIds;
    for (let row = 0; row < stacks.count; row++) {
      const high = stacks.hashHigh[row] ?? 0;
      const low = stacks.hashLow[row] ?? 0;
      const known = interner.find(high, low);
      ids[row] = known >= 0 ? known : interner.add(high, low, stacks.describe(row));
    }
    return ids;
  }
}
