import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import {
  type Arbitrary,
  array,
  asyncProperty,
  assert as check,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
} from 'fast-check';
import type { ProfileWriter } from '../../../../src/store/profile-store.ts';
import { parseProfileId } from '../../../../src/store/sqlite/profile-id.ts';
import { processEnds, standingOf } from '../../../../src/store/standing.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';
import { at, gauge, minute } from '../../../support/store-questions.ts';
import { recordOf } from '../../../support/store-records.ts';

const hour = 60 * minute;

const someEvent = oneof(
  {
    weight: 6,
    arbitrary: record({
      kind: constantFrom('append' as const),
      process: nat(5),
      series: constantFrom('heap', 'goroutine'),
      gapMs: nat(2 * hour),
      intervalMs: constantFrom(minute, 7 * minute, 50 * minute),
      lateMs: constantFrom(0, 0, 40 * minute, 3 * hour),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      kind: constantFrom('end' as const),
      process: nat(5),
      agoMs: integer({ min: -minute, max: 4 * hour }),
    }),
  },
  { weight: 2, arbitrary: record({ kind: constantFrom('seal' as const), gapMs: nat(90 * minute) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom('compact' as const), gapMs: nat(3 * hour) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom('restart' as const) }) },
);
type MarkEvent = typeof someEvent extends Arbitrary<infer T> ? T : never;

interface Snapshot {
  readonly series: number;
  readonly process: string;
  readonly kind: string;
  readonly stampMs: number;
  readonly intervalMs: number;
  readonly head: number;
}

/** All profiles and processes in lists, and how long each snapshot stands by the rule alone. */
class Model {
  readonly snapshots: Snapshot[] = [];
  readonly #processes = new Map<string, { slot: string; firstMs: number; endedMs: number | undefined }>();

  append(snapshot: Snapshot, slot: string): void {
    const { process, stampMs, intervalMs } = snapshot;
    const known = this.#processes.get(process) ?? { slot, firstMs: stampMs, endedMs: undefined };
    const livesOn = known.endedMs !== undefined && stampMs > known.endedMs + intervalMs;
    const firstMs = Math.min(known.firstMs, stampMs);
    this.#processes.set(process, { slot, firstMs, endedMs: livesOn ? undefined : known.endedMs });
    this.snapshots.push(snapshot);
  }

  endProcess(id: string, endedMs: number): void {
    const known = this.#processes.get(id);
    if (known) known.endedMs = Math.min(known.endedMs ?? Infinity, endedMs);
  }

  newestStamp(process: string, kind: string): number {
    return this.snapshots.findLast((one) => one.process === process && one.kind === kind)?.stampMs ?? 0;
  }

