import { counted } from '../model/human-value.ts';
import { printable, roughDuration } from './output.ts';

/** What a server's answer was made of. */
export interface StoredMeta {
  readonly profiles: number;
  readonly processes: number;
  readonly observedSeconds: number;
  readonly profiledSeconds: number;
  readonly processSeconds: number;
  /** Null where nothing was found to add up. */
  readonly aggregation: string | null;
  readonly warnings: readonly string[];
  readonly hint?: string;
}

/** What a profile at hand says of itself. */
export interface FileMeta {
  readonly source: string;
  readonly sampleType: string;
  readonly timeMs: number;
  readonly durationSeconds: number;
  readonly warnings: readonly string[];
  readonly hint?: string;
}

/** What an answer was made of, after its total. */
export function madeOf(meta: StoredMeta | FileMeta): string {
  if ('source' in meta) {
    const lasts = meta.durationSeconds > 0 ? ` over ${roughDuration(meta.durationSeconds * 1000)}` : '';
    return printable(`(${meta.sampleType}) in ${meta.source}${lasts}`);
  }
  const profiled =
    meta.processSeconds > 0 && meta.aggregation === 'sum'
      ? `, profiled ${percent(meta.profiledSeconds, meta.processSeconds)} of their time`
      : '';
  const how = meta.aggregation === null ? '' : `(${meta.aggregation}) `;
  return `${how}from ${counted(meta.profiles, 'profile')} of ${counted(meta.processes, 'process', 'processes')} over ${roughDuration(meta.observedSeconds * 1000)}${profiled}`;
}

export function warningsOf({ warnings }: { readonly warnings: readonly string[] }): string {
  return warnings.map((text) => `warning: ${printable(text)}\n`).join('');
}

export function hintOf({ hint }: { readonly hint?: string }): string {
  return hint ? `hint: ${printable(hint)}\n` : '';
}

function percent(part: number, whole: number): string {
  return `${Math.min(100, (100 * part) / whole).toFixed(0)}%`;
}
