/** What is asked of the server about a pause: an absent part of the scope means all of them. */
export interface PauseOrder {
  readonly namespace?: string;
  readonly workload?: string;
  /** Lift it instead. */
  readonly isResume?: boolean;
}

/** `everything`, `namespace shop`, `workload shop/checkout`. */
export function scopeText({ namespace, workload }: PauseOrder): string {
  if (namespace === undefined) return 'everything';
  return workload === undefined ? `namespace ${namespace}` : `workload ${namespace}/${workload}`;
}

/** The pause that holds what has these labels; undefined when none does. */
export function pauseOf(
  labels: Readonly<Record<string, string>>,
  pauses: readonly PauseOrder[],
): PauseOrder | undefined {
  return pauses.find(
    ({ namespace, workload }) =>
      (namespace === undefined || namespace === labels['namespace']) &&
      (workload === undefined || workload === labels['workload']),
  );
}

/** The same on the command line. */
export function pauseCommand({ namespace, workload, isResume = false }: PauseOrder): string {
  const scope = [namespace, workload].filter((part) => part !== undefined).join('/');
  return ['flameherd pause', scope, isResume ? '--resume' : ''].filter(Boolean).join(' ');
}
