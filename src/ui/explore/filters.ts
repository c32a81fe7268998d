import { type Granularity, granularities, type ViewPreset, viewFilters } from '../../model/view.ts';
import type { Parameters } from '../state/href.ts';

/** Filters of a view as chips: each is taken away by itself. */

export const filterKinds = ['focus', 'ignore', 'hide', 'show', 'show_from'] as const;
export type FilterKind = (typeof filterKinds)[number];

/** What each does, in the words of `go tool pprof`. */
export const filterMeanings: Readonly<Record<FilterKind, string>> = {
  focus: 'only stacks with such a function',
  ignore: 'without stacks that have such a function',
  hide: 'without such frames; their callers take their time',
  show: 'only such frames',
  show_from: 'stacks begin at the outermost such frame',
};

export const presetNames: Readonly<Record<ViewPreset, string>> = {
  runtime: 'Hide the runtime',
  libc: 'Hide libc',
};

export interface FilterChip {
  readonly kind: string;
  /** What it is of, as a reader writes it: the expression, or the function that it quotes. */
  readonly text: string;
  /** What to change so that it is gone. */
  readonly without: Parameters;
}

export function filterChips(parameters: Parameters): FilterChip[] {
  return [
    ...viewFilters.flatMap((kind) => expressionChips(parameters, kind)),
    ...presetsOf(parameters).map((preset) => ({
      kind: 'hide',
      text: preset,
      without: togglePreset(parameters, preset),
    })),
    ...(granularityOf(parameters) === 'functions'
      ? []
      : [{ kind: 'frames are', text: granularityOf(parameters), without: { granularity: undefined } }]),
    ...(isCollapsed(parameters)
      ? [{ kind: 'recursion', text: 'collapsed', without: { collapse_recursion: undefined } }]
      : []),
  ];
}

function expressionChips(parameters: Parameters, kind: (typeof viewFilters)[number]): FilterChip[] {
  const parts = alternativesOf(parameters[kind] ?? '');
  return parts.map((part) => ({
    kind,
    text: unquoted(part),
    without: { [kind]: parts.filter((other) => other !== part).join('|') || undefined },
  }));
}

/** What to change so that an expression filters, too. Where several cannot hold together (`focus`), the last one does. */
export function addFilter(parameters: Parameters, kind: FilterKind, expression: string): Parameters {
  const before = parameters[kind];
  const canJoin = kind === 'hide' || kind === 'ignore' || kind === 'show';
  if (!canJoin || before === undefined) return { [kind]: expression };
  return { [kind]: [...new Set([...alternativesOf(before), expression])].join('|') };
}

/** An expression that only this frame matches, by what frames are. */
export function expressionOf(name: string, granularity: Granularity): string {
  const quoted = quote(granularity === 'lines' ? name.replace(/ \S+$/, '') : name);
  if (granularity === 'files') return quoted;
  return granularity === 'packages' ? `^${quoted}\\.` : `^${quoted}$`;
}

/** With what RE2 would read as more than itself behind a `\`. */
function quote(name: string): string {
  return name.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** `shop.(*Cart).Add` of `^shop\.\(\*Cart\)\.Add$`; others as they are. */
function unquoted(expression: string): string {
  const inside = /^\^(.*)\$$/s.exec(expression)?.[1];
  if (inside === undefined) return expression;
  const plain = inside.replace(/\\([\\.+*?()|[\]{}^$])/g, '$1');
  return `^${quote(plain)}$` === expression ? plain : expression;
}

/** `a|b` is two, where no group and no class is open. */
export function alternativesOf(expression: string): string[] {
  const parts = [''];
  let depth = 0;
  let isInClass = false;
  for (const [part] of expression.matchAll(/\\.|[^]/gs)) {
    if (part === '|' && depth === 0 && !isInClass) {
      parts.push('');
      continue;
    }
    if (part === '[') isInClass = true;
    else if (part === ']') isInClass = false;
    else if (!isInClass && part === '(') depth++;
    else if (!isInClass && part === ')') depth--;
    parts.push((parts.pop() ?? '') + part);
  }
  return parts.filter((part) => part !== '');
}

export function presetsOf({ preset = '' }: Parameters): string[] {
  return preset.split(',').filter((name) => name !== '');
}

export function togglePreset(parameters: Parameters, preset: string): Parameters {
  const now = presetsOf(parameters);
  const next = now.includes(preset) ? now.filter((one) => one !== preset) : [...now, preset];
  return { preset: next.join(',') || undefined };
}

export function granularityOf({ granularity }: Parameters): Granularity {
  return granularities.find((known) => known === granularity) ?? 'functions';
}

export function isCollapsed({ collapse_recursion: collapsed }: Parameters): boolean {
  return collapsed === 'true';
}
