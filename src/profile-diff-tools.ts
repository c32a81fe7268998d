import { FlameherdError } from './model/errors.ts';
import { humanChange, humanRatio, humanValue } from './model/human-value.ts';
import { inferKind, temporalityOf, type ValueType } from './model/profile-type.ts';
import { encodeProfile } from './pprof/encode.ts';
import { comparedTrees } from './profile/compared-trees.ts';
import { labelledDiff } from './profile/diff-labelled.ts';
import { type DiffScale, rawScale, scaled, shareScale } from './profile/diff-scale.ts';
import { type Ratio, ratio, shareRatio } from './profile/diff-scaled-column.ts';
import { diffTopOf, writeDiffTop } from './profile/diff-top.ts';
import { markdownAmount, markdownCell, markdownName, markdownTable } from './profile/markdown-text.ts';
import type { Profile } from './profile/profile.ts';
import { commonSampleTypes } from './profile/sample-type.ts';
import { type Asked, jsonOf, type NamedProfile, viewedColumn, viewedTree } from './profile-tools.ts';
import type { Normalization } from './query/engine.ts';

/** What the command `diff` does with two profiles that are at hand: the same code, in the same forms as the API answers in. */

export interface AskedDiff extends Asked {
  readonly normalize: Normalization;
}

/** Rows of a diff in markdown. */
const diffRows = 5;

/**
 * As `format=top` of a diff answers. One profile a side does not tell what a change varies by: spreads are null, and all rows
 * are unsure.
 */
export function diffOfProfiles(compare: NamedProfile, base: NamedProfile, asked: AskedDiff): string {
  const { trees, sides, scale, changeUnit } = compared(compare, base, asked);
  const top = diffTopOf(trees, scale, asked);
  const rows = top.rows.map((row) => ({ ...row, selfSpread: null, totalSpread: null, unsure: true }));
  const factor = ({ divisor }: { readonly divisor: number }, by: number): number => (by === 0 ? 0 : divisor / by);
  return jsonOf((json) => writeDiffTop(json, { ...top, rows }), {
    ...sides[0].meta,
    base: sides[1].meta,
    normalize: asked.normalize,
    factor: factor(trees.compare, scale.compare),
    baseFactor: factor(trees.base, scale.base),
    changeUnit,
    foldedShare: top.foldedShare,
  });
}

/** What changed, for a pull request: the whole, the functions that changed most, and how they were compared. */
export function markdownOfDiff(compare: NamedProfile, base: NamedProfile, asked: AskedDiff): string {
  const { trees, sides, scale, changeUnit } = compared(compare, base, asked);
  const { rows } = diffTopOf(trees, scale, { ...asked, limit: Math.min(asked.limit, diffRows) });
  const own = asked.sort;
  const before = own === 'self' ? 'baseSelf' : 'baseTotal';
  const [was, is] = [trees.base, trees.compare].map(({ total, divisor }) => Number(total[0] ?? 0) / divisor);
  const cells = rows.map((row) => [
    markdownCell(row.function),
    markdownAmount(humanValue(scaled(row[before], scale.base), changeUnit)),
    markdownAmount(humanValue(scaled(row[own], scale.compare), changeUnit)),
    markdownAmount(humanChange(Number(own === 'self' ? row.selfChange : row.totalChange), changeUnit)),
  ]);
  const { unit } = trees.compare;
  const [wasText, isText] = [was, is].map((value) => markdownAmount(humanValue(value ?? 0, unit)));
  const values = `${wasText} → ${isText}${humanRatio(was ?? 0, is ?? 0)}`;
  const names = `${markdownName(base.name)} → ${markdownName(compare.name)}`;
  const table =
    cells.length === 0 ? 'No function changed.' : markdownTable(['function', '-before', '-after', '-change'], cells);
  const notes = [
    `${own === 'self' ? 'What functions do themselves' : 'Functions with all they call'}, ${normalizationTexts[asked.normalize]}.`,
    'One profile a side does not tell what is chance.',
    ...sides.flatMap(({ meta }) => meta.warnings.map(markdownName)),
  ];
  return `**${markdownName(sides[0].meta.sampleType)}, ${names}**: ${values}\n\n${table.trimEnd()}\n\n${notes.join(' ')}\n`;
}

const normalizationTexts: Readonly<Record<AskedDiff['normalize'], string>> = {
  share: "as a share of each side's total",
  process: 'per process',
  none: 'as measured, not normalised',
};

