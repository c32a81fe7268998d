import type { ValueType } from '../../../model/profile-type.ts';
import { sameType } from '../../../model/profile-type.ts';
import type { GaugeAggregation } from '../../profile-store.ts';
import type { CatalogueSeries } from '../catalogue/catalogue-reader.ts';
import { type Shape } from '../heads/shape.ts';
import type { Roll } from '../rollups/roll.ts';
import type { WeightedPiece } from './add-up.ts';
import { CoverageSum } from './coverage.ts';
import { HeaderMerge } from './header-merge.ts';
import { StandingTotals } from './peak.ts';
import type { ChunkPiece, HeadPiece, Piece } from './piece.ts';
import type { ProfileVisitor } from './timeline.ts';

export interface CollectOptions {
  readonly aggregation: GaugeAggregation;
  readonly peakType: ValueType;
  /** In seconds: what stands just before it counts for `last`. */
  readonly windowEnd: number;
}

/** Takes down what counts in a merge, how often, and what it says of the answer, before a single sample is read. */
export class MergeCollector implements ProfileVisitor {
  readonly coverage = new CoverageSum();
  readonly header = new HeaderMerge();
  readonly rolls: Roll[] = [];
  readonly #options: CollectOptions;
  readonly #weighted = new Map<Piece, WeightedPiece>();
  #last: WeightedPiece | undefined;
  /** For `peak`, whose moment is known when all was collected. */
  readonly #standing = new StandingTotals();
  readonly #standingOf: { readonly weighted: WeightedPiece; readonly entry: number; readonly process: number }[] = [];
  /** Of which something stands at the moment that counts. */
  readonly #atMoment = new Set<number>();
  readonly #positions = new Map<Shape, number>();

  constructor(options: CollectOptions) {
    this.#options = options;
  }

  /** Takes a roll-up whole. */
  addRoll(roll: Roll): void {
    const { processes, shapes, stamps } = roll;
    this.rolls.push(roll);
    for (const { id, profiles, spanMs, observed } of processes) {
      this.coverage.addProfiles(id, profiles, spanMs);
      for (const { from, to } of observed) this.coverage.addObserved(id, from, to);
    }
    this.coverage.addTrimmed(roll.trimmed);
    for (const shape of shapes) {
      if (stamps) this.header.addInside(shape);
      else this.header.addStanding(shape);
    }
    this.header.addTimes(roll.timeNanos, roll.durationNanos);
  }

  inside({ process }: CatalogueSeries, piece: Piece, entry: number): void {
    this.#weightedOf(piece).sums[entry] = 1;
    this.coverage.addProfiles(process, 1, piece.spanMs(entry));
    this.coverage.addTrimmed(piece.trimmed(entry));
    this.header.addInside(piece.shape(entry));
  }

  stands({ process }: CatalogueSeries, piece: Piece, entry: number, from: number, to: number): void {
    const weighted = this.#weightedOf(piece);
    this.coverage.addObserved(process, from, to);
    this.header.addStanding(piece.shape(entry));
    const { aggregation, windowEnd } = this.#options;
    const { gauges } = weighted;
    if (aggregation === 'avg') gauges[entry] = (gauges[entry] as number) + to - from;
    else if (aggregation === 'last') {
      if (to !== windowEnd) return;
      gauges[entry] = 1;
      this.#atMoment.add(process);
    } else {
      this.#standing.add(from, to, this.#peakTotal(piece, entry));
      this.#standingOf.push({ weighted, entry, process });
    }
  }

  /** What counts of heads and chunks, when all was collected. */
  pieces(): Iterable<WeightedPiece> {
    const moment = this.#standing.peakSecond();
    if (moment !== undefined) {
      for (const [index, { weighted, entry, process }] of this.#standingOf.entries()) {
        if (!this.#standing.isAt(index, moment)) continue;
        weighted.gauges[entry] = 1;
        this.#atMoment.add(process);
      }
    }
    return this.#weighted.values();
  }

  /** Undefined for averages, which have no moment; to be asked after `pieces`. */
  get processesAtMoment(): number | undefined {
    return this.#options.aggregation === 'avg' ? undefined : this.#atMoment.size;
  }

  /** Of how many partitions there is anything, at least: rows of one head and series are of one, but for a change of epochs. */
  partitionCount(): number {
    const partitions = new Set(this.rolls.map(({ key }) => key.partition));
    for (const { piece } of this.#weighted.values()) {
      partitions.add('chunk' in piece ? piece.chunk.partition : piece.row(0).partition);
    }
    return partitions.size;
  }

  #weightedOf(piece: Piece): WeightedPiece {
    if (this.#last?.piece === piece) return this.#last;
    const known = this.#weighted.get(piece);
    const weighted = known ?? {
      piece: piece as ChunkPiece | HeadPiece,
      sums: new Float64Array(piece.count),
      gauges: new Float64Array(piece.count),
    };
    if (!known) this.#weighted.set(piece, weighted);
    this.#last = weighted;
    return weighted;
  }

  #peakTotal(piece: Piece, entry: number): number | bigint {
    const shape = piece.shape(entry);
    const known = this.#positions.get(shape) ?? shape.types.findIndex((type) => sameType(type, this.#options.peakType));
    this.#positions.set(shape, known);
    return known < 0 ? 0 : piece.total(entry, known);
  }
}
