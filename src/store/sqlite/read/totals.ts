import { canonicalLabels, type LabelSet } from '../../../model/labels.ts';
import { compileMatchers } from '../../../model/matcher.ts';
import type { ValueType } from '../../../model/profile-type.ts';
import { formatTime } from '../../../model/time.ts';
import { day as dayMs, hour as hourMs, type UnixMs } from '../../../model/units.ts';
import type { SeriesTotals, TotalsAnswer, TotalsRequest } from '../../profile-store.ts';
import type { CatalogueSeries } from '../catalogue/catalogue-reader.ts';
import { hourOf } from '../files/data-dir.ts';
import { type Shape, sameType } from '../heads/shape.ts';
import { labelsOutsideGroups, type RollLevel } from '../rollups/roll.ts';
import { bucketMs } from '../rollups/roll-name.ts';
import type { Piece } from './piece.ts';
import { type HeldTime, planTime, whyDetail } from './plan.ts';
import type { Sources } from './sources.ts';
import { visitProfiles } from './timeline.ts';
import { TotalsLine } from './totals-sum.ts';

/**
 * The totals of one type over time, without a look at a single sample: from the totals stored beside each profile, and from
 * roll-ups where whole hours or days of groups are asked for, or nothing else is left. Grouped by neither `pod` nor `node`,
 * there is a line for each process and group, whatever it is answered from; else one for each series.
 */
export function totalsOf(request: TotalsRequest, sources: Sources): TotalsAnswer {
  const { selector, window, groupBy } = request;
  const plan = planTime(
    window,
    usable(request, sources),
    whyDetail({ matchers: selector.matchers, ...given(groupBy) }),
  );
  const lines = new Lines(request, sources);
  lines.addRolls('1d', plan.days);
  lines.addRolls('1h', plan.hours);
  lines.addProfiles(plan.rest);
  const coarse = request.stepMs % hourMs === 0 ? [] : plan.hours.filter((hour) => sources.isDamaged(hour));
  return {
    series: lines.result(),
    window: plan.window,
    resolution: plan.resolution,
    warnings: [...plan.warnings, ...coarse.map(damagedSentence)],
    partial: false,
  };
}

/** What may be answered from roll-ups: where steps are whole hours or days, or single profiles are gone or damaged. */
function usable({ stepMs, groupBy }: TotalsRequest, sources: Sources): HeldTime {
  const { held } = sources;
  const isStep = (sizeMs: number): boolean => groupBy !== undefined && stepMs % sizeMs === 0;
  const { detailFromMs, hoursFromMs } = held;
  return {
    ...held,
    rolledHours: held.rolledHours.filter(
      (hour) => isStep(hourMs) || hour * hourMs < detailFromMs || sources.isDamaged(hour),
    ),
    rolledDays: held.rolledDays.filter((day) => isStep(dayMs) || day * dayMs < Math.min(hoursFromMs, detailFromMs)),
  };
}

class Lines {
  readonly #request: TotalsRequest;
  readonly #sources: Sources;
  readonly #isGrouped: boolean;
  readonly #lines = new Map<string, TotalsLine>();
  readonly #positions = new WeakMap<Shape, number>();

  constructor(request: TotalsRequest, sources: Sources) {
    this.#request = request;
    this.#sources = sources;
    this.#isGrouped =
      request.groupBy !== undefined && whyDetail({ matchers: [], groupBy: request.groupBy }) === undefined;
  }

