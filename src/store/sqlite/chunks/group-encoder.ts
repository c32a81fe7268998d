import { ByteWriter } from '../encoding/bytes.ts';
import type { Shape } from '../heads/shape.ts';
import { CellEncoder, type EncodedCells } from './cell-encoder.ts';
import type { ChunkColumns } from './chunk-columns.ts';
import { gaugeGroup, type TypeGroup } from './chunk-row.ts';
import { type CountedRows, ScaleFinder } from './find-scales.ts';
import { ListEncoder } from './list-block.ts';
import type { Scales } from './scales.ts';
import type { Sums } from './sum-column.ts';

/** Fewer rows are not worth tables of their tokens. */
const leastRows = 100;
/** With fewer rows than this, lists may be smaller: both are tried. */
const surelyLarge = 1500;
const mostRate = 2n ** 31n;

/** The detail of a group of types. Without a model it is lists. */
export interface EncodedGroup {
  readonly scales: Scales | undefined;
  readonly model: Uint8Array | undefined;
  readonly blocks: readonly Uint8Array[];
}

/** `cells` wherever they can be, or whatever is smaller. */
export type DetailChoice = 'smaller' | 'cells';

/** Encodes single profiles, group by group. One object serves chunk after chunk. */
export class GroupEncoder {
  readonly #choice: DetailChoice;
  readonly #scales = new ScaleFinder();
  readonly #cells = new CellEncoder();
  readonly #writer = new ByteWriter();
  readonly #lists = new ListEncoder();

  constructor(choice: DetailChoice) {
    this.#choice = choice;
  }

  /** `sums` are those of all types; `sizes` says how many profiles each sub-block has. */
  encode(
    columns: ChunkColumns,
    shape: Shape,
    groups: readonly TypeGroup[],
    sums: readonly Sums[],
    sizes: readonly number[],
  ): EncodedGroup[] {
    const { index, rowCount, stackCount } = columns;
    const isLarge = rowCount >= leastRows || this.#choice === 'cells';
    const asCells = groups.filter((group) => isLarge && canBeCells(columns, group, sums));
    const counted = this.#scales.count(
      asCells.map(({ group, members }) => ({
        index,
        rowCount,
        stackCount,
        values: members.map((type) => columns.values[type] as Float64Array),
        most: members.map((type) => columns.most[type] as number),
        rate: samplingRate(shape, members),
        isIncrease: group !== gaugeGroup,
      })),
    );
    return groups.map((group) => {
      const rows = counted[asCells.indexOf(group)];
      const cells = rows && this.#encodeCells(columns, group, rows, sums, sizes);
      if (cells && (rowCount >= surelyLarge || this.#choice === 'cells')) return { ...cells, scales: rows };
      const blocks = this.#encodeLists(columns, group, sizes);
      const isSmaller = cells && lengthOf(cells) < lengthOf({ model: undefined, blocks });
      return isSmaller ? { ...cells, scales: rows } : { scales: undefined, model: undefined, blocks };
    });
  }

  #encodeCells(
    columns: ChunkColumns,
    { group, members }: TypeGroup,
    rows: CountedRows,
    sums: readonly Sums[],
    sizes: readonly number[],
  ): EncodedCells | undefined {
    const most = members.map((type) => columns.most[type] as number);
    const ofGroup = group === gaugeGroup ? undefined : members.map((type) => sums[type] as Sums);
    return this.#cells.encode(columns, rows, most, sizes, ofGroup);
  }

  #encodeLists(columns: ChunkColumns, { members }: TypeGroup, sizes: readonly number[]): Uint8Array[] {
    let from = 0;
    return sizes.map((size) => {
      this.#writer.reset();
      this.#lists.write(this.#writer, columns, members, from, from + size);
      from += size;
      return Uint8Array.from(this.#writer.bytes());
    });
  }
}

/** How many bytes Go allocates between two samples of its heap profile; undefined for types of anything else. */
function samplingRate(
  { types, header: { periodType, period } }: Shape,
  members: readonly number[],
): number | undefined {
  const units = members.map((type) => types[type]?.unit).join();
  const isHeap = units === 'count,bytes' && periodType?.unit === 'bytes';
  return isHeap && period > 1n && period < mostRate ? Number(period) : undefined;
}

/** Cells hold whole numbers that are neither negative nor beyond doubles, and so must be the sums that they lean on. */
function canBeCells(columns: ChunkColumns, { group, members }: TypeGroup, sums: readonly Sums[]): boolean {
  return members.every(
    (type) =>
      columns.values[type] instanceof Float64Array &&
      !columns.isSigned[type] &&
      (group === gaugeGroup || sums[type] instanceof Float64Array),
  );
}

function lengthOf({ model, blocks }: Pick<EncodedGroup, 'model' | 'blocks'>): number {
  return blocks.reduce((sum, { length }) => sum + length, model?.length ?? 0);
}
