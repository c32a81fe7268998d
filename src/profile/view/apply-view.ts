import { compileExpression, type Expression } from '../../model/expression.ts';
import { isPlainView, type View, type ViewFilter, viewFilters } from '../../model/view.ts';
import type { Profile } from '../profile.ts';
import { collapseRecursion } from './collapse-recursion.ts';
import { dropFramesStep } from './drop-frames.ts';
import { TextTests } from './frame-test.ts';
import { granularityStep } from './granularity.ts';
import { filteredByName } from './name-filters.ts';
import { presetTest } from './presets.ts';
import { showFromStep } from './show-from.ts';
import { type TagFilter, tagFilter } from './tag-filter.ts';
import type { TreeStep } from './tree-rewriter.ts';
import { ViewedRows } from './viewed-rows.ts';

export interface Viewed {
  readonly profile: Profile;
  /** One for each filter that matched nothing, as pprof warns: it may be misspelt. */
  readonly warnings: readonly string[];
}

/** As `viewed`, without its warnings. */
export function applyView(profile: Profile, view: View, check: () => void): Profile {
  return viewed(profile, view, check).profile;
}

/**
 * A profile as a view shows it, with the meaning and order of `go tool pprof`: the header's `drop_frames`, then focus,
 * ignore, hide and show, then show_from, then tagfocus and tagignore; then granularity, then recursion. Sample types,
 * header and divisors stay; rows that become equal are added up, exactly. The profile itself when there is nothing to do.
 *
 * Throws `bad_parameter` for an expression that is none or too large, and `bad_profile` when a sum is beyond int64. `check`
 * is called every few milliseconds and may throw to stop the work.
 */
export function viewed(profile: Profile, view: View, check: () => void): Viewed {
  const found = new Set<string>();
  const steps = compiledSteps(view, found);
  const dropFrames = dropFramesStep(profile.header);
  if (!dropFrames && isPlainView(view)) return { profile, warnings: [] };
  const rows = new ViewedRows(profile.stacks, check);
  if (dropFrames) rows.take(dropFrames);
  for (const step of steps.byFrame) rows.take(step);
  const tests = new TextTests(check);
  const { focus, ignore } = steps.byTag;
  rows.keepLabelled(
    focus?.matches(profile.stacks.labelSets, tests),
    ignore?.matches(profile.stacks.labelSets, tests),
    found,
  );
  for (const step of steps.after) rows.take(step);
  const warnings = viewFilters.filter((name) => view.filters[name] && !found.has(name));
  return {
    profile: rows.profileOf(profile),
    warnings: warnings.map((name) => unmatchedText(name, view.filters[name] ?? '', steps.byTag)),
  };
}

interface Steps {
  readonly byFrame: readonly TreeStep[];
  readonly byTag: { readonly focus: TagFilter | undefined; readonly ignore: TagFilter | undefined };
  readonly after: readonly TreeStep[];
}

/** Everything is compiled before the first step, so that what is wrong is said at once. An empty expression is no filter. */
function compiledSteps(
  { filters, presets, granularity, collapseRecursion: collapses }: View,
  found: Set<string>,
): Steps {
  const expression = (name: ViewFilter): Expression | undefined => {
    const given = filters[name];
    return given ? compileExpression(name, given) : undefined;
  };
  const [focus, ignore, hide, show] = [
    expression('focus'),
    expression('ignore'),
    expression('hide'),
    expression('show'),
  ];
  const isPresetHidden = presetTest(presets);
  const showFrom = expression('show_from');
  const filtersNames = focus ?? ignore ?? hide ?? show ?? isPresetHidden;
  const { tagfocus, tagignore } = filters;
  const byGranularity = granularityStep(granularity);
  return {
    byFrame: [
      ...(filtersNames ? [filteredByName({ focus, ignore, hide, show, isPresetHidden }, found)] : []),
      ...(showFrom ? [showFromStep(showFrom, found)] : []),
    ],
    byTag: {
      focus: tagfocus ? tagFilter('tagfocus', tagfocus) : undefined,
      ignore: tagignore ? tagFilter('tagignore', tagignore) : undefined,
    },
    after: [...(byGranularity ? [byGranularity] : []), ...(collapses ? [collapseRecursion] : [])],
  };
}

function unmatchedText(name: ViewFilter, expression: string, byTag: Steps['byTag']): string {
  const isRange = (name === 'tagfocus' && byTag.focus?.isRange) || (name === 'tagignore' && byTag.ignore?.isRange);
  const note = isRange ? '; it is a range of numbers, and texts are not compared with it' : '';
  return `${name}: ${JSON.stringify(expression)} matched no samples${note}`;
}
