/** What a query thread is told when it starts. */
export interface QueryWorkerData {
  readonly dataDir: string;
  /** Nodes of stack trees that each thread keeps in memory; the reader's default where undefined. */
  readonly maxCachedNodes?: number | undefined;
}
