import { type Counts, standings, standingWords } from './standing.ts';

/** `▲ 1 down ● 3 up` */
export function StandingMarks({ counts }: { readonly counts: Counts }) {
  return (
    <>
      {standings
        .filter((standing) => counts[standing] > 0)
        .map((standing) => (
          <span key={standing} class={`targets-standing targets-${standing}`}>
            <i aria-hidden="true">{standingWords[standing].mark}</i> {counts[standing]} {standingWords[standing].label}
          </span>
        ))}
    </>
  );
}
