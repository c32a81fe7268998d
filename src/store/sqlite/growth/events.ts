import { FlameherdError } from '../../../model/errors.ts';
import type { EventSide, GrowthEvent, GrowthSignal, GrowthTier, Workload } from '../../../model/growth.ts';
import type { Bytes, UnixMs } from '../../../model/units.ts';
import { type EventQuery, maxEventProfileBytes, maxEventsPerWorkload, maxProfiledEvents } from '../../growth-store.ts';
import type { Statements } from '../files/statements.ts';

interface EventRow extends Workload {
  readonly id: string;
  readonly signal: GrowthSignal;
  readonly tier: GrowthTier;
  readonly openedMs: UnixMs;
  readonly likelyMs: UnixMs | null;
  readonly resolvedMs: UnixMs | null;
  readonly revision: string;
  readonly verdict: string;
  readonly profiles: string | null;
}

const selectEvents = `SELECT e.id, namespace, kind AS workloadKind, w.workload, container, signal, tier, opened_ms AS openedMs,
    likely_ms AS likelyMs, resolved_ms AS resolvedMs, revision, verdict, profiles
  FROM growth_event e JOIN growth_workload w ON w.id = e.workload`;

const within = 'namespace IN (SELECT value FROM json_each(?))';

/** Events and their profiles. Writes work inside a transaction of their caller. */
export class EventRows {
  readonly #sql: Statements;
  readonly #profileBytes: Bytes;

  constructor(sql: Statements, profileBytes = maxEventProfileBytes) {
    this.#sql = sql;
    this.#profileBytes = profileBytes;
  }

  save(workload: number, event: GrowthEvent): void {
    this.#sql
      .rows(
        `INSERT INTO growth_event (id, workload, signal, tier, opened_ms, likely_ms, resolved_ms, revision, verdict)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET workload = excluded.workload, signal = excluded.signal, tier = excluded.tier,
           opened_ms = excluded.opened_ms, likely_ms = excluded.likely_ms, resolved_ms = excluded.resolved_ms,
           revision = excluded.revision, verdict = excluded.verdict`,
      )
      .run(
        event.id,
        workload,
        event.signal,
        event.tier,
        event.openedMs,
        event.likelyMs ?? null,
        event.resolvedMs ?? null,
        event.revision,
        JSON.stringify(event.verdict),
      );
    const surplus = this.#sql
      .values<string>(
        'SELECT id FROM growth_event WHERE workload = ? ORDER BY opened_ms DESC, id DESC LIMIT -1 OFFSET ?',
      )
      .all(workload, maxEventsPerWorkload);
    for (const id of surplus) this.remove(id);
  }

  remove(id: string): void {
    this.#sql.rows('DELETE FROM growth_event_profile WHERE event = ?').run(id);
    this.#sql.rows('DELETE FROM growth_event WHERE id = ?').run(id);
  }

  saveProfiles(
    id: string,
    windows: NonNullable<GrowthEvent['profiles']>,
    profiles: Readonly<Partial<Record<EventSide, Uint8Array>>>,
  ): void {
    const workload = this.#sql.values<number>('SELECT workload FROM growth_event WHERE id = ?').get(id);
    if (workload === undefined) throw unknownEvent(id);
    this.#sql.rows('UPDATE growth_event SET profiles = ? WHERE id = ?').run(JSON.stringify(windows), id);
    this.#sql.rows('DELETE FROM growth_event_profile WHERE event = ?').run(id);
    const insert = this.#sql.rows('INSERT INTO growth_event_profile (event, side, data) VALUES (?, ?, ?)');
    for (const [side, data] of Object.entries(profiles)) if (data) insert.run(id, side, data);
    const surplus = this.#sql
      .values<string>(
        `SELECT id FROM growth_event WHERE workload = ? AND profiles IS NOT NULL
         ORDER BY opened_ms DESC, id DESC LIMIT -1 OFFSET ?`,
      )
      .all(workload, maxProfiledEvents);
    for (const old of surplus) {
      this.#sql.rows('DELETE FROM growth_event_profile WHERE event = ?').run(old);
      this.#sql.rows('UPDATE growth_event SET profiles = NULL WHERE id = ?').run(old);
    }
    this.#dropOldProfiles(id);
  }

