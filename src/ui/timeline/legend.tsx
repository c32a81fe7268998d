import { type ToldValue, valueText } from './values.ts';

/** Which line is which, and what each is on average. */
export function Legend({
  label,
  averages,
  unit,
  averagedOver,
}: {
  readonly label: string;
  readonly averages: readonly ToldValue[];
  readonly unit: string;
  /** The window of the averages in words. */
  readonly averagedOver: string;
}) {
  return (
    <figcaption class="timeline-legend">
      <b class="timeline-title">{label}</b>
      {averages.map(({ label: name, colour, value, beside }) => (
        <span key={name} class="timeline-entry">
          <span class="timeline-swatch" style={{ background: `var(${colour})` }} />
          <span class="timeline-entry-name" title={name}>
            {name}
          </span>
          <b>{valueText(value, unit)}</b>
          {beside !== undefined && <span class="muted">{beside}</span>}
        </span>
      ))}
      <span class="muted">average over {averagedOver}</span>
    </figcaption>
  );
}