  addRolls(level: RollLevel, buckets: readonly number[]): void {
    const { kind, matchers } = this.#request.selector;
    const meets = compileMatchers(matchers);
    for (const { file, from, to } of this.#sources.rollRuns(level, buckets)) {
      const groups = file.groups().filter(({ labels }) => meets(labels));
      const keyOf = new Map(groups.map(({ labels }) => [labels, canonicalLabels(labels)]));
      const ids = groups.map(({ id }) => id);
      this.#sources.allowance.check();
      for (const { key, shapes, processes } of file.rolls(ids, kind, from, to)) {
        const [shape] = shapes;
        const position = shape ? this.#positionIn(shape) : -1;
        const type = shape?.types[position];
        if (!type) continue;
        const group = keyOf.get(key.labels) ?? canonicalLabels(key.labels);
        for (const { id, profiles, spanMs, observed, totals } of processes) {
          const line = this.#line(`${group} ${id}`, key.labels, id);
          line.temporality = type.temporality;
          line.addRolled(key.bucket * bucketMs[level], { total: totals[position] ?? 0n, profiles, spanMs, observed });
        }
      }
    }
  }

  addProfiles(windows: Parameters<typeof visitProfiles>[2]['windows']): void {
    const { catalogue } = this.#sources;
    const { kind, matchers } = this.#request.selector;
    const last = windows.at(-1);
    if (!last) return;
    const candidates = catalogue.select(kind, matchers, -Infinity, hourOf(last.toMs));
    const ends = new Map<number, UnixMs | undefined>();
    const endOf = (process: number) => catalogue.endOf(process, ends);
    let [ofSeries, line]: [CatalogueSeries | undefined, TotalsLine | undefined] = [undefined, undefined];
    /** The line of a series and where its profile has the type; undefined where it does not. */
    const find = (series: CatalogueSeries, piece: Piece, entry: number) => {
      const shape = piece.shape(entry);
      const position = this.#positionIn(shape);
      const type = shape.types[position];
      if (!type) return undefined;
      if (!line || ofSeries !== series) [ofSeries, line] = [series, this.#lineOf(series)];
      line.temporality = type.temporality;
      return { line, total: piece.total(entry, position) };
    };
    visitProfiles(
      this.#sources,
      candidates,
      { windows, patience: 0, endOf },
      {
        inside: (series, piece, entry) => {
          const found = find(series, piece, entry);
          found?.line.addProfile(piece.stampMs[entry] as number, found.total, piece.spanMs(entry));
        },
        stands: (series, piece, entry, from, to) => {
          const found = find(series, piece, entry);
          found?.line.addStanding(from, to, found.total);
        },
      },
    );
  }

  /** In an order that does not depend on what they were answered from. */
  result(): SeriesTotals[] {
    const sorted = [...this.#lines].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.flatMap(([, line]) => line.result() ?? []);
  }

  #lineOf({ id, labels, process }: CatalogueSeries): TotalsLine {
    if (!this.#isGrouped) return this.#line(String(id).padStart(12, '0'), labels, process);
    const ofGroup = groupLabels(labels);
    return this.#line(`${canonicalLabels(ofGroup)} ${process}`, ofGroup, process);
  }

  #line(key: string, labels: LabelSet, process: number): TotalsLine {
    const known = this.#lines.get(key);
    if (known) return known;
    // A process of which only roll-ups are left may be forgotten: its number tells it from others.
    const processId = this.#sources.catalogue.process(process)?.identity ?? String(process);
    const line = new TotalsLine(labels, processId, this.#request.stepMs);
    this.#lines.set(key, line);
    return line;
  }

  #positionIn(shape: Shape): number {
    const known = this.#positions.get(shape);
    if (known !== undefined) return known;
    const wanted: ValueType = this.#request.type;
    const position = shape.types.findIndex((type) => sameType(type, wanted));
    this.#positions.set(shape, position);
    return position;
  }
}

function groupLabels(labels: LabelSet): LabelSet {
  const outside: readonly string[] = labelsOutsideGroups;
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !outside.includes(name)));
}

function given(groupBy: readonly string[] | undefined): { readonly groupBy?: readonly string[] } {
  return groupBy === undefined ? {} : { groupBy };
}

function damagedSentence(hour: number): string {
  return `single profiles of the hour from ${formatTime(hour * hourMs)} are damaged: it is answered as a whole`;
}
