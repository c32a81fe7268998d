import type { TimeWindow } from '../../model/units.ts';
import { momentText } from '../format/time.ts';
import { percent } from './bands.tsx';
import { groupMarks, type Mark, type MarkKind } from './mark.ts';
import { shareOf } from './scale.ts';

const signs: Readonly<Record<MarkKind, string>> = { rollout: '▲', restart: '↻', jump: '◆', event: '!' };
const plurals: Readonly<Record<MarkKind, string>> = {
  rollout: 'roll-outs',
  restart: 'restarts',
  jump: 'jumps',
  event: 'growth events',
};

const leadsTo: Readonly<Record<MarkKind, string>> = {
  rollout: 'what it changed',
  restart: '',
  jump: 'compare before and after',
  event: 'the verdict',
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
      {groups.map(({ atMs, marks: close }, at) => {
        const share = shareOf(shown, atMs);
        const kinds = Map.groupBy(close, ({ kind }) => kind);
        const nextPx = (shareOf(shown, groups[at + 1]?.atMs ?? shown.toMs) - share) * width;
        const roomPx = nextPx - signPx * kinds.size - signPx / 2;
        return (
          <li key={atMs} class={`timeline-mark timeline-mark-${close[0]?.kind}`} style={{ left: percent(share) }}>
            {[...kinds].map(([kind, ofKind]) => (
              <Sign key={kind} kind={kind} marks={ofKind} isLeft={share > 0.6} />
            ))}
            {roomPx > leastLabelPx && close[0] && (
              <span class="timeline-mark-label" style={{ maxWidth: `${Math.min(roomPx, 400)}px` }} aria-hidden="true">
                {close[0].label}
                {close[0].kind === 'jump' && ` at ${momentText(close[0].atMs)}`}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Room that a label needs beside its sign to be worth reading. */
const leastLabelPx = 90;
/** Of one sign, with what is beside it. */
const signPx = 24;

/** The marks of one kind that stand together. */
function Sign({
  kind,
  marks,
  isLeft,
}: {
  readonly kind: MarkKind;
  readonly marks: readonly Mark[];
  readonly isLeft: boolean;
}) {
  const href = marks.find((mark) => mark.href !== undefined)?.href;
  const told = marks.map((mark) => `${momentText(mark.atMs)} ${mark.label}`).join('; ');
  const content = (
    <>
      <span class="timeline-sign-face" aria-hidden="true">
        {signs[kind]}
        {marks.length > 1 && <span class="timeline-sign-count">{marks.length}</span>}
      </span>
      <span class={isLeft ? 'timeline-tip timeline-tip-left' : 'timeline-tip'} aria-hidden="true">
        {marks.slice(0, mostTold).map((mark) => (
          <span key={mark.label} class="timeline-tip-line">
            <b>{momentText(mark.atMs)}</b> {mark.label}
          </span>
        ))}
        {marks.length > mostTold && (
          <span class="timeline-tip-line">
            … {marks.length} {plurals[kind]} in all
          </span>
        )}
        {href !== undefined && <span class="timeline-tip-line muted">Click: {leadsTo[kind]}</span>}
      </span>
    </>
  );
  const shape = `timeline-sign timeline-sign-${kind}`;
  if (href === undefined) {
    return (
      <button class={shape} aria-label={told}>
        {content}
      </button>
    );
  }
  return (
    <a class={shape} href={href} aria-label={told}>
      {content}
    </a>
  );
}

/** Lines of a tip. */
const mostTold = 6;
