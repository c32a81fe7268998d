import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { FlameherdError } from '../../../model/errors.ts';
import type { Bytes } from '../../../model/units.ts';
import { Layout } from '../catalogue/layout.ts';
import { fileExists, metaFile, stateFile } from '../files/data-dir.ts';
import { Statements } from '../files/statements.ts';
import { openMeta } from './open-meta.ts';

export interface BackupReport {
  readonly files: readonly string[];
  readonly bytes: Bytes;
  /** How often the store changed under the copy, so that a part was copied anew. */
  readonly rounds: number;
}

/** While hours are compacted and removed the copy runs after them; each round copies only what has changed. */
const mostRounds = 20;

/**
 * Copies a store to a new folder while it is being written. The copy holds every profile that was acknowledged before the
 * call, each once. It is made under `TO.partial` and gets its name when it is whole: a copy that was cut off is never taken
 * for one. Throws `bad_parameter` when `to` exists.
 *
 *     state.db ─ heads, detail, roll-ups ─ meta.db ─ has the layout changed? ─ no ─ rename
 *                └──────────── those that changed ◄──────── yes ┘
 *
 * state.db is first, for counters are rebuilt from a checkpoint and the increases after it; meta.db is last, for facts refer
 * to it.
 */
export async function backupStore(dataDir: string, to: string): Promise<BackupReport> {
  const partial = `${to}.partial`;
  if (existsSync(to)) throw taken(to);
  openMeta(dataDir).close();
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  if (fileExists(dataDir, stateFile)) await copyDatabase(dataDir, stateFile, partial);
  const rounds = await copyUntilSteady(dataDir, partial);
  // Left by looking into the copy; empty, for nothing was written there.
  for (const companion of ['-wal', '-shm']) rmSync(join(partial, metaFile + companion), { force: true });
  renameSync(partial, to);
  const files = readdirSync(to).sort();
  return { files, bytes: files.reduce((sum, name) => sum + statSync(join(to, name)).size, 0), rounds };
}

async function copyUntilSteady(dataDir: string, partial: string): Promise<number> {
  const copied = new Map<string, string>();
  for (let round = 1; round <= mostRounds; round++) {
    const before = layoutOf(dataDir);
    const isWhole = await copyFacts(dataDir, partial, before.names, copied);
    await copyDatabase(dataDir, metaFile, partial);
    if (!isWhole || layoutOf(partial).version !== before.version) continue;
    for (const name of copied.keys()) if (!before.names.includes(name)) rmSync(join(partial, name), { force: true });
    return round;
  }
  throw new FlameherdError('busy', `${dataDir} changed ${mostRounds} times while it was copied`, {
    hint: 'try again in a quieter minute',
  });
}

/** Copies the files that changed since they were copied. False when one is gone: the list is out of date. */
async function copyFacts(
  dataDir: string,
  partial: string,
  names: readonly string[],
  copied: Map<string, string>,
): Promise<boolean> {
  for (const name of names) {
    const mark = changeMark(dataDir, name);
    if (mark === undefined) return false;
    if (copied.get(name) === mark) continue;
    try {
      await copyDatabase(dataDir, name, partial);
    } catch (error) {
      if (fileExists(dataDir, name)) throw error;
      return false;
    }
    copied.set(name, mark);
  }
  return true;
}

/** One consistent moment of a database, its write-ahead log included. */
async function copyDatabase(dataDir: string, name: string, partial: string): Promise<void> {
  const source = new Database(join(dataDir, name), { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    // In one step: a copy in several begins anew with every commit that falls between them.
    await source.backup(join(partial, name), { progress: () => 2 ** 31 - 1 });
  } finally {
    source.close();
  }
}

/** Differs when a file or its log was written to. */
function changeMark(dataDir: string, name: string): string | undefined {
  if (!fileExists(dataDir, name)) return undefined;
  const marks = ['', '-wal'].map((suffix) => {
    const stat = statSync(join(dataDir, name + suffix), { throwIfNoEntry: false, bigint: true });
    return `${stat?.size ?? 0n}@${stat?.mtimeNs ?? 0n}`;
  });
  return marks.join(' ');
}

function layoutOf(dataDir: string): { readonly version: string; readonly names: readonly string[] } {
  const connection = openMeta(dataDir);
  try {
    const sql = new Statements(connection);
    return connection.transaction(() => {
      const { version, files } = new Layout(sql);
      return { version, names: files.map(({ name }) => name) };
    })();
  } finally {
    connection.close();
  }
}

function taken(to: string): FlameherdError {
  return new FlameherdError('bad_parameter', `${to} exists; a backup makes a folder of its own`, {
    hint: 'name a folder that does not exist yet',
  });
}
