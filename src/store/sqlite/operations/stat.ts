import { join } from 'node:path';
import { type Bytes, hour as hourMs, type UnixMs } from '../../../model/units.ts';
import type { GrowthStoreStats } from '../../growth-store.ts';
import { bytesOfFile, fileExists, metaFile, stateFile } from '../files/data-dir.ts';
import { type Connection, openForReading, type Schema } from '../files/database.ts';
import { Statements } from '../files/statements.ts';
import { hasGrowth, readStats } from '../growth/stats.ts';
import { openMeta } from './open-meta.ts';

/** What a store is made of, file by file. */
export interface StoreStat {
  readonly files: readonly FileStat[];
  readonly series: number;
  readonly processes: number;
  readonly partitions: number;
  readonly dictionaryBytes: Bytes;
  /** Heads that are over and not yet compacted, chunks to restate, hours and days to roll up. */
  readonly waiting: { readonly heads: number; readonly chunks: number; readonly hours: number; readonly days: number };
  /** Of state.db; undefined where it is of a version without. */
  readonly growth: GrowthStoreStats | undefined;
  readonly damagedHours: readonly { readonly hourMs: UnixMs; readonly because: string }[];
}

export interface FileStat {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly fromMs: UnixMs | undefined;
  readonly toMs: UnixMs | undefined;
  readonly bytes: Bytes;
  /** Profiles of a head, chunks of a detail file, rows of roll-ups; undefined when the file cannot be read. */
  readonly rows: number | undefined;
}

interface ListedFile {
  readonly name: string;
  readonly kind: 'head' | 'detail' | 'roll1h' | 'roll1d';
  readonly state: string;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
}

const rowsOf = { head: 'profile', detail: 'chunk', roll1h: 'roll', roll1d: 'roll' } as const;
const schemaOf = { head: 'head', detail: 'detail', roll1h: 'roll', roll1d: 'roll' } as const satisfies Record<
  string,
  Schema
>;

/** Looks at a store, whether or not a collector is writing it. Throws when `meta.db` cannot be read. */
export function statStore(dataDir: string): StoreStat {
  const meta = openMeta(dataDir);
  try {
    return meta.transaction(() => statOf(dataDir, meta))();
  } finally {
    meta.close();
  }
}

function statOf(dataDir: string, meta: Connection): StoreStat {
  const count = (sql: string): number => (meta.prepare(sql).pluck().get() as number | null) ?? 0;
  return {
    files: [...ownFiles(dataDir), ...listedFiles(dataDir, meta)],
    series: count('SELECT count(*) FROM series'),
    processes: count('SELECT count(*) FROM process'),
    partitions: count('SELECT count(*) FROM partition'),
    dictionaryBytes: count('SELECT sum(length(data)) FROM dictionary'),
    waiting: {
      heads: count(`SELECT count(*) FROM file WHERE kind = 'head' AND state = 'sealed'`),
      chunks: count('SELECT count(*) FROM (SELECT DISTINCT series, hour FROM stale)'),
      hours: count('SELECT count(*) FROM hour WHERE rolled = 0'),
      days: count('SELECT count(*) FROM day WHERE rolled = 0'),
    },
    growth: growthOf(dataDir),
    damagedHours: meta
      .prepare<[], { hour: number; because: string }>(
        'SELECT hour, damaged AS because FROM hour WHERE damaged IS NOT NULL ORDER BY hour',
      )
      .all()
      .map(({ hour, because }) => ({ hourMs: hour * hourMs, because })),
  };
}

function growthOf(dataDir: string): GrowthStoreStats | undefined {
  if (!fileExists(dataDir, stateFile)) return undefined;
  const state = openForReading(join(dataDir, stateFile), 'state');
  try {
    return hasGrowth(state) ? readStats(new Statements(state)) : undefined;
  } finally {
    state.close();
  }
}

function ownFiles(dataDir: string): FileStat[] {
  return [metaFile, stateFile]
    .filter((name) => fileExists(dataDir, name))
    .map((name) => ({
      name,
      kind: name.replace('.db', ''),
      state: 'open',
      fromMs: undefined,
      toMs: undefined,
      bytes: bytesOfFile(dataDir, name),
      rows: undefined,
    }));
}

/** Heads that are compacted and gone are listed in meta.db for as long as their chunks are: they are no files. */
function listedFiles(dataDir: string, meta: Connection): FileStat[] {
  return meta
    .prepare<[], ListedFile>(
      'SELECT name, kind, state, from_ms AS fromMs, to_ms AS toMs FROM file ORDER BY kind, from_ms',
    )
    .all()
    .filter(({ name, state }) => state !== 'compacted' || fileExists(dataDir, name))
    .map((file) => ({ ...file, bytes: bytesOfFile(dataDir, file.name), rows: countRows(dataDir, file) }));
}

function countRows(dataDir: string, { name, kind }: ListedFile): number | undefined {
  try {
    const connection = openForReading(join(dataDir, name), schemaOf[kind]);
    try {
      return connection.prepare(`SELECT count(*) FROM ${rowsOf[kind]}`).pluck().get() as number;
    } finally {
      connection.close();
    }
  } catch {
    return undefined;
  }
}
