import { hour as hourMs, type TimeWindow, type UnixMs } from '../../../model/units.ts';
import type { Allowance } from '../../allowance.ts';
import type { SecondRange } from '../../profile-store.ts';
import { mostIntervals, standingOf, wholeSecond } from '../../standing.ts';
import type { CatalogueSeries } from '../catalogue/catalogue-reader.ts';
import type { Chunk } from '../chunks/chunk.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import type { HeadReader } from '../heads/head-reader.ts';
import { ChunkPiece, HeadPiece, type Piece } from './piece.ts';
import { runsOf, withoutHours } from './plan.ts';

/** Where single profiles are read from. Both ends of hours are included; what is damaged is left out, and noted. */
export interface ProfileSources {
  /** The heads of some hours that are not compacted, by hour and generation. */
  heads(from: UnixHour, to: UnixHour): readonly HeadReader[];
  /** The chunks that count, of some series (ids as a JSON array) in some hours. */
  chunks(series: string, from: UnixHour, to: UnixHour): readonly Chunk[];
  isDamaged(hour: UnixHour): boolean;
  /** What may be spent on the question; without bounds where there is none. */
  readonly allowance?: Allowance;
}

/** Is told of profiles, series by series in order of time. */
export interface ProfileVisitor {
  /** A profile that is stamped in the time in question. */
  inside(series: CatalogueSeries, piece: Piece, entry: number): void;
  /**
   * Seconds of the time in question in which a snapshot stands: never none, never twice. Where a piece restates it for the hour
   * that it stands in, that piece is told.
   */
  stands(series: CatalogueSeries, piece: Piece, entry: number, from: number, to: number): void;
}

export interface TimeInQuestion {
  /** In order, without overlaps; of whole hours but at the first `from` and the last `to`. */
  readonly windows: readonly TimeWindow[];
  /** As in `Snapshot`. */
  readonly patience: number;
  /** When a process was over. */
  readonly endOf: (process: number) => UnixMs | undefined;
}

/** Reads that reach no further than twice as far as others go along with them. */
const shortestReachMs = 40_000;

/**
 * Visits what counts of some series in some stretches of time: profiles stamped in them, and snapshots that stand in them.
 * Whatever the snapshots lie in, the answer is the same: heads, chunks, or copies that were restated for a later hour. Reads one
 * look-back before each stretch, and one ahead, for the next snapshot of the last one.
 */
export function visitProfiles(
  sources: ProfileSources,
  candidates: readonly CatalogueSeries[],
  time: TimeInQuestion,
  visitor: ProfileVisitor,
): void {
  const { windows } = time;
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last) return;
  const visit = new SeriesVisit(time, visitor);
  const byReach = Map.groupBy(candidates, ({ longestIntervalMs }) => reachOf(longestIntervalMs));
  for (const [reachMs, ofReach] of byReach) {
    const series = ofReach.filter(
      ({ firstHour, lastHour }) => firstHour <= hourOf(last.toMs) && lastHour >= hourOf(first.fromMs - reachMs),
    );
    const newestHour = series.reduce((newest, { lastHour }) => Math.max(newest, lastHour), 0);
    const cut = windows.flatMap(({ fromMs, toMs }): TimeWindow[] => {
      // Nothing stands for longer after the last hour that has a profile.
      const window = { fromMs, toMs: Math.min(toMs, (newestHour + 1) * hourMs + reachMs) };
      return window.toMs > fromMs ? [window] : [];
    });
    if (series.length === 0 || cut.length === 0) continue;
    const reader = new SeriesRows(sources, series, cut, reachMs);
    visit.rest = withoutHours(cut, reader.damagedHours);
    for (const one of series) {
      sources.allowance?.check();
      const pieces = reader.piecesOf(one.id);
      if (pieces) visit.series(one, pieces, (stampMs) => reader.hasLater(one, stampMs));
    }
  }
}

/** What a row of a head holds in memory. */
const rowBytes = 400;

/** How far around a moment a series is read, in steps that double. */
function reachOf(longestIntervalMs: number): number {
  let reachMs = shortestReachMs;
  while (reachMs < mostIntervals * longestIntervalMs + 1000) reachMs *= 2;
  return reachMs;
}

/** The pieces of some series in and around some stretches of time. */
class SeriesRows {
  /** The hours in question whose detail is left out, rising. */
  readonly damagedHours: readonly UnixHour[];
  readonly #sources: ProfileSources;
  readonly #pieces = new Map<number, Piece[]>();
  readonly #spans: readonly TimeWindow[];

