import { humanValue } from '../../model/human-value.ts';
import type { FlameModel } from './prepare.ts';

/** What part of a graph is looked at, on how many pixels; the whole is from 0 to 1. */
export interface FlameRange {
  readonly start: number;
  readonly end: number;
  readonly pixels: number;
}

/** Below this a share would read as 0. */
const least = 0.0005;

/**
 * What a reader would not see, in words: `12.3 % is in frames below 1 px, merged into grey boxes; 3.1 % is folded into (other)`;
 * '' where everything is drawn. Shares are of what is looked at. Costs the nodes that are drawn, not all nodes.
 */
export function foldedText(model: FlameModel, range: FlameRange): string {
  const { below, folded } = unseen(model, range);
  const parts = [
    below > least && `${humanValue(rounded(below), 'share')} is in frames below 1 px, merged into grey boxes`,
    folded > least && `${humanValue(rounded(folded), 'share')} has no frames of its own in this answer`,
  ];
  return parts.filter((part) => part !== false).join('; ');
}

/** Shares of the range: in nodes that are narrower than a pixel, and in what was folded before it came here. */
export function unseen(model: FlameModel, { start, end, pixels }: FlameRange): { below: number; folded: number } {
  const share = end - start;
  const pixel = share / Math.max(1, pixels);
  let [below, folded] = [0, 0];
  for (let node = 0; node < model.size; ) {
    const from = model.start[node] as number;
    const width = model.width[node] as number;
    const seen = Math.min(end, from + width) - Math.max(start, from);
    if (seen > 0 && width < pixel) below += seen;
    node = seen <= 0 || width < pixel ? (model.end[node] as number) : node + 1;
  }
  const { rests } = model;
  for (let at = 0; at < rests.node.length; at++) {
    const from = rests.start[at] as number;
    const seen = Math.min(end, from + (rests.width[at] as number)) - Math.max(start, from);
    if (seen > 0 && (model.width[rests.node[at] as number] as number) >= pixel) folded += seen;
  }
  return { below: below / share, folded: folded / share };
}

/** More folded than that is worth another question. */
const worthAsking = 0.001;

/** Whether there is more below a node than the answer holds. */
export function isFoldedBelow(model: FlameModel, node: number): boolean {
  const start = model.start[node] ?? 0;
  const range = { start, end: start + (model.width[node] ?? 0), pixels: Number.MAX_SAFE_INTEGER };
  return unseen(model, range).folded > worthAsking;
}

/** To tenths of a percent. */
function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}
