import { type Command, Option } from 'commander';
import {
  type Granularity,
  granularities,
  parsePresets,
  type View,
  type ViewFilter,
  viewFilters,
  viewPresets,
} from '../model/view.ts';

/** Filters by the names that `go tool pprof` gives them. */
export interface ViewFlags {
  readonly focus?: string;
  readonly ignore?: string;
  readonly hide?: string;
  readonly show?: string;
  readonly showFrom?: string;
  readonly tagfocus?: string;
  readonly tagignore?: string;
  readonly preset?: string;
  readonly granularity?: Granularity;
  readonly collapseRecursion?: boolean;
}

export function withView(command: Command): Command {
  return command
    .option('--focus <RE>', 'only samples with a function that matches')
    .option('--ignore <RE>', 'no samples with a function that matches')
    .option('--hide <RE>', 'no frames that match: what they took counts in their callers')
    .option('--show <RE>', 'only frames that match')
    .option('--show-from <RE>', 'no frames above the first that matches')
    .option('--tagfocus <RE>', 'only samples with such a pprof label: a value, key=value, or a range of numbers')
    .option('--tagignore <RE>', 'no samples with such a pprof label')
    .option('--preset <NAMES>', `frames to hide, joined by commas: ${viewPresets.join(', ')}`)
    .addOption(new Option('--granularity <WHAT>', 'what one row is').choices([...granularities]))
    .option('--collapse-recursion', 'a function stands once on a stack');
}

/** As the API is asked. */
export function viewParameters(flags: ViewFlags): Readonly<Record<string, string | undefined>> {
  const filters = viewFilters.map((name) => [name, flags[flagOf(name)]] as const);
  return {
    ...Object.fromEntries(filters),
    preset: flags.preset,
    granularity: flags.granularity,
    collapse_recursion: flags.collapseRecursion ? 'true' : undefined,
  };
}

/** As files are looked at. Throws `bad_parameter` for an unknown preset. */
export function viewOf(flags: ViewFlags): View {
  const given = viewFilters.flatMap((name) => {
    const expression = flags[flagOf(name)];
    return expression === undefined ? [] : [[name, expression] as const];
  });
  return {
    filters: Object.fromEntries(given),
    presets: parsePresets(flags.preset ?? ''),
    granularity: flags.granularity ?? 'functions',
    collapseRecursion: flags.collapseRecursion ?? false,
  };
}

function flagOf(name: ViewFilter): Exclude<ViewFilter, 'show_from'> | 'showFrom' {
  return name === 'show_from' ? 'showFrom' : name;
}
