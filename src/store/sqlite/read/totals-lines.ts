import { canonicalLabels, type LabelSet } from '../../../model/labels.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import { sameType } from '../../../model/profile-type.ts';
import type { TimeWindow, UnixMs } from '../../../model/units.ts';
import type { SeriesTotals, TotalsRequest } from '../../profile-store.ts';
import type { CatalogueSeries } from '../catalogue/catalogue-reader.ts';
import { hourOf } from '../files/data-dir.ts';
import { type Shape } from '../heads/shape.ts';
import { groupLabels, type RollLevel } from '../rollups/roll.ts';
import { bucketMs } from '../rollups/roll-name.ts';
import type { PartTotals, PartTotalsReader } from './part-totals.ts';
import type { Piece } from './piece.ts';
import { whyDetail } from './plan.ts';
import type { Sources } from './sources.ts';
import { type ProfileVisitor, visitProfiles } from './timeline.ts';
import { TotalsLine } from './totals-sum.ts';

/** Adds up the lines of an answer about totals, from roll-ups and from what stands beside single profiles. */
export class TotalsLines implements ProfileVisitor {
  readonly #request: TotalsRequest;
  readonly #sources: Sources;
  readonly #parts: PartTotalsReader | undefined;
  /** A line for each process and group; else one for each series. */
  readonly #isGrouped: boolean;
  readonly #lines = new Map<string, TotalsLine>();
  readonly #groupKeys = new WeakMap<LabelSet, string>();
  #series: CatalogueSeries | undefined;
  #line: TotalsLine | undefined;
  #shape: Shape | undefined;
  #position = -1;

  /** `parts` reads what is asked for besides the whole. */
  constructor(request: TotalsRequest, sources: Sources, parts: PartTotalsReader | undefined) {
    const { groupBy } = request;
    this.#parts = parts;
    this.#request = request;
    this.#sources = sources;
    this.#isGrouped = groupBy !== undefined && whyDetail({ matchers: [], groupBy }) === undefined;
  }

  addRolls(level: RollLevel, buckets: readonly number[]): void {
    const { kind, matchers } = this.#request.selector;
    const meets = compileMatchers(matchers);
    for (const { file, from, to } of this.#sources.rollRuns(level, buckets)) {
      const groups = file.groups().filter(({ labels }) => meets(labels));
      const ids = groups.map(({ id }) => id);
      for (const roll of file.rolls(ids, kind, from, to)) {
        const { key, shapes, processes } = roll;
        const [shape] = shapes;
        const position = shape ? this.#positionIn(shape) : -1;
        const type = shape?.types[position];
        if (!type) continue;
        const parts = this.#parts?.ofRoll(roll, position);
        for (const [at, { id, profiles, spanMs, observed, totals }] of processes.entries()) {
          const line = this.#lineOfGroup(key.labels, id);
          line.temporality = type.temporality;
          const total = totals[position] ?? 0n;
          const rolled = { total, parts: parts?.[at], profiles, spanMs, observed };
          line.addRolled(key.bucket * bucketMs[level], rolled);
        }
      }
    }
  }

  addProfiles(windows: readonly TimeWindow[]): void {
    const { catalogue } = this.#sources;
    const { kind, matchers } = this.#request.selector;
    const last = windows.at(-1);
    if (!last) return;
    const candidates = catalogue.select(kind, matchers, -Infinity, hourOf(last.toMs));
    const ends = new Map<number, UnixMs | undefined>();
    const endOf = (process: number) => catalogue.endOf(process, ends);
    visitProfiles(this.#sources, candidates, { windows, patience: 0, endOf }, this);
  }

  inside(series: CatalogueSeries, piece: Piece, entry: number): void {
    const line = this.#find(series, piece, entry);
    if (!line) return;
    const parts = line.temporality === 'gauge' ? undefined : this.#partsOf(piece, entry);
    const [total, spanMs] = [piece.total(entry, this.#position), piece.spanMs(entry)];
    line.addProfile(piece.stampMs[entry] as number, { total, spanMs, parts });
  }

  stands(series: CatalogueSeries, piece: Piece, entry: number, from: number, to: number): void {
    const line = this.#find(series, piece, entry);
    if (!line) return;
    const parts = line.temporality === 'gauge' ? this.#partsOf(piece, entry) : undefined;
    line.addStanding(from, to, { total: piece.total(entry, this.#position), parts });
  }

  /** In an order that does not depend on what they were added up from. */
  result(): SeriesTotals[] {
    const sorted = [...this.#lines].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.flatMap(([, line]) => line.result(this.#parts?.parts));
  }

  #partsOf(piece: Piece, entry: number): PartTotals | undefined {
    return this.#parts?.ofProfile(piece, entry, this.#position);
  }

  /** The line of a profile; undefined when it does not have the type, whose position is noted else. */
  #find(series: CatalogueSeries, piece: Piece, entry: number): TotalsLine | undefined {
    const shape = piece.shape(entry);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#position = this.#positionIn(shape);
    }
    const type = shape.types[this.#position];
    if (!type) return undefined;
    if (series !== this.#series || !this.#line) {
      this.#series = series;
      this.#line = this.#lineOfSeries(series);
    }
    this.#line.temporality = type.temporality;
    return this.#line;
  }

  #lineOfSeries({ id, labels, process }: CatalogueSeries): TotalsLine {
    if (this.#isGrouped) return this.#lineOfGroup(groupLabels(labels), process);
    return this.#lineWith(String(id).padStart(12, '0'), labels, process);
  }

  #lineOfGroup(labels: LabelSet, process: number): TotalsLine {
    const group = this.#groupKeys.get(labels) ?? canonicalLabels(labels);
    this.#groupKeys.set(labels, group);
    return this.#lineWith(`${group} ${process}`, labels, process);
  }

  #lineWith(key: string, labels: LabelSet, process: number): TotalsLine {
    const known = this.#lines.get(key);
    if (known) return known;
    // A process of which only roll-ups are left may be forgotten: its number tells it from others.
    const processId = this.#sources.catalogue.process(process)?.identity ?? String(process);
    const line = new TotalsLine(labels, processId, this.#request.stepMs, this.#sources.allowance);
    this.#lines.set(key, line);
    return line;
  }

  #positionIn(shape: Shape): number {
    return shape.types.findIndex((type) => sameType(type, this.#request.type));
  }
}
