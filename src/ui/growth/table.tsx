import './table.css';
import type { ComponentChildren } from 'preact';

export interface Row {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
}

/** A table; where there is no room for its columns each row is a list of what it says, under the names of the columns. */
export function Table({
  heads,
  rows,
  numbers = false,
}: {
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
  /** All but the first column are numbers. */
  readonly numbers?: boolean;
}) {
  return (
    <table class={numbers ? 'growth-table growth-numbers' : 'growth-table'}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, at) => (
              <td key={heads[at]} data-label={heads[at]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
