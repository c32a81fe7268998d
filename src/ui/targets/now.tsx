import type { UnixMs } from '../../model/units.ts';
import { agoText, isoText, momentText } from '../format/time.ts';
import { type SharedValue, useShared } from '../state/shared-value.ts';

const tickMs = 1000;

/** The time, told once a second to whoever shows it; it stands still while nobody does. */
const now: SharedValue<UnixMs> = clock();

/** A scrape that should have begun so long ago is late; before, it is on its way. */
const lateAfterMs = 15_000;

/** A moment as a distance that counts: `12 s ago`, `in 3 s`; `due` where it should have come; `never`. Its title has the moment. */
export function Counting({
  ms,
  isNext = false,
}: {
  readonly ms: UnixMs | null | undefined;
  readonly isNext?: boolean;
}) {
  const nowMs = useShared(now);
  if (ms === null || ms === undefined) return <span class="muted">{isNext ? '–' : 'never'}</span>;
  const text = isNext ? nextText(ms, nowMs) : agoText(Math.min(ms, nowMs), nowMs);
  return (
    <time dateTime={isoText(ms)} title={`${momentText(ms, { seconds: true })} (${isoText(ms)})`}>
      {text}
    </time>
  );
}

function nextText(ms: UnixMs, nowMs: UnixMs): string {
  if (ms > nowMs) return agoText(ms, nowMs);
  return nowMs - ms < lateAfterMs ? 'now' : 'due';
}

function clock(): SharedValue<UnixMs> {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    // Whole ticks: what is drawn within one is drawn once.
    now: () => Math.floor(Date.now() / tickMs) * tickMs,
    set: () => {},
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        for (const each of listeners) each();
      }, tickMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
