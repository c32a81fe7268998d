import type { TopAnswer } from '../api/answers.ts';
import { type FlameModel, searchFrames, topRows } from '../flame/model.ts';

/** A line of the table of functions. */
export interface FunctionRow {
  readonly key: string;
  readonly name: string;
  readonly self: number;
  readonly total: number;
  /** Index into the names of the graph; -1 where the graph has no frame of it. */
  readonly index: number;
}

/** All functions: those of the graph, or, where frames of it were folded, those that the server counted. */
export function functionRows(model: FlameModel, top: TopAnswer | undefined): FunctionRow[] {
  if (!top) {
    return topRows(model).map(({ name: index, self, total }) => {
      const name = model.names[index] ?? '';
      return { key: name, name, self, total, index };
    });
  }
  const indexOf = new Map(model.names.map((name, index) => [name, index]));
  return top.rows.map(({ function: name, file, self, total }) => {
    // Two files may have a function of the same name.
    return { key: `${name} ${file}`, name, self, total, index: indexOf.get(name) ?? -1 };
  });
}

/** Above the names: how many there are, and that a zoom of the graph leaves the figures as they are. */
export function headingOf({ shown, all, isZoomed }: { shown: number; all: number; isZoomed: boolean }): {
  readonly label: string;
  readonly hint?: string;
} {
  const count = shown === all ? `${all}` : `${shown} of ${all}`;
  if (!isZoomed) return { label: `Function (${count})` };
  return {
    label: `Function (${count}, whole profile)`,
    hint: 'The table has the whole profile, also while the graph is zoomed',
  };
}

/** Those whose names a search finds, as it finds frames of the graph; all of them for ''. */
export function matching(rows: readonly FunctionRow[], model: FlameModel, search: string): readonly FunctionRow[] {
  if (search === '') return rows;
  const { names } = searchFrames({ ...model, names: rows.map(({ name }) => name), size: 0 }, search);
  return rows.filter((_, at) => names[at] === 1);
}
