import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import Database from 'better-sqlite3';
import { FlameherdError, messageOf } from '../../../model/errors.ts';
import type { DurationMs } from '../../../model/units.ts';

export type Schema = 'meta' | 'state' | 'head' | 'detail' | 'roll';
export type Synchronous = 'normal' | 'full';
export type Connection = Database.Database;
/** A prepared statement; parameters and rows are what its SQL says. */
export type Statement<Row = unknown> = Database.Statement<unknown[], Row>;

const busyMs = 5000;
const checkpointBytes = 4 << 20;
/**
 * Of a file that is made. Rows of detail files are blobs of a few kilobytes: with small pages 2 % of the file are unused,
 * with SQLite's 4096 bytes 10 %, and reading them takes as long.
 */
const pageBytes: Readonly<Record<Schema, number>> = { meta: 4096, state: 4096, head: 4096, detail: 1024, roll: 4096 };
/** Of each connection that writes; the driver's own is 16 MB, which the files of some hours fill one by one. */
const cacheBytes = 2 << 20;
/** Readers map this much of a file, so that a sample blob is copied once, and caches do not add up over many files. */
const mappedBytes = 1 << 30;
const migrationsDir = new URL('../../../../migrations/', import.meta.url);

/**
 * Opens a database for writing, making it or bringing it to this version's schema. A write waits `patienceMs` for others.
 * Throws `store_too_new`.
 */
export function openDatabase(
  path: string,
  schema: Schema,
  synchronous: Synchronous,
  patienceMs: DurationMs = busyMs,
): Connection {
  const connection = new Database(path, { timeout: patienceMs });
  return closedOnFailure(connection, () => {
    connection.pragma(`page_size = ${pageBytes[schema]}`);
    connection.pragma(`cache_size = -${cacheBytes / 1024}`);
    connection.pragma('journal_mode = WAL');
    connection.pragma(`synchronous = ${synchronous}`);
    connection.pragma(`wal_autocheckpoint = ${checkpointBytes / pageBytes[schema]}`);
    migrate(connection, schema);
  });
}

/**
 * Opens a database that a writer made, for reading. Throws when there is none, `store_too_new`, or `not_ready` for a
 * `meta.db` of an earlier version: its writer brings it up to date. Files of facts keep the schema that they were made with.
 */
export function openForReading(path: string, schema: Schema): Connection {
  const connection = new Database(path, { readonly: true, fileMustExist: true, timeout: busyMs });
  return closedOnFailure(connection, () => {
    const stored = checkVersion(connection, schema);
    if (schema === 'meta' && stored < latestVersion(schema)) throw notYetMigrated(connection, stored);
    connection.pragma(`mmap_size = ${mappedBytes}`);
  });
}

/** Begins a transaction that sees the database as it is now: SQLite's own begins with its first read. */
export function beginSnapshot(connection: Connection): void {
  connection.exec('BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1');
}

/**
 * Brings everything that is committed from the log into the file itself, and to the disk. False while a reader is in the
 * way; it waits for none.
 */
export function checkpoint(connection: Connection): boolean {
  const [row] = connection.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[];
  return row !== undefined && row.log === row.checkpointed;
}

/** Whether an error says that the disk is full, whatever part of SQLite met it. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (
    code === 'SQLITE_FULL' || code === 'ENOSPC' || (code.startsWith('SQLITE_IOERR') && /full/i.test(messageOf(error)))
  );
}

function closedOnFailure(connection: Connection, prepare: () => void): Connection {
  try {
    prepare();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function migrate(connection: Connection, schema: Schema): void {
  const steps = migrationsOf(schema);
  for (const { version, url } of steps.filter(({ version }) => version > checkVersion(connection, schema))) {
    connection.transaction(() => {
      connection.exec(readFileSync(url, 'utf8'));
      connection.pragma(`user_version = ${version}`);
    })();
  }
}

function checkVersion(connection: Connection, schema: Schema): number {
  const stored = Number(connection.pragma('user_version', { simple: true }));
  const known = latestVersion(schema);
  if (stored > known) {
    throw new FlameherdError(
      'store_too_new',
      `${basename(connection.name)} has ${schema} schema ${stored}; this flameherd knows up to ${known}`,
      {
        hint: 'run the version of flameherd that wrote it, or a later one; or start on a backup from before the upgrade, or with an empty data directory',
      },
    );
  }
  return stored;
}

function notYetMigrated(connection: Connection, stored: number): FlameherdError {
  const name = basename(connection.name);
  return new FlameherdError(
    'not_ready',
    `${name} has meta schema ${stored}, of an earlier flameherd; this one reads schema ${latestVersion('meta')}`,
    { hint: 'start the collector once with this --data directory: it brings the store up to date' },
  );
}

function latestVersion(schema: Schema): number {
  return migrationsOf(schema).at(-1)?.version ?? 0;
}

interface Migration {
  readonly version: number;
  readonly url: URL;
}

const found = new Map<Schema, readonly Migration[]>();

function migrationsOf(schema: Schema): readonly Migration[] {
  const known = found.get(schema);
  if (known) return known;
  const dir = new URL(`${schema}/`, migrationsDir);
  const steps = readdirSync(dir)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => ({ version: Number.parseInt(name, 10), url: new URL(name, dir) }))
    .sort((a, b) => a.version - b.version);
  found.set(schema, steps);
  return steps;
}
