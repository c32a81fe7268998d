import type { Judged } from './words.ts';

/** The conditions of the detector with their numbers: why it is found, and why nothing more is. Open where nothing is found. */
export function Gates({ judged: { gates, tier } }: { readonly judged: Judged }) {
  if (gates.length === 0) return null;
  return (
    <details class="growth-gates" open={tier === null}>
      <summary>
        Why, and why not more{' '}
        <span class="muted">
          {gates.filter(({ passed }) => passed).length} of {gates.length} gates passed
        </span>
      </summary>
      <div class="growth-scroll">
        <table>
          <thead>
            <tr>
              <th>Gate</th>
              <th>Passed</th>
              <th>Measured</th>
            </tr>
          </thead>
          <tbody>
            {gates.map(({ name, passed, text }) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td class={passed ? 'growth-passed' : 'growth-failed'}>{passed ? '✓ passed' : '✗ not passed'}</td>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
