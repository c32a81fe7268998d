/** What the process of the cluster can be told. */
export type ClusterOrder =
  /** The API server goes away. */
  | { readonly do: 'api-down' }
  /** So many pods are replaced by others: new names, processes and addresses. */
  | { readonly do: 'replace'; readonly pods: number }
  | { readonly do: 'api-up' }
  /** Pods answer 503 from now on. */
  | { readonly do: 'quiet' }
  /** Just the answer. */
  | { readonly do: 'tell' };

/** Its answer to each order, once it is done. */
export interface ClusterAnswer {
  readonly kubeconfig: string;
  /** Only for `tell`: everything that went out to its last byte. */
  readonly served: readonly Served[];
  readonly replaced: readonly Replaced[];
}

export interface Served {
  readonly pod: string;
  readonly kind: string;
  readonly serial: number;
  readonly ms: number;
}

/** A pod that came in the place of another one. */
export interface Replaced {
  readonly pod: string;
  /** Undefined: nobody asked it yet. */
  readonly firstAskedMs: number | undefined;
}