  /** Lengths lie beside the blobs, which are not read. */
  #dropOldProfiles(except: string): void {
    const held = this.#sql
      .rows<{ readonly event: string; readonly bytes: Bytes }>(
        `SELECT event, sum(length(data)) AS bytes FROM growth_event_profile JOIN growth_event ON id = event
         GROUP BY event ORDER BY opened_ms, event`,
      )
      .all();
    let bytes = held.reduce((sum, one) => sum + one.bytes, 0);
    for (const { event, bytes: own } of held) {
      if (bytes <= this.#profileBytes) return;
      if (event === except) continue;
      this.#sql.rows('DELETE FROM growth_event_profile WHERE event = ?').run(event);
      bytes -= own;
    }
  }

  profile(id: string, side: EventSide): Uint8Array | undefined {
    const sql = 'SELECT data FROM growth_event_profile WHERE event = ? AND side = ?';
    return this.#sql.values<Uint8Array>(sql).get(id, side);
  }

  event(id: string): GrowthEvent | undefined {
    const row = this.#sql.rows<EventRow>(`${selectEvents} WHERE e.id = ?`).get(id);
    return row && eventOf(row);
  }

  events(query: EventQuery): GrowthEvent[] {
    const { conditions, values } = this.#conditions(query);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    return this.#sql
      .rows<EventRow>(`${selectEvents} ${where} ORDER BY e.opened_ms DESC, e.id DESC LIMIT ?`)
      .all(...values, query.limit)
      .map(eventOf);
  }

  #conditions({ namespaces, namespace, workload, container, tier, window, isOpen, before }: EventQuery): {
    readonly conditions: readonly string[];
    readonly values: readonly unknown[];
  } {
    const conditions: string[] = [];
    const values: unknown[] = [];
    const add = (condition: string, ...given: readonly unknown[]): void => {
      conditions.push(condition);
      values.push(...given);
    };
    if (namespaces) add(within, JSON.stringify([...namespaces]));
    if (namespace !== undefined) add('namespace = ?', namespace);
    if (workload !== undefined) add('w.workload = ?', workload);
    if (container !== undefined) add('container = ?', container);
    if (tier !== undefined) add('tier = ?', tier);
    if (isOpen === true) add('resolved_ms IS NULL');
    if (isOpen === false) add('resolved_ms IS NOT NULL');
    if (window) {
      const { fromMs, toMs } = window;
      add('opened_ms < ? AND (resolved_ms IS NULL OR resolved_ms > ? OR opened_ms >= ?)', toMs, fromMs, fromMs);
    }
    if (before !== undefined) {
      const event = this.event(before);
      if (!event || namespaces?.has(event.workload.namespace) === false) throw unknownEvent(before);
      add('(e.opened_ms, e.id) < (?, ?)', event.openedMs, before);
    }
    return { conditions, values };
  }
}

function eventOf(row: EventRow): GrowthEvent {
  const { namespace, workloadKind, workload, container } = row;
  return {
    id: row.id,
    workload: { namespace, workloadKind, workload, container },
    signal: row.signal,
    tier: row.tier,
    openedMs: row.openedMs,
    ...(row.likelyMs === null ? {} : { likelyMs: row.likelyMs }),
    ...(row.resolvedMs === null ? {} : { resolvedMs: row.resolvedMs }),
    verdict: JSON.parse(row.verdict) as GrowthEvent['verdict'],
    revision: row.revision,
    ...(row.profiles === null ? {} : { profiles: windowsOf(row.profiles) }),
  };
}

/** JSON has no undefined: a side without a window is left out of the text. */
function windowsOf(text: string): NonNullable<GrowthEvent['profiles']> {
  const { base, compare } = JSON.parse(text) as NonNullable<GrowthEvent['profiles']>;
  return { base, compare };
}

function unknownEvent(id: string): FlameherdError {
  return new FlameherdError('not_found', `there is no growth event ${id}`, {
    hint: 'events are forgotten growth.retention after they ended; list those that are kept',
  });
}