  /** `series hour` → which seconds of which snapshots stand there, of some snapshots. */
  standing(among: readonly Snapshot[]): Map<string, string> {
    const ends = processEnds([...this.#processes.values()]);
    const endOf = new Map([...this.#processes.keys()].map((id, index) => [id, ends[index]]));
    const byHour = new Map<string, string>();
    for (const one of among) {
      const nextMs = this.snapshots.find(
        ({ series, stampMs }) => series === one.series && stampMs > one.stampMs,
      )?.stampMs;
      const { from, to } = standingOf({ ...one, nextMs, endMs: endOf.get(one.process) });
      for (let at = Math.floor(from / 3600); at * 3600 < to; at++) {
        const key = `${one.series} ${at}`;
        const within = `${one.stampMs}: ${Math.max(from, at * 3600)}-${Math.min(to, (at + 1) * 3600)}`;
        byHour.set(key, `${byHour.get(key) ?? ''} ${within}`);
      }
    }
    return byHour;
  }
}

/** A store and its model, told the same events. */
class Story {
  readonly model = new Model();
  readonly #dataDir = storeDir();
  #nowMs = at(0);
  #writer = this.#open();
  readonly #meta = new Database(join(this.#dataDir, 'meta.db'));

  async tell(event: MarkEvent): Promise<void> {
    if ('gapMs' in event) this.#nowMs += event.gapMs;
    if (event.kind === 'append') this.#append(event);
    else if (event.kind === 'end') this.#end(`p${event.process}`, this.#nowMs - event.agoMs);
    else if (event.kind === 'seal') this.#writer.seal(this.#nowMs);
    else if (event.kind === 'compact') await compactAll(this.#writer, this.#dataDir, this.#nowMs);
    else {
      await this.#writer[Symbol.asyncDispose]();
      this.#writer = this.#open();
    }
  }

  /** The snapshots in heads that are sealed or compacted. */
  sealed(): Snapshot[] {
    const open = new Set(this.all<{ id: number }>(`SELECT id FROM file WHERE state = 'open'`).map(({ id }) => id));
    return this.model.snapshots.filter(({ head }) => !open.has(head));
  }

  get lastMark(): number {
    return this.all<{ seq: number }>(`SELECT seq FROM sqlite_sequence WHERE name = 'stale'`)[0]?.seq ?? 0;
  }

  get layout(): number {
    return Number(this.all<{ value: string }>(`SELECT value FROM setting WHERE name = 'layout'`)[0]?.value);
  }

  all<T>(sql: string, ...given: unknown[]): T[] {
    return this.#meta.prepare<unknown[], T>(sql).all(...given);
  }

  async close(): Promise<void> {
    this.#meta.close();
    await this.#writer[Symbol.asyncDispose]();
  }

  #append({ process: index, series: kind, intervalMs, lateMs }: Extract<MarkEvent, { kind: 'append' }>): void {
    const process = `p${index}`;
    const slot = index < 2 ? '' : `slot-${index % 2}`;
    const stampMs = Math.max(this.#nowMs - lateMs, this.model.newestStamp(process, kind) + 1);
    const [outcome] = this.#writer.append([recordOf(gauge(stampMs, 1, { process, slot, kind, intervalMs }))]);
    assert.ok(outcome?.kind === 'stored');
    const newestHead = `SELECT id FROM file WHERE kind = 'head' AND from_ms <= ? AND to_ms > ? ORDER BY generation DESC`;
    const head = this.all<{ id: number }>(newestHead, stampMs, stampMs)[0]?.id ?? 0;
    const series = parseProfileId(outcome.id)?.series ?? 0;
    this.model.append({ series, process, kind, stampMs, intervalMs, head }, slot);
  }

  #end(process: string, endedMs: number): void {
    this.#writer.endProcess(process, endedMs);
    this.model.endProcess(process, endedMs);
  }

  #open(): ProfileWriter {
    return writerOn(this.#dataDir, { now: () => this.#nowMs });
  }
}

test('what changes how long a sealed snapshot stands marks its series in every hour that it changes', async () => {
  let changes = 0;
  await check(
    asyncProperty(array(someEvent, { minLength: 5, maxLength: 40 }), async (events) => {
      const story = new Story();
      for (const event of events) {
        const sealed = story.sealed();
        const [before, lastMark, layout] = [story.model.standing(sealed), story.lastMark, story.layout];
        await story.tell(event);
        const after = story.model.standing(sealed);
        const changed = [...before.keys(), ...after.keys()].filter((key) => before.get(key) !== after.get(key));
        const marked = new Set(
          story
            .all<{ key: string }>(`SELECT series || ' ' || hour AS key FROM stale WHERE id > ?`, lastMark)
            .map(({ key }) => key),
        );
        const missed = changed.filter((key) => !marked.has(key));
        assert.deepEqual(missed, [], `${event.kind} changed this and did not mark it`);
        const counting = story
          .all<{ hour: number }>('SELECT hour FROM hour WHERE rolled = 1')
          .map(({ hour: of }) => String(of));
        const counted = [...marked].filter((key) => counting.includes(key.split(' ')[1] ?? ''));
        assert.deepEqual(counted, [], 'the roll-ups of a marked hour count no more');
        if (marked.size > 0) assert.ok(story.layout > layout, 'readers are told');
        changes += changed.length;
      }
      await story.close();
    }),
    { numRuns: Number(process.env['STORE_MARK_RUNS'] ?? 25) },
  );
  assert.ok(changes > 0, 'the stories do change what is sealed');
});

test('hours of ordinary scrapes, ends and roll-outs mark nothing, and raise the layout for new heads only', async () => {
  const dataDir = storeDir();
  let nowMs = at(0);
  await using writer = writerOn(dataDir, { now: () => nowMs });
  for (let minutes = 0; minutes < 200; minutes++) {
    nowMs = at(minutes);
    const process = `pod-${Math.floor(minutes / 50)}`;
    writer.append([
      recordOf(gauge(nowMs, 1, { process, slot: 'web' })),
      recordOf(gauge(nowMs + 900, 1, { process: 'b' })),
    ]);
    if (minutes % 50 === 49) writer.endProcess(process, nowMs + 20_000);
    writer.seal(nowMs + 30_000);
  }
  const meta = new Database(join(dataDir, 'meta.db'), { readonly: true });
  const value = (sql: string): unknown => meta.prepare(sql).pluck().get();
  assert.equal(value(`SELECT count(*) FROM file WHERE state = 'sealed'`), 3);
  assert.equal(value(`SELECT seq FROM sqlite_sequence WHERE name = 'stale'`) ?? 0, 0);
  assert.equal(Number(value(`SELECT value FROM setting WHERE name = 'layout'`)), 1 + 4);
  meta.close();
});
