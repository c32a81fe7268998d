import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, hour, type UnixMs } from '../../../model/units.ts';
import { type StoreFileKind, type StoreStats, storeFileKinds } from '../../profile-store.ts';

/** Hours since the Unix epoch, UTC: the unit of head files. */
export type UnixHour = number;

/** Days since the Unix epoch, UTC. */
export type UnixDay = number;

export const hoursOfDay = 24;

export const metaFile = 'meta.db';
export const stateFile = 'state.db';

/** SQLite's companions of a database file. */
const companions = ['', '-wal', '-shm'] as const;
const storeFile = /\.db(-wal|-shm)?$/;
const headName = /^head-(\d{4})(\d{2})(\d{2})T(\d{2})(?:-([2-9]|[1-9]\d+))?\.db$/;
const datedName = /^[a-z0-9]+-(\d{4})(\d{2})?(\d{2})?(?:T(\d{2}))?/;

export function hourOf(ms: UnixMs): UnixHour {
  return Math.floor(ms / hour);
}

export function dayOfHour(hour: UnixHour): UnixDay {
  return Math.floor(hour / hoursOfDay);
}

/** `head-20260731T09.db`, then for profiles that came after it was sealed `head-20260731T09-2.db`, and so on. */
export function headFileName(of: UnixHour, generation = 1): string {
  const text = new Date(of * hour).toISOString();
  return `head-${text.slice(0, 13).replaceAll('-', '')}${generation > 1 ? `-${generation}` : ''}.db`;
}

/** The inverse of `headFileName`; undefined for any other name. */
export function parseHeadFileName(name: string): { readonly hour: UnixHour; readonly generation: number } | undefined {
  const [, year, month, day, hourOfDay, generation = 1] = headName.exec(name) ?? [];
  if (year === undefined) return undefined;
  const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hourOfDay));
  return { hour: startMs / hour, generation: Number(generation) };
}

export function hourOfHeadFile(name: string): UnixHour | undefined {
  return parseHeadFileName(name)?.hour;
}

export function headFilesIn(dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => parseHeadFileName(name) !== undefined);
}

/** Names of the databases of a kind, without their companions. */
export function filesOfKind(dataDir: string, kind: 'detail' | 'roll1h' | 'roll1d'): string[] {
  return readdirSync(dataDir).filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.db'));
}

/** The bytes of one database with its companions; 0 when it is gone. */
export function bytesOfFile(dataDir: string, name: string): Bytes {
  return companions.reduce((sum, suffix) => sum + sizeOf(join(dataDir, name + suffix)), 0);
}

/** The bytes of everything the store keeps. */
export function bytesOfStore(dataDir: string): Bytes {
  return readdirSync(dataDir)
    .filter((name) => storeFile.test(name))
    .reduce((sum, name) => sum + sizeOf(join(dataDir, name)), 0);
}

/** Files and bytes by what they hold, companions counted with their database. */
export function bytesByKind(dataDir: string): StoreStats['byKind'] {
  const counts = Object.fromEntries(storeFileKinds.map((kind) => [kind, { files: 0, bytes: 0 }])) as Record<
    StoreFileKind,
    { files: number; bytes: Bytes; fromMs?: UnixMs }
  >;
  for (const name of readdirSync(dataDir)) {
    const kind = storeFileKinds.find((known) => name.startsWith(`${known}-`) || name.startsWith(`${known}.db`));
    if (!kind || !storeFile.test(name)) continue;
    counts[kind].bytes += sizeOf(join(dataDir, name));
    if (!name.endsWith('.db')) continue;
    counts[kind].files++;
    const fromMs = beginOf(name);
    if (fromMs !== undefined) counts[kind].fromMs = Math.min(fromMs, counts[kind].fromMs ?? fromMs);
  }
  return counts;
}

/** When the time that a file is named by begins: an hour, a day, a month or a year. */
function beginOf(name: string): UnixMs | undefined {
  const [, year, month = '01', day = '01', hourOfDay = '00'] = datedName.exec(name) ?? [];
  if (year === undefined) return undefined;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hourOfDay));
}

export function removeFile(dataDir: string, name: string): void {
  for (const suffix of companions) rmSync(join(dataDir, name + suffix), { force: true });
}

export function fileExists(dataDir: string, name: string): boolean {
  return existsSync(join(dataDir, name));
}

function sizeOf(path: string): Bytes {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
