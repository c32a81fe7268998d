import { FlameherdError } from './errors.ts';

/** How a profile is looked at. Filters have pprof's meaning and its order (`go tool pprof -focus …`). */

/** What one frame of a view is: a function, a line of it, its file, or its package. */
export const granularities = ['functions', 'lines', 'files', 'packages'] as const;
export type Granularity = (typeof granularities)[number];

/** Frames that a view hides without an expression of its own: the language's runtime, and the C library. */
export const viewPresets = ['runtime', 'libc'] as const;
export type ViewPreset = (typeof viewPresets)[number];

/** Reads `runtime,libc`; '' is none. Throws `bad_parameter` for what is no preset. */
export function parsePresets(list: string): ViewPreset[] {
  const names = list.split(',').flatMap((name) => name.trim() || []);
  return [...new Set(names)].map((name) => {
    const preset = viewPresets.find((known) => known === name);
    if (preset !== undefined) return preset;
    const given = JSON.stringify(name);
    throw new FlameherdError('bad_parameter', `preset: ${given} is none; allowed are ${viewPresets.join(', ')}`);
  });
}

/** The filters that take an expression, by the names that pprof gives them. */
export const viewFilters = ['focus', 'ignore', 'hide', 'show', 'show_from', 'tagfocus', 'tagignore'] as const;
export type ViewFilter = (typeof viewFilters)[number];

export interface View {
  /** RE2 expressions that match anywhere in a name. */
  readonly filters: Readonly<Partial<Record<ViewFilter, string>>>;
  /** Hidden frames: their samples count in what called them. */
  readonly presets: readonly ViewPreset[];
  readonly granularity: Granularity;
  /** A function that calls itself, directly or over others, stands once on a stack, where it was called first. */
  readonly collapseRecursion: boolean;
}

/** Functions, nothing left out. */
export const plainView: View = { filters: {}, presets: [], granularity: 'functions', collapseRecursion: false };

/** Whether a view shows functions as they are. */
export function isPlainView({ filters, presets, granularity, collapseRecursion }: View): boolean {
  const isFiltered = presets.length > 0 || viewFilters.some((name) => filters[name] !== undefined);
  return !isFiltered && granularity === 'functions' && !collapseRecursion;
}
