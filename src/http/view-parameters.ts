import { type Static, Type } from 'typebox';
import { granularities, parsePresets, type View, viewFilters, viewPresets } from '../model/view.ts';
import { bounds } from './bounds.ts';
import { text } from './parameters.ts';

const filter = (what: string) => Type.Optional(text(`RE2, matches anywhere in a name: ${what}`, bounds.filterLength));

/** Filters with the meaning of `go tool pprof`'s flags of the same names, and what a frame of the answer is. */
export const viewParameters = {
  focus: filter('only samples with such a function, file or binary on their stack.'),
  ignore: filter('without samples that have such a one on their stack.'),
  hide: filter('without such frames; what they took counts in their callers.'),
  show: filter('only such frames.'),
  show_from: filter('stacks begin at the outermost such frame; those without one are left out.'),
  tagfocus: filter('only samples with such a label: a value, key=value, or a range of numbers such as bytes=32kb:1mb.'),
  tagignore: filter('without samples that have such a label.'),
  preset: Type.Optional(text(`Frames to hide, joined by commas: ${viewPresets.join(', ')}.`, bounds.filterLength)),
  granularity: Type.Optional(
    Type.Enum([...granularities], { default: 'functions', description: 'What one frame is.' }),
  ),
  collapse_recursion: Type.Optional(
    Type.Boolean({ default: false, description: 'A function stands once on a stack, where it was called first.' }),
  ),
};

const viewQuery = Type.Object(viewParameters);

/** The view that was asked for; all functions unless something is given. */
export function readView(query: Static<typeof viewQuery>): View {
  const given = viewFilters.flatMap((name) => {
    const expression = query[name];
    return expression === undefined ? [] : [[name, expression] as const];
  });
  return {
    filters: Object.fromEntries(given),
    presets: parsePresets(query.preset ?? ''),
    granularity: query.granularity ?? 'functions',
    collapseRecursion: query.collapse_recursion ?? false,
  };
}
