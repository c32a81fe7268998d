import type { Bytes, UnixMs } from '../model/units.ts';
import type { CompactionReport } from '../store/compaction-report.ts';

/** What crosses the border between the main thread and the compaction thread; all of it can be cloned. */

export interface CompactionThreadSettings {
  readonly dataDir: string;
  readonly synchronous: 'normal' | 'full';
  /** The cap on all that is kept: decides how many hours a file covers. */
  readonly maxBytes: Bytes;
  /** The part of a core that it may use, in (0, 1]. */
  readonly share: number;
}

export type CompactionCall =
  | { readonly kind: 'run'; readonly nowMs: UnixMs }
  /** Ends a run between two steps, and then the thread. */
  | { readonly kind: 'stop' };

export type CompactionReply =
  | { readonly kind: 'done'; readonly report: CompactionReport }
  /** The run could not even begin; the thread can be asked again. */
  | { readonly kind: 'failed'; readonly message: string };
