import { formatMatchers, type Matcher, readSelector, type Selector } from '../../model/selector.ts';
import type { TimeWindow } from '../../model/units.ts';
import type { DiffMeta } from '../api/answers.ts';
import { isoText } from '../format/time.ts';
import type { Parameters } from '../state/href.ts';

/** By what two sides differ: the parameters of the page say it. */
export const modes = ['rollout', 'revisions', 'times', 'labels'] as const;
export type Mode = (typeof modes)[number];

export const normalizations = ['share', 'process', 'none'] as const;
export type Normalization = (typeof normalizations)[number];

/** One side as it was read: what the two links, commands and sentences about it are made of. */
export interface Side {
  readonly query: string;
  readonly window: TimeWindow;
}

export function modeOf({ rollout, query = '', base_query: base }: Parameters): Mode {
  if (rollout) return 'rollout';
  if (!base) return 'times';
  const [own, other] = [revisionOf(query), revisionOf(base)];
  return own && other && withRevision(query, undefined) === withRevision(base, undefined) ? 'revisions' : 'labels';
}

/** As the API compares where nothing is said: roll-outs per process, as pods are replaced one by one; else shares. */
export function normalizationOf({ normalize, rollout }: Parameters): Normalization {
  return normalizations.find((known) => known === normalize) ?? (rollout ? 'process' : 'share');
}

/** Both sides with the revisions and the windows that the answer names, whichever way they were found. */
export function sidesOf({ query = '', base_query: base }: Parameters, meta: DiffMeta): { compare: Side; base: Side } {
  const { rollout } = meta;
  const [own, other] = rollout
    ? [withRevision(query, rollout.compare.revision), withRevision(query, rollout.base.revision)]
    : [query, base || query];
  return { compare: { query: own, window: windowOf(meta) }, base: { query: other, window: windowOf(meta.base) } };
}

/**
 * The parameters that compare in another way what is compared now. `meta` is what is shown: its windows are kept where they
 * mean something in the other way, too. `revisions`: the newest two, for `revisions`.
 */
export function inMode(
  mode: Mode,
  parameters: Parameters,
  { meta, revisions = [] }: { readonly meta?: DiffMeta | undefined; readonly revisions?: readonly string[] } = {},
): Parameters {
  const query = withRevision(parameters['query'] ?? '', undefined);
  const none = { base_query: undefined, base_from: undefined, base_to: undefined, rollout: undefined };
  const rest = { ...parameters, ...none, zoom: undefined, query, normalize: keptNormalize(mode, parameters, meta) };
  const compare = meta ? windowParameters(windowOf(meta)) : {};
  switch (mode) {
    case 'rollout':
      return { ...rest, from: undefined, to: undefined, rollout: 'latest' };
    case 'times':
      return { ...rest, ...compare, ...earlierBase(meta) };
    case 'labels':
      return { ...rest, ...compare, base_query: query };
    default: {
      const { compare: own, base: other } = meta?.rollout ?? {};
      return {
        ...rest,
        ...compare,
        ...(meta ? baseParameters(windowOf(meta.base)) : {}),
        query: withRevision(query, own?.revision ?? revisions[0]),
        base_query: withRevision(query, other?.revision ?? revisions[1]),
      };
    }
  }
}

/** The same comparison whenever it is asked: revisions instead of the latest, moments instead of `now`. */
export function pinned(parameters: Parameters, meta: DiffMeta): Parameters {
  const { compare, base } = sidesOf(parameters, meta);
  return {
    ...parameters,
    rollout: undefined,
    query: compare.query,
    ...windowParameters(compare.window),
    base_query: base.query === compare.query ? undefined : base.query,
    ...baseParameters(base.window),
    normalize: meta.normalize,
  };
}

/** After a drag over the timeline; undefined takes the window of that side away. Revisions of a roll-out stay who they are. */
export function brushed(
  parameters: Parameters,
  {
    meta,
    side,
    window,
  }: {
    readonly meta: DiffMeta | undefined;
    readonly side: 'compare' | 'base';
    readonly window: TimeWindow | undefined;
  },
): Parameters {
  const mode = modeOf(parameters);
  const given = mode === 'rollout' ? inMode('revisions', parameters, { meta }) : parameters;
  if (side === 'base') {
    return { ...given, ...(window ? baseParameters(window) : { base_from: undefined, base_to: undefined }) };
  }
  return { ...given, ...(window ? windowParameters(window) : { from: undefined, to: undefined }) };
}

/** Sides stay normalised as they are; undefined where that goes without saying. */
function keptNormalize(mode: Mode, { normalize }: Parameters, meta: DiffMeta | undefined): string | undefined {
  const now = meta?.normalize ?? normalize;
  return now === normalizationOf(mode === 'rollout' ? { rollout: 'latest' } : {}) ? undefined : now;
}

/** The window of the base where it lies before the other; two that overlap are no comparison of times. */
function earlierBase(meta: DiffMeta | undefined): Parameters {
  if (!meta || meta.base.toMs > meta.fromMs) return {};
  return baseParameters(windowOf(meta.base));
}

/** The two sides changed places: what was taken for the base is compared with what was compared. */
export function swapped(parameters: Parameters, meta: DiffMeta): Parameters {
  const { compare, base } = sidesOf(parameters, meta);
  return {
    ...parameters,
    rollout: undefined,
    zoom: undefined,
    normalize: keptNormalize('times', parameters, meta),
    query: base.query,
    ...windowParameters(base.window),
    base_query: base.query === compare.query ? undefined : compare.query,
    ...baseParameters(compare.window),
  };
}

export function windowOf({ fromMs, toMs }: TimeWindow): TimeWindow {
  return { fromMs, toMs };
}

export function windowParameters({ fromMs, toMs }: TimeWindow): Parameters {
  return { from: isoText(fromMs), to: isoText(toMs) };
}

export function baseParameters({ fromMs, toMs }: TimeWindow): Parameters {
  return { base_from: isoText(fromMs), base_to: isoText(toMs) };
}

/** Undefined while a query is being typed. */
export function selectorOf(query: string): Selector | undefined {
  try {
    return readSelector(query);
  } catch {
    return undefined;
  }
}

export function revisionOf(query: string): string | undefined {
  return selectorOf(query)?.matchers.find(({ name, operator }) => name === 'revision' && operator === '=')?.value;
}

/** The query of this revision alone, or of all of them; what cannot be read is left as it is. */
export function withRevision(query: string, revision: string | undefined): string {
  const selector = selectorOf(query);
  if (!selector) return query;
  const others = selector.matchers.filter(({ name }) => name !== 'revision');
  const wanted: Matcher[] =
    revision === undefined ? others : [...others, { name: 'revision', operator: '=', value: revision }];
  const type = query.split('{', 1)[0]?.trim() ?? '';
  return wanted.length === 0 ? type : type + formatMatchers(wanted);
}
