import { Moment } from '../format/moment.tsx';
import { runsOf, type Scrape } from './provenance.ts';

const mostRows = 50;

/** Scrapes that are not as they should be, newest first: when, of what, why. */
export function TroubleTable({
  rows,
}: {
  readonly rows: readonly { readonly name: string; readonly scrapes: readonly Scrape[] }[];
}) {
  const troubles = rows
    .flatMap(({ name, scrapes }) => runsOf(scrapes).map((run) => ({ name, ...run })))
    .toSorted((one, other) => other.fromMs - one.fromMs);
  return (
    <table class="provenance-table">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Process</th>
          <th scope="col">Scrape</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {troubles.slice(0, mostRows).map(({ name, fromMs, toMs, count, outcome, text }) => (
          <tr key={`${name}${fromMs}${outcome}`}>
            <td>
              <Moment ms={fromMs} seconds />
              {count > 1 && (
                <>
                  {' '}
                  to <Moment ms={toMs} seconds />
                </>
              )}
            </td>
            <td>{name}</td>
            <td>
              {count > 1 ? `${count} ` : ''}
              {outcome}
            </td>
            <td>{text}</td>
          </tr>
        ))}
      </tbody>
      {troubles.length > mostRows && (
        <caption>
          The newest {mostRows} of {troubles.length}
        </caption>
      )}
    </table>
  );
}
