import { humanChange } from '../model/human-value.ts';
import { type FileMeta, hintOf, madeOf, type StoredMeta, warningsOf } from './answer-meta.ts';
import { humanValue, printable, table } from './output.ts';

/** A diff as `format=top` answers. */
export interface DiffAnswer {
  readonly unit: string;
  readonly rows: readonly {
    readonly function: string;
    readonly file: string;
    readonly self: number;
    readonly total: number;
    readonly baseSelf: number;
    readonly baseTotal: number;
    readonly selfChange: number;
    readonly totalChange: number;
    readonly selfSpread: number | null;
    readonly totalSpread: number | null;
    readonly unsure: boolean;
  }[];
  readonly total: number;
  readonly baseTotal: number;
  readonly meta: (StoredMeta | FileMeta) & {
    readonly base: StoredMeta | FileMeta;
    readonly normalize: string;
    readonly factor: number;
    readonly baseFactor: number;
    readonly changeUnit: string;
    readonly rollout?: {
      readonly compare: { readonly revision: string };
      readonly base: { readonly revision: string };
      readonly notes: readonly string[];
    };
  };
}

/**
 * The functions that changed most. Before and after stand as they are compared, so that one minus the other is the change; the
 * spread is what a change may be by chance, and rows within it say `unsure`. Where no spread is known, none is sure.
 */
export function drawDiff(answer: DiffAnswer, sort: 'self' | 'total'): string {
  const { rows, meta } = answer;
  const notes = notesOf(answer);
  if (rows.length === 0) return `No function changed.\n${hintOf(meta)}${notes}`;
  const { factor, baseFactor, changeUnit } = meta;
  const hasSpreads = rows.some((row) => spreadOf(row) !== null);
  const lines = rows.map((row) => [
    changeText(sort === 'self' ? row.selfChange : row.totalChange, changeUnit),
    ...(hasSpreads ? [spreadText(spreadOf(row), changeUnit), row.unsure ? 'unsure' : ''] : []),
    valueText((sort === 'self' ? row.baseSelf : row.baseTotal) * baseFactor, changeUnit),
    valueText((sort === 'self' ? row.self : row.total) * factor, changeUnit),
    changeText(sort === 'self' ? row.totalChange : row.selfChange, changeUnit),
    row.function,
  ]);
  const other = sort === 'self' ? 'IN TOTAL' : 'ITSELF';
  const headings = ['CHANGE', ...(hasSpreads ? ['SPREAD', ''] : []), 'BEFORE', 'AFTER', other, 'FUNCTION'];
  const unknown = hasSpreads
    ? ''
    : 'How much of this is chance is not known: that takes several profiles on each side.\n';
  return `${table(headings, lines)}\n${notes}${unknown}`;

  function spreadOf(row: DiffAnswer['rows'][number]): number | null {
    return sort === 'self' ? row.selfSpread : row.totalSpread;
  }
}

function notesOf({ unit, total, baseTotal, meta }: DiffAnswer): string {
  const { rollout, base, normalize } = meta;
  const [before, after] = rollout
    ? [`before, ${rollout.base.revision}:`, `after, ${rollout.compare.revision}:`]
    : ['before:', 'after:'];
  const width = Math.max(before.length, after.length);
  return [
    `${printable(before).padEnd(width)} ${humanValue(baseTotal, unit)} ${madeOf(base)}\n`,
    `${printable(after).padEnd(width)} ${humanValue(total, unit)} ${madeOf(meta)}\n`,
    `${normalizationTexts[normalize] ?? normalize}\n`,
    ...(rollout?.notes ?? []).map((note) => `${printable(note)}\n`),
    warningsOf(base),
    warningsOf(meta),
  ].join('');
}

const normalizationTexts: Readonly<Record<string, string>> = {
  share: 'Compared as shares of each total.',
  process: 'Compared per process and second.',
  none: 'Compared as measured.',
};

/** Shares have as many decimals in each row: a column is read from top to bottom. */
function changeText(change: number, unit: string): string {
  if (unit !== 'share') return change === 0 ? humanValue(0, unit) : humanChange(change, unit);
  return `${change > 0 ? '+' : ''}${(100 * change).toFixed(2)} points`;
}

function spreadText(spread: number | null, unit: string): string {
  return spread === null ? '' : `±${changeText(spread, unit).replace('+', '')}`;
}

function valueText(value: number, unit: string): string {
  return unit === 'share' ? `${(100 * value).toFixed(2)}%` : humanValue(value, unit);
}
