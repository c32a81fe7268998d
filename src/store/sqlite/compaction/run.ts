import type { Bytes, UnixMs } from '../../../model/units.ts';
import type { CatalogueReader } from '../catalogue/catalogue-reader.ts';
import type { Synchronous } from '../files/database.ts';
import type { CompactionCatalogue, WaitingWork } from './compaction-catalogue.ts';
import type { Pacer } from './pacer.ts';

export interface StoreSettings {
  readonly dataDir: string;
  readonly synchronous: Synchronous;
  /** The cap on everything that is kept. */
  readonly maxBytes: Bytes;
}

/** What has just been committed, or synced: a crash may fall between any two. */
export type CompactionStep =
  | 'leftovers removed'
  | 'chunks written'
  | 'chunks synced'
  | 'head compacted'
  | 'sums restated'
  | 'sums synced'
  | 'marks removed'
  | 'roll-ups written'
  | 'roll-ups count';

/** What all parts of one run of compaction share. */
export interface Run {
  readonly settings: StoreSettings;
  readonly nowMs: UnixMs;
  /** What waited when the run began. */
  readonly waiting: WaitingWork;
  readonly catalogue: CompactionCatalogue;
  /** Series and processes: at least what was known when the run began. */
  readonly known: CatalogueReader;
  readonly pacer: Pacer;
  /** Names of detail and roll-up files that were written to. */
  readonly touched: Set<string>;
  /** To be called between any two steps, with no transaction open: rests when it is time to, throws when all is to stop. */
  readonly after: (step: CompactionStep) => Promise<void>;
}
