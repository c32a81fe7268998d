import type { UnixMs } from '../../model/units.ts';
import { agoText, isoText, momentText } from './time.ts';

/** A moment, local; the title has it in UTC. `ago`: how long ago, and then the title has both. */
export function Moment({
  ms,
  ago = false,
  seconds = false,
}: {
  readonly ms: UnixMs;
  readonly ago?: boolean;
  readonly seconds?: boolean;
}) {
  const iso = isoText(ms);
  const local = momentText(ms, { seconds: seconds || ago });
  return (
    <time dateTime={iso} title={ago ? `${local} (${iso})` : iso}>
      {ago ? agoText(ms) : local}
    </time>
  );
}
