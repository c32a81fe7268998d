import { type Bytes, hour as hourMs, type UnixMs } from '../../../model/units.ts';
import { hoursOfDay, type UnixHour } from '../files/data-dir.ts';

/** What a file of chunks or roll-ups is called and covers. */
export interface FileSpan {
  readonly name: string;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
}

/** Hours that a detail file may cover, aligned to UTC. */
const detailHours = [hoursOfDay, 6, 1] as const;
/** Retention by size removes whole files: a file of detail should hold no more than this share of the cap. */
const largestShare = 1 / 8;

/**
 * The detail file for an hour that none covers yet: a UTC day, or 6 h or 1 h where a day of such hours would be more than
 * an eighth of `maxBytes`. It overlaps none that is there.
 */
export function detailSpan(
  hour: UnixHour,
  bytesPerHour: Bytes,
  maxBytes: Bytes,
  taken: readonly Pick<FileSpan, 'fromMs' | 'toMs'>[],
): FileSpan {
  const isFree = ({ fromMs, toMs }: FileSpan): boolean =>
    taken.every((other) => other.toMs <= fromMs || other.fromMs >= toMs);
  const fitting = detailHours.filter((hours) => hours === 1 || hours * bytesPerHour <= maxBytes * largestShare);
  const span = fitting.map((hours) => spanOf(hour, hours)).find(isFree);
  if (!span) throw new Error(`hour ${hour} is in a detail file already`);
  return span;
}

/** `detail-20260731.db`, `detail-20260731T06-6h.db`, `detail-20260731T06-1h.db` */
function spanOf(hour: UnixHour, hours: (typeof detailHours)[number]): FileSpan {
  const from = Math.floor(hour / hours) * hours;
  const suffix = hours === hoursOfDay ? '' : `T${textOf(from).slice(11, 13)}-${hours}h`;
  return { name: `detail-${dateOf(from)}${suffix}.db`, fromMs: from * hourMs, toMs: (from + hours) * hourMs };
}

function textOf(hour: UnixHour): string {
  return new Date(hour * hourMs).toISOString();
}

function dateOf(hour: UnixHour): string {
  return textOf(hour).slice(0, 10).replaceAll('-', '');
}
