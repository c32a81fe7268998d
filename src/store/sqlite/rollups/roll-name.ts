import { day, hour, type UnixMs } from '../../../model/units.ts';
import type { RollLevel } from './roll.ts';

/** How long a bucket is. */
export const bucketMs: Readonly<Record<RollLevel, number>> = { '1h': hour, '1d': day };

/** The roll-up file of a level: its name and the buckets it covers, `to` excluded. */
export interface RollFileName {
  readonly name: string;
  readonly level: RollLevel;
  readonly from: number;
  readonly to: number;
}

const pattern = /^roll(?:1h-(\d{4})(\d{2})|1d-(\d{4}))\.db$/;

/** The file that a bucket lies in: `roll1h-202607.db` for the hours of a month, `roll1d-2026.db` for the days of a year. */
export function rollFileOf(level: RollLevel, bucket: number): RollFileName {
  const at = new Date(bucket * bucketMs[level]);
  return level === '1h' ? hoursOf(at.getUTCFullYear(), at.getUTCMonth()) : daysOf(at.getUTCFullYear());
}

/** Reads a file's name; undefined for any other name. */
export function parseRollFileName(name: string): RollFileName | undefined {
  const [, yearOfHours, month, yearOfDays] = pattern.exec(name) ?? [];
  if (yearOfDays !== undefined) return daysOf(Number(yearOfDays));
  if (yearOfHours === undefined || month === undefined) return undefined;
  const file = hoursOf(Number(yearOfHours), Number(month) - 1);
  return file.name === name ? file : undefined;
}

/** When the buckets of a file begin and end. */
export function windowOf({ level, from, to }: RollFileName): { readonly fromMs: UnixMs; readonly toMs: UnixMs } {
  return { fromMs: from * bucketMs[level], toMs: to * bucketMs[level] };
}

function hoursOf(year: number, month: number): RollFileName {
  const text = new Date(Date.UTC(year, month)).toISOString();
  const name = `roll1h-${text.slice(0, 4)}${text.slice(5, 7)}.db`;
  return { name, level: '1h', from: Date.UTC(year, month) / hour, to: Date.UTC(year, month + 1) / hour };
}

function daysOf(year: number): RollFileName {
  const name = `roll1d-${String(year).padStart(4, '0')}.db`;
  return { name, level: '1d', from: Date.UTC(year, 0) / day, to: Date.UTC(year + 1, 0) / day };
}