  constructor(
    sources: ProfileSources,
    series: readonly CatalogueSeries[],
    windows: readonly TimeWindow[],
    reachMs: number,
  ) {
    this.#sources = sources;
    const asked = new Set(windows.flatMap(({ fromMs, toMs }) => hoursFrom(hourOf(fromMs), hourOf(toMs - 1))));
    this.damagedHours = [...asked].filter((hour) => sources.isDamaged(hour));
    this.#spans = spansAround(windows, reachMs);
    for (const span of this.#spans) {
      const hours = hoursFrom(hourOf(span.fromMs), hourOf(span.toMs));
      // A damaged hour that is only looked at for its neighbours is not missed: they hold copies of what stands in them.
      const read = hours.filter((hour) => asked.has(hour) || !sources.isDamaged(hour));
      for (const { from, to } of runsOf(read)) this.#readChunks(series, from, to - 1, reachMs);
      this.#readHeads(series, span);
    }
  }

  piecesOf(series: number): readonly Piece[] | undefined {
    return this.#pieces.get(series);
  }

  /** Whether a series has a profile after one that is the last of all that was read. */
  hasLater({ id, lastHour }: CatalogueSeries, stampMs: UnixMs): boolean {
    const readUntilMs = this.#spans.find(({ toMs }) => toMs > stampMs)?.toMs ?? stampMs;
    const hour = hourOf(readUntilMs);
    if (lastHour !== hour) return lastHour > hour;
    return this.#sources.heads(hour, hour).some((head) => head.hasFrom(id, readUntilMs));
  }

  #readChunks(series: readonly CatalogueSeries[], from: UnixHour, to: UnixHour, reachMs: number): void {
    // Copies of its last snapshot lie in later hours than those that a series has profiles in.
    const ids = idsIn(series, from - Math.ceil(reachMs / hourMs), to);
    if (ids.length === 0) return;
    for (const chunk of this.#sources.chunks(JSON.stringify(ids), from, to)) {
      this.#add(chunk.key.series, new ChunkPiece(chunk));
    }
  }

  #readHeads(series: readonly CatalogueSeries[], { fromMs, toMs }: TimeWindow): void {
    for (const head of this.#sources.heads(hourOf(fromMs), hourOf(toMs))) {
      const ids = idsIn(series, head.hour, head.hour);
      const rows = ids.length > 0 ? head.profiles(JSON.stringify(ids), fromMs, toMs) : [];
      this.#sources.allowance?.hold(rows.length * rowBytes);
      for (let at = 0; at < rows.length; ) {
        const first = rows[at];
        let end = at + 1;
        while (end < rows.length && rows[end]?.series === first?.series) end++;
        if (first) this.#add(first.series, new HeadPiece(head, rows.slice(at, end)));
        at = end;
      }
    }
  }

  #add(series: number, piece: Piece): void {
    const known = this.#pieces.get(series);
    if (known) known.push(piece);
    else this.#pieces.set(series, [piece]);
  }
}

/** Goes through the profiles of one series after the other. */
class SeriesVisit {
  readonly #time: TimeInQuestion;
  readonly #visitor: ProfileVisitor;
  #rest: readonly TimeWindow[] = [];
  #seconds: readonly SecondRange[] = [];
  /** The profiles of a series in order of time: copies of one snapshot follow it. */
  #stamp = new Float64Array(1024);
  #piece = new Int32Array(1024);
  #entry = new Int32Array(1024);

  constructor(time: TimeInQuestion, visitor: ProfileVisitor) {
    this.#time = time;
    this.#visitor = visitor;
  }

  /** The time in question, less what is damaged. */
  set rest(rest: readonly TimeWindow[]) {
    this.#rest = rest;
    this.#seconds = rest.map(({ fromMs, toMs }) => ({ from: wholeSecond(fromMs), to: wholeSecond(toMs) }));
  }

