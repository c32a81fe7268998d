import { useMemo, useRef } from 'preact/hooks';
import type { TimeWindow } from '../../model/units.ts';
import type { DiffMeta } from '../api/answers.ts';
import { readWindow } from '../format/time.ts';
import type { Parameters } from '../state/href.ts';
import { windowOf } from './comparison.ts';
import { shownAround } from './shown-window.ts';

/** What the timeline shows: as the reader chose, else around both windows; undefined until it is known what they are. */
export function useShown(
  { timeline_from: from, timeline_to: to }: Parameters,
  meta: DiffMeta | undefined,
): TimeWindow | undefined {
  const before = useRef<TimeWindow>(undefined);
  const chosen = useMemo(() => (from ? readWindow(from, to, Date.now()) : undefined), [from, to]);
  if (meta) {
    before.current = chosen ?? shownAround([windowOf(meta), windowOf(meta.base)], Date.now(), before.current);
  }
  return before.current;
}
