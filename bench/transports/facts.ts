/** Where the pods of a run are. */
export interface ClusterFacts {
  readonly kubeconfig: string;
  /** The address at which they are asked directly. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly pods: readonly { readonly namespace: string; readonly name: string }[];
}

export const ways = [
  'direct',
  'port-forward',
  'port-forward, none kept',
  'pod-proxy',
  'exec, as ephemeral does',
] as const;
export type Way = (typeof ways)[number];

/** What one process that only scraped by one transport found. */
export interface Measured {
  readonly cpuMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The most that was resident beyond what was before the first scrape. */
  readonly grownBytes: number;
  /** Sockets to the API server or to pods when all was done. */
  readonly sockets: number;
  readonly failed: number;
}
