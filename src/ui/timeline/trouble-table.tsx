import { counted } from '../../model/human-value.ts';
import { Moment } from '../format/moment.tsx';
import type { Scrape } from './provenance.ts';

const mostRows = 50;

/** Scrapes that are not as they should be, newest first: when, of what, why. */
export function TroubleTable({
  rows,
}: {
  readonly rows: readonly { readonly name: string; readonly scrapes: readonly Scrape[] }[];
}) {
  const troubles = rows
    .flatMap(({ name, scrapes }) => scrapes.flatMap((scrape) => (scrape.outcome === 'ok' ? [] : [{ name, ...scrape }])))
    .toSorted((one, other) => other.atMs - one.atMs);
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
        {troubles.slice(0, mostRows).map(({ name, atMs, outcome, text }) => (
          <tr key={`${name}${atMs}${outcome}`}>
            <td>
              <Moment ms={atMs} seconds />
            </td>
            <td>{name}</td>
            <td>{outcome}</td>
            <td>{text}</td>
          </tr>
        ))}
      </tbody>
      {troubles.length > mostRows && (
        <caption>
          The newest {mostRows} of {counted(troubles.length, 'scrape')}
        </caption>
      )}
    </table>
  );
}
