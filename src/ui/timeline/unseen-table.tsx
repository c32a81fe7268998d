import { counted, humanValue } from '../../model/human-value.ts';
import type { TimeWindow } from '../../model/units.ts';
import { durationText, momentText } from '../format/time.ts';
import { averageIn, type Line } from './lines.ts';
import type { Mark } from './mark.ts';
import { lengthOf } from './scale.ts';

/** More rows are slower to listen to than to draw a window closer. */
const rowCount = 24;

/** The lines as a table, for those who hear it: averages over equal parts of the time. */
export function UnseenTable({
  label,
  lines,
  unit,
  shown,
  marks,
}: {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly unit: string;
  readonly shown: TimeWindow;
  readonly marks: readonly Mark[];
}) {
  const partMs = lengthOf(shown) / rowCount;
  const parts = Array.from({ length: rowCount }, (_, at) => ({
    fromMs: shown.fromMs + at * partMs,
    toMs: shown.fromMs + (at + 1) * partMs,
  }));
  return (
    <div class="unseen">
      <table>
        <caption>
          {label}: averages over {durationText(partMs)} each, {counted(marks.length, 'mark')}
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {lines.map((line) => (
              <th scope="col" key={line.label}>
                {line.label}
              </th>
            ))}
            <th scope="col">What happened</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.fromMs}>
              <th scope="row">{momentText(part.fromMs)}</th>
              {lines.map((line) => {
                const value = averageIn(line.points, part);
                return <td key={line.label}>{value === undefined ? 'nothing measured' : humanValue(value, unit)}</td>;
              })}
              <td>
                {marks
                  .filter(({ atMs }) => atMs >= part.fromMs && atMs < part.toMs)
                  .map((mark) => mark.label)
                  .join('; ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
