import type { Parameters } from '../state/href.ts';

/** What the page's parameters say; names as in the URL. */

export const views = ['both', 'flame', 'table', 'sandwich'] as const;
export type View = (typeof views)[number];

export const aggregates = ['avg', 'last', 'peak'] as const;
export type Aggregate = (typeof aggregates)[number];

export const viewNames: Readonly<Record<View, string>> = {
  both: 'Both',
  flame: 'Flame',
  table: 'Table',
  sandwich: 'Sandwich',
};

export function viewOf({ view }: Parameters): View {
  return views.find((known) => known === view) ?? 'both';
}

/** The window that is drawn over time: wider than what is merged, where a part of it was chosen. */
export function timelineWindow({ from, to, timeline_from: wideFrom, timeline_to: wideTo }: Parameters): {
  readonly from: string | undefined;
  readonly to: string | undefined;
} {
  return wideFrom === undefined ? { from, to } : { from: wideFrom, to: wideTo };
}

/** Whether only a part of what is drawn is merged. */
export function isPart(parameters: Parameters): boolean {
  return parameters['timeline_from'] !== undefined;
}

/** What to change so that a part of what is drawn is merged; undefined: all of it again. */
export function choosePart(
  parameters: Parameters,
  part: { readonly from: string; readonly to: string } | undefined,
): Parameters {
  const { from = 'now-1h', to } = timelineWindow(parameters);
  if (part) return { ...part, timeline_from: from, timeline_to: to };
  return { from, to, timeline_from: undefined, timeline_to: undefined };
}

/** Gone with what they were of: another query, window or filter has other stacks. */
export const ofOneGraph: Parameters = { zoom: undefined, span: undefined };

/** Where the two windows are compared. */
export function diffParameters(parameters: Parameters): Parameters {
  const { query, from, to, aggregate, base_from, base_to, focus, ignore, hide, show } = parameters;
  return { query, from, to, aggregate, base_from, base_to, focus, ignore, hide, show };
}
