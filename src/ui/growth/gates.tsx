import { sentence } from '../format/server-words.ts';
import { Table } from './table.tsx';
import type { Judged } from './words.ts';

/** The conditions of the detector with their numbers: why it is found, and why nothing more is. Open where nothing is found. */
export function Gates({ judged: { gates, tier } }: { readonly judged: Judged }) {
  if (gates.length === 0) return null;
  const rows = gates.map(({ name, passed, text }) => ({
    key: name,
    cells: [
      <code>{name}</code>,
      <span class={passed ? 'growth-passed' : 'growth-failed'}>{passed ? '✓ passed' : '✗ not passed'}</span>,
      sentence(text),
    ],
  }));
  return (
    <details class="growth-gates" open={tier === null}>
      <summary>
        Why, and why not more{' '}
        <span class="muted">
          {gates.filter(({ passed }) => passed).length} of {gates.length} gates passed
        </span>
      </summary>
      <Table heads={['Gate', 'Passed', 'Measured']} rows={rows} />
    </details>
  );
}
