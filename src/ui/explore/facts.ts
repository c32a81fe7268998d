import { counted, humanValue } from '../../model/human-value.ts';
import type { Meta } from '../api/answers.ts';

/** What the line above the graph says of the answer. */
export interface Fact {
  readonly text: string;
  /** What it means, where that is not plain. */
  readonly title?: string;
}

const resolutions: Readonly<Record<string, string>> = {
  detail: 'single profiles',
  '1h': 'roll-ups of an hour',
  '1d': 'roll-ups of a day',
};

/** Less than that of what was asked for is more than rounding. */
const nearlyAll = 0.995;

export function factsOf(meta: Meta, total: number, unit: string): Fact[] {
  const { profiles, processes, profiledShare, profiledSeconds, resolution, trimmed } = meta;
  const facts: (Fact | undefined)[] = [
    coresOf(meta, total, unit),
    { text: counted(profiles, 'profile') },
    { text: counted(processes, 'process', 'processes') },
    profiledShare === undefined
      ? undefined
      : {
          text: `${humanValue(profiledShare, 'share')} of the time profiled`,
          title: `Profiles cover ${humanValue(profiledSeconds * 1e9, 'nanoseconds')} of the ${humanValue(meta.processSeconds * 1e9, 'nanoseconds')} that processes ran; values are of the profiled time`,
        },
    { text: `from ${resolutions[resolution] ?? resolution}`, title: `Resolution: ${resolution}` },
    trimmed > 0
      ? { text: `${counted(trimmed, 'sample')} trimmed`, title: 'Folded into (other) when they were stored' }
      : undefined,
  ];
  return facts.filter((fact) => fact !== undefined);
}

/** CPU time beside the time it was taken in: what people compare with limits. */
function coresOf({ profiledSeconds, aggregation }: Meta, total: number, unit: string): Fact | undefined {
  if (unit !== 'nanoseconds' || aggregation !== 'sum' || profiledSeconds <= 0) return undefined;
  return {
    text: `${humanValue(total / 1e9 / profiledSeconds, 'cores')} a process`,
    title: 'The total by the time that was profiled, as an average of all processes',
  };
}

/** `12.3 % of the profile is folded`, of what the server folded before it came here; undefined where that is nothing. */
export function foldedFact({ foldedShare }: Meta): Fact | undefined {
  if (foldedShare <= 1 - nearlyAll) return undefined;
  return {
    text: `${humanValue(foldedShare, 'share')} folded`,
    title: 'In frames too small to be sent; zooming in asks for them',
  };
}

/** Whether the values are levels, of which one can ask the average, the last or the peak. */
export function isGauge({ aggregation }: Meta): boolean {
  return aggregation === 'avg' || aggregation === 'last' || aggregation === 'peak';
}
