import type { ScrapeSpec, TransportName } from '../model/target.ts';
import type { ScrapeFailure } from './failure.ts';

/** What came of a profile that was asked for out of turn. */
export type SnapOutcome =
  | {
      readonly kind: 'snapped';
      /** As it came. */
      readonly bytes: Uint8Array;
      readonly id: string;
      readonly transport: TransportName;
      readonly transportReason: string;
    }
  | ({ readonly kind: 'failed' } & ScrapeFailure);

/** A profile that is wanted out of turn. */
export interface Wish {
  /** Its `seconds` are asked for as they are. */
  readonly spec: ScrapeSpec;
  readonly signal: AbortSignal;
  readonly resolve: (outcome: SnapOutcome) => void;
  /** What came of it, once it is stored. */
  outcome: SnapOutcome;
}

export const calledOff: SnapOutcome = { kind: 'failed', reason: 'other', message: 'the scrape was called off' };
