import { sameType } from '../../../model/profile-type.ts';
import { formatTime } from '../../../model/time.ts';
import { day as dayMs, hour as hourMs } from '../../../model/units.ts';
import type { TotalsAnswer, TotalsRequest, TotalsSplit } from '../../profile-store.ts';
import { hourOf } from '../files/data-dir.ts';
import { FunctionParts } from './function-parts.ts';
import { LabelParts } from './label-parts.ts';
import { PartTotalsReader } from './part-totals.ts';
import { type HeldTime, planTime, whyDetail } from './plan.ts';
import type { Sources } from './sources.ts';
import type { PartsContext, SplitParts } from './split-parts.ts';
import { TotalsLines } from './totals-lines.ts';

/**
 * Hours of series, over all of them, of which parts are read from single profiles while these are held. Of more it takes
 * seconds: a CPU profile's hour about 1.5 ms.
 */
export const mostSplitHours = 1000;

/**
 * The totals of one type over time, without a look at a single sample unless parts are asked for: from the totals stored
 * beside each profile, and from roll-ups where whole hours or days of groups are asked for, or nothing else is left. Grouped by neither `pod` nor `node`,
 * there is a line for each process and group, whatever it is answered from; else one for each series.
 */
export function totalsOf(request: TotalsRequest, sources: Sources, context: Omit<PartsContext, 'check'>): TotalsAnswer {
  const { selector, window, groupBy } = request;
  const plan = planTime(
    window,
    usable(request, sources),
    whyDetail({ matchers: selector.matchers, ...given(groupBy) }),
  );
  sources.noteLostRolls(plan);
  const { split } = request;
  const parts = split && new PartTotalsReader(partsOf(split, context, sources), sources.allowance);
  const lines = new TotalsLines(request, sources, parts);
  lines.addRolls('1d', plan.days);
  lines.addRolls('1h', plan.hours);
  lines.addProfiles(plan.rest);
  const coarse = request.stepMs % hourMs === 0 ? [] : plan.hours.filter((hour) => sources.isDamaged(hour));
  return {
    series: lines.result(),
    window: plan.window,
    resolution: plan.resolution,
    warnings: [...plan.warnings, ...coarse.map(damagedSentence)],
    partial: false,
  };
}

function partsOf(
  split: TotalsSplit,
  context: Omit<PartsContext, 'check'>,
  { allowance }: Pick<Sources, 'allowance'>,
): SplitParts {
  const checked: PartsContext = { ...context, check: () => allowance.check() };
  return split.kind === 'functions' ? new FunctionParts(split, checked) : new LabelParts(split, checked);
}

/** What may be answered from roll-ups: where steps are whole hours or days, or single profiles are gone or damaged. */
function usable(request: TotalsRequest, sources: Sources): HeldTime {
  const { held } = sources;
  const { stepMs, groupBy } = request;
  const { detailFromMs, hoursFromMs } = held;
  const untilMs = isReadApart(request, sources) ? detailFromMs : Infinity;
  const isStep = (bucket: number, sizeMs: number): boolean =>
    groupBy !== undefined && stepMs % sizeMs === 0 && (bucket + 1) * sizeMs <= untilMs;
  return {
    ...held,
    rolledHours: held.rolledHours.filter(
      (hour) => isStep(hour, hourMs) || hour * hourMs < detailFromMs || sources.isDamaged(hour),
    ),
    rolledDays: held.rolledDays.filter(
      (day) => isStep(day, dayMs) || day * dayMs < Math.min(hoursFromMs, detailFromMs),
    ),
  };
}

/**
 * Whether parts are read from single profiles where roll-ups would do: these know the sum of a part, not whose it is, and a
 * rate needs that, as processes are not measured for the same time each. Gauges are sums.
 */
function isReadApart({ split, selector, window, type }: TotalsRequest, { catalogue, held }: Sources): boolean {
  if (!split) return false;
  const from = hourOf(Math.max(window.fromMs, held.detailFromMs));
  const to = hourOf(window.toMs - 1);
  let hours = 0;
  for (const { types, firstHour, lastHour } of catalogue.select(selector.kind, selector.matchers, from, to)) {
    const own = types.find((one) => sameType(one, type));
    if (own && own.temporality !== 'gauge') hours += Math.min(to, lastHour) - Math.max(from, firstHour) + 1;
  }
  return hours > 0 && hours <= mostSplitHours;
}

function given(groupBy: readonly string[] | undefined): { readonly groupBy?: readonly string[] } {
  return groupBy === undefined ? {} : { groupBy };
}

function damagedSentence(hour: number): string {
  return `single profiles of the hour from ${formatTime(hour * hourMs)} are damaged: it is answered as a whole`;
}
