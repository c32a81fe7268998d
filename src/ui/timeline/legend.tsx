import { humanValue } from '../../model/human-value.ts';

export interface LegendEntry {
  readonly label: string;
  /** The name of its colour. */
  readonly colour: string;
  /** Its average over what is chosen; undefined where nothing was measured. */
  readonly average: number | undefined;
  /** Said after the average. */
  readonly beside?: string | undefined;
}

/** Which line is which, and what each is on average. */
export function Legend({
  label,
  entries,
  unit,
  averagedOver,
}: {
  readonly label: string;
  readonly entries: readonly LegendEntry[];
  readonly unit: string;
  /** The window of the averages in words. */
  readonly averagedOver: string;
}) {
  return (
    <figcaption class="timeline-legend">
      <b class="timeline-title">{label}</b>
      {entries.map(({ label: name, colour, average, beside }) => (
        <span key={name} class="timeline-entry">
          <span class="timeline-swatch" style={{ background: `var(${colour})` }} />
          <span class="timeline-entry-name" title={name}>
            {name}
          </span>
          <b>{average === undefined ? 'nothing measured' : humanValue(average, unit)}</b>
          {beside !== undefined && <span class="muted">{beside}</span>}
        </span>
      ))}
      <span class="muted">average over {averagedOver}</span>
    </figcaption>
  );
}
