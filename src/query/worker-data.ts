import type { Bytes } from '../model/units.ts';
import type { Question } from './engine.ts';

/** What a query thread is told when it starts. */
export interface QueryWorkerData {
  readonly dataDir: string;
  /** Nodes of stack trees that the thread keeps in memory between questions. */
  readonly maxCachedNodes: number;
  /** What one question may hold in memory. */
  readonly questionBytes: Bytes;
  /** Shared memory: the number of the question that is to stop. */
  readonly control: Int32Array;
}

/** A question on its way to a thread, numbered so that it can be told to stop. */
export interface AskedQuestion {
  readonly number: number;
  readonly question: Question;
}
