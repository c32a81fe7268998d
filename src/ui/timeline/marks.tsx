import type { TimeWindow } from '../../model/units.ts';
import { momentText } from '../format/time.ts';
import { percent } from './bands.tsx';
import { groupMarks, type Mark, type MarkGroup, type MarkKind } from './mark.ts';
import { shareOf } from './scale.ts';

const signs: Readonly<Record<MarkKind, string>> = { rollout: '▲', restart: '↻', jump: '◆', event: '!' };
const plurals: Readonly<Record<MarkKind, string>> = {
  rollout: 'roll-outs',
  restart: 'restarts',
  jump: 'jumps',
  event: 'growth events',
};

/** What happened, on top of the lines: a sign each, told when it is pointed at or reached by Tab; links where there is more. */
export function Marks({
  marks,
  shown,
  width,
}: {
  readonly marks: readonly Mark[];
  readonly shown: TimeWindow;
  readonly width: number;
}) {
  const groups = groupMarks(marks, shown, width);
  if (groups.length === 0) return null;
  return (
    <ul class="timeline-marks" aria-label="What happened">
      {groups.map((group) => (
        <Sign key={`${group.kind}${group.atMs}`} group={group} share={shareOf(shown, group.atMs)} />
      ))}
    </ul>
  );
}

function Sign({ group, share }: { readonly group: MarkGroup; readonly share: number }) {
  const { kind, marks } = group;
  const linked = marks.find((mark) => mark.kind === kind && mark.href !== undefined);
  const told = marks.map((mark) => `${momentText(mark.atMs)} ${mark.label}`).join('; ');
  const content = (
    <>
      <span aria-hidden="true">{signs[kind]}</span>
      {marks.length > 1 && <span class="timeline-sign-count">{marks.length}</span>}
      <span class={share > 0.6 ? 'timeline-tip timeline-tip-left' : 'timeline-tip'} aria-hidden="true">
        {marks.slice(0, mostTold).map((mark) => (
          <span key={mark.label} class="timeline-tip-line">
            <b>{momentText(mark.atMs)}</b> {mark.label}
          </span>
        ))}
        {marks.length > mostTold && <span class="timeline-tip-line">… {summaryOf(marks)} in all</span>}
      </span>
    </>
  );
  return (
    <li class={`timeline-mark timeline-mark-${kind}`} style={{ left: percent(share) }}>
      {linked?.href === undefined ? (
        <button class="timeline-sign" aria-label={told}>
          {content}
        </button>
      ) : (
        <a class="timeline-sign" href={linked.href} aria-label={told}>
          {content}
        </a>
      )}
    </li>
  );
}

/** Lines of a tip. */
const mostTold = 6;

function summaryOf(marks: readonly Mark[]): string {
  return [...Map.groupBy(marks, ({ kind }) => kind)]
    .map(([kind, { length }]) => `${length} ${plurals[kind]}`)
    .join(', ');
}