  series(series: CatalogueSeries, pieces: readonly Piece[], hasLater: (stampMs: UnixMs) => boolean): void {
    const { endOf, patience, windows } = this.#time;
    const count = this.#gather(pieces);
    const endMs = endOf(series.process);
    const untilMs = windows.at(-1)?.toMs ?? 0;
    for (let at = 0, next = 0; at < count; at = next) {
      const stampMs = this.#stamp[at] as number;
      if (stampMs >= untilMs) return;
      next = at + 1;
      while (next < count && this.#stamp[next] === stampMs) next++;
      const piece = pieces[this.#piece[at] as number] as Piece;
      const entry = this.#entry[at] as number;
      if (this.#isInside(stampMs)) this.#visitor.inside(series, piece, entry);
      const nextMs = next < count ? this.#stamp[next] : hasLater(stampMs) ? Infinity : undefined;
      const intervalMs = piece.intervalMs[entry] as number;
      const standing = standingOf({ stampMs, intervalMs, nextMs, endMs, patience });
      for (const range of this.#seconds) {
        const from = Math.max(range.from, standing.from);
        const to = Math.min(range.to, standing.to);
        if (from >= to) continue;
        if (next === at + 1) this.#visitor.stands(series, piece, entry, from, to);
        else this.#standsWithCopies(series, pieces, at, next, from, to);
      }
    }
  }

  /** Tells of seconds in which the snapshot at `at` stands; its copies are the ones up to `end`, by hour. */
  #standsWithCopies(
    series: CatalogueSeries,
    pieces: readonly Piece[],
    at: number,
    end: number,
    from: number,
    to: number,
  ): void {
    const tell = (which: number, since: number, until: number): void => {
      if (since >= until) return;
      const piece = pieces[this.#piece[which] as number] as Piece;
      this.#visitor.stands(series, piece, this.#entry[which] as number, since, until);
    };
    let since = from;
    for (let copy = at + 1; copy < end; copy++) {
      const hour = pieces[this.#piece[copy] as number]?.carriedInto ?? 0;
      const hourFrom = Math.min(to, Math.max(since, wholeSecond(hour * hourMs)));
      const hourTo = Math.min(to, wholeSecond((hour + 1) * hourMs));
      if (hourTo <= hourFrom) continue;
      tell(at, since, hourFrom);
      tell(copy, hourFrom, hourTo);
      since = hourTo;
    }
    tell(at, since, to);
  }

  #isInside(stampMs: UnixMs): boolean {
    for (const { fromMs, toMs } of this.#rest) if (stampMs >= fromMs && stampMs < toMs) return true;
    return false;
  }

  /** Puts all profiles of some pieces in order of time. Returns how many there are. */
  #gather(pieces: readonly Piece[]): number {
    let [count, isSorted, before] = [0, true, -Infinity];
    for (const [index, piece] of pieces.entries()) {
      this.#reserve(count + piece.count);
      for (let entry = 0; entry < piece.count; entry++) {
        const stampMs = piece.stampMs[entry] as number;
        // Equal stamps are in order when the profile itself comes before its copies, as its hour does.
        if (stampMs < before || (stampMs === before && piece.carriedInto === undefined)) isSorted = false;
        before = stampMs;
        this.#stamp[count] = stampMs;
        this.#piece[count] = index;
        this.#entry[count++] = entry;
      }
    }
    if (!isSorted) this.#sort(pieces, count);
    return count;
  }

  #sort(pieces: readonly Piece[], count: number): void {
    const [stamp, piece, entry] = [this.#stamp, this.#piece, this.#entry].map((column) => column.slice(0, count));
    if (!stamp || !piece || !entry) return;
    const hourOfCopy = (at: number): number => pieces[piece[at] as number]?.carriedInto ?? -Infinity;
    const order = Int32Array.from({ length: count }, (_, at) => at).sort(
      (a, b) => (stamp[a] as number) - (stamp[b] as number) || Math.sign(hourOfCopy(a) - hourOfCopy(b)) || a - b,
    );
    for (const [to, from] of order.entries()) {
      this.#stamp[to] = stamp[from] as number;
      this.#piece[to] = piece[from] as number;
      this.#entry[to] = entry[from] as number;
    }
  }

  #reserve(size: number): void {
    if (size <= this.#stamp.length) return;
    const stamp = new Float64Array(2 * size);
    const [piece, entry] = [new Int32Array(2 * size), new Int32Array(2 * size)];
    stamp.set(this.#stamp);
    piece.set(this.#piece);
    entry.set(this.#entry);
    [this.#stamp, this.#piece, this.#entry] = [stamp, piece, entry];
  }
}

/** What is read for some windows: those that lie close to each other in one go. */
function spansAround(windows: readonly TimeWindow[], reachMs: number): TimeWindow[] {
  const spans: { fromMs: UnixMs; toMs: UnixMs }[] = [];
  for (const window of windows) {
    const [fromMs, toMs] = [window.fromMs - reachMs, window.toMs + reachMs];
    const last = spans.at(-1);
    // By whole hours, for a chunk must not be read twice.
    if (last && hourOf(fromMs) <= hourOf(last.toMs)) last.toMs = toMs;
    else spans.push({ fromMs, toMs });
  }
  return spans;
}

function idsIn(series: readonly CatalogueSeries[], from: UnixHour, to: UnixHour): number[] {
  return series.filter(({ firstHour, lastHour }) => firstHour <= to && lastHour >= from).map(({ id }) => id);
}

function hoursFrom(first: UnixHour, last: UnixHour): UnixHour[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