/** Both as one pprof, the base negative and labelled, for `go tool pprof`; all sample types that both have. */
export function pprofOfDiff(compare: NamedProfile, base: NamedProfile, asked: AskedDiff): Uint8Array {
  const [first, second] = viewedSides(compare, base, asked);
  const types = commonSampleTypes(first.profile).filter((type) => columnLike(second.profile, type) >= 0);
  const [left, right] = [onlyTypes(first.profile, types), onlyTypes(second.profile, types)];
  const scale = types.map((_, at) => ratioOf(asked.normalize, [left, right], at, [compare, base]));
  const profile = labelledDiff(left, right, { scale, check: () => {} });
  return encodeProfile({ ...profile, header: { ...profile.header, defaultSampleType: first.type.type } });
}

/** Both sides over the same nodes, and how they are compared. */
function compared(compare: NamedProfile, base: NamedProfile, asked: AskedDiff) {
  const sides = viewedSides(compare, base, asked);
  const trees = comparedTrees(sides[0].tree, sides[1].tree);
  return { sides, trees, ...scaleOf(asked.normalize, trees, [compare, base], sides[0].type) };
}

/** The base is looked at by the sample type that the compared side is, however the program that wrote it calls that. */
function viewedSides(compare: NamedProfile, base: NamedProfile, asked: Asked) {
  const first = viewedTree(compare, asked);
  const column = columnLike(base.profile, first.type);
  if (column >= 0) return [first, viewedColumn(base, column, asked.view)] as const;
  const { type, unit } = first.type;
  const has = base.profile.sampleTypes.map((own) => `${own.type}/${own.unit}`).join(', ');
  throw new FlameherdError(
    'bad_query',
    `${compare.name} is looked at by ${type}/${unit}, which ${base.name} does not have; it has ${has}`,
    { hint: 'compare profiles of one kind; --type chooses among what both have' },
  );
}

function columnLike(profile: Profile, { type, unit }: ValueType): number {
  return commonSampleTypes(profile).findIndex((own) => own.type === type && own.unit === unit);
}

function onlyTypes(profile: Profile, types: readonly ValueType[]): Profile {
  const columns = types.map((type) => columnLike(profile, type));
  return {
    ...profile,
    sampleTypes: types,
    values: columns.map((column) => profile.values[column] ?? new Float64Array()),
    divisors: columns.map((column) => profile.divisors[column] ?? 1),
  };
}

/** What amounts are divided by. Per process and second: of a gauge there is one moment, of all else the profile's seconds. */
function scaleOf(
  normalize: AskedDiff['normalize'],
  trees: Parameters<typeof rawScale>[0],
  [compare, base]: readonly [NamedProfile, NamedProfile],
  type: ValueType,
): { readonly scale: DiffScale; readonly changeUnit: string } {
  if (normalize === 'share') return { scale: shareScale(trees), changeUnit: 'share' };
  const { unit } = trees.compare;
  const raw = rawScale(trees);
  if (normalize === 'none' || isOneMoment([compare, base], type)) return { scale: raw, changeUnit: unit };
  const isCpu = type.type === 'cpu' && unit === 'nanoseconds';
  const size = isCpu ? 1e9 : 1;
  const scale = { compare: raw.compare * secondsOf(compare) * size, base: raw.base * secondsOf(base) * size };
  return { scale, changeUnit: isCpu ? 'cores' : `${unit}/s` };
}

/** What a column of the compared side is multiplied by to be comparable with the base, which stays as it is. */
function ratioOf(
  normalize: AskedDiff['normalize'],
  [compare, base]: readonly [Profile, Profile],
  column: number,
  named: readonly [NamedProfile, NamedProfile],
): Ratio {
  if (normalize === 'share') return shareRatio(compare, base, column);
  if (normalize === 'none' || isOneMoment(named, compare.sampleTypes[column] ?? { type: '', unit: '' }))
    return { times: 1n, over: 1n };
  named.forEach(secondsOf);
  return ratio(base.header.durationNanos, compare.header.durationNanos);
}

/** Whether the values are levels at one moment of one process, so that there is nothing to divide by. */
function isOneMoment(sides: readonly [NamedProfile, NamedProfile], type: ValueType): boolean {
  const { sampleTypes, header } = sides[0].profile;
  const kind = inferKind(sampleTypes, header.periodType) ?? '';
  if (temporalityOf(kind, type, header.durationNanos) !== 'gauge') return false;
  const merged = sides.find(({ isMerged }) => isMerged);
  if (merged === undefined) return true;
  throw new FlameherdError(
    'bad_parameter',
    `normalize: of how many processes ${merged.name} is, its profile does not say`,
    {
      hint: 'compare by share or none',
    },
  );
}

function secondsOf({ name, profile }: NamedProfile): number {
  const seconds = Number(profile.header.durationNanos) / 1e9;
  if (seconds > 0) return seconds;
  throw new FlameherdError('bad_parameter', `normalize: ${name} does not say how many seconds it covers`, {
    hint: 'compare by share or none',
  });
}
