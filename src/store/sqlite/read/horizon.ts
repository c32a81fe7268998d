import { FlameherdError } from '../../../model/errors.ts';
import type { Matcher } from '../../../model/matcher.ts';
import { formatTime } from '../../../model/time.ts';
import { day as dayMs, hour as hourMs, type TimeWindow } from '../../../model/units.ts';
import type { Coverage } from '../../profile-store.ts';
import type { Layout } from '../catalogue/layout.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';
import { labelsOutsideGroups } from '../rollups/roll.ts';

/** What is left of an hour, damage aside: single profiles, only its roll-up, only that of its day, or nothing. */
export type Remains = Coverage['resolution'] | 'nothing';

export const hoursOfDay = 24;

export function remainsOf(layout: Layout, hour: UnixHour): Remains {
  if (layout.holdsDetail(hour)) return 'detail';
  if (layout.rollOf('1h', hour)) return layout.isHourRolled(hour) ? '1h' : 'nothing';
  const day = Math.floor(hour / hoursOfDay);
  return layout.isDayRolled(day) && layout.rollOf('1d', day) ? '1d' : 'nothing';
}

/** A window as it can be answered. */
export interface Reach {
  /** Wider than asked for where only roll-ups are left at its ends. */
  readonly window: TimeWindow;
  /** The coarsest that only roll-ups are left of. */
  readonly resolution: Coverage['resolution'];
  readonly warnings: readonly string[];
}

/** How a window can be answered: where single profiles are held it is as asked, beyond their horizon in whole hours or days. */
export function reachOf(layout: Layout, asked: TimeWindow): Reach {
  const { oldestMs } = layout;
  if (oldestMs === undefined || oldestMs >= asked.toMs) return { window: asked, resolution: 'detail', warnings: [] };
  const first = Math.max(hourOf(asked.fromMs), hourOf(oldestMs));
  const last = hourOf(asked.toMs - 1);
  const found = new Set<Remains>();
  for (let hour = first; hour <= last; hour++) found.add(remainsOf(layout, hour));
  const resolution = found.has('1d') ? '1d' : found.has('1h') ? '1h' : 'detail';
  if (resolution === 'detail') return { window: asked, resolution, warnings: [] };
  const window = {
    fromMs: Math.min(asked.fromMs, startOf(first, remainsOf(layout, first))),
    toMs: Math.max(asked.toMs, endOf(last, remainsOf(layout, last))),
  };
  const isWider = window.fromMs < asked.fromMs || window.toMs > asked.toMs;
  const what = resolution === '1h' ? 'hours' : 'days';
  const widened = isWider ? `: the window is ${formatTime(window.fromMs)} to ${formatTime(window.toMs)}` : '';
  return { window, resolution, warnings: [`${horizonText(layout)}; before, sums of whole ${what} are left${widened}`] };
}

/** Throws `detail_expired` for what only single profiles could tell, where none are left. `needs` names it. */
export function assertWithinHorizon(layout: Layout, { resolution }: Reach, needs: readonly string[]): void {
  const [first] = needs;
  if (resolution === 'detail' || first === undefined) return;
  const { detailFromMs } = layout;
  const from = detailFromMs === undefined ? '' : `ask from ${formatTime(detailFromMs)} on, or `;
  throw new FlameherdError('detail_expired', `${first} needs single profiles: ${horizonText(layout)}`, {
    hint: `${from}ask without ${needs.join(', ')}`,
  });
}

/** The conditions that roll-ups cannot know the answer to, as a reader writes them. */
export function needsOfMatchers(matchers: readonly Matcher[]): string[] {
  const outside: readonly string[] = labelsOutsideGroups;
  return [...new Set(matchers.map(({ name }) => name))].filter((name) => outside.includes(name)).map(conditionOn);
}

function conditionOn(name: string): string {
  return `a condition on ${name}`;
}

function horizonText({ detailFromMs }: Layout): string {
  if (detailFromMs === undefined) return 'no single profiles are kept any more';
  return `single profiles are kept from ${formatTime(detailFromMs)} on`;
}

function startOf(hour: UnixHour, remains: Remains): number {
  if (remains === '1h') return hour * hourMs;
  return remains === '1d' ? Math.floor(hour / hoursOfDay) * dayMs : Infinity;
}

function endOf(hour: UnixHour, remains: Remains): number {
  if (remains === '1h') return (hour + 1) * hourMs;
  return remains === '1d' ? (Math.floor(hour / hoursOfDay) + 1) * dayMs : -Infinity;
}
