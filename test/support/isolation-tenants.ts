/** What one namespace of the isolation test holds: names that are nobody else's, and numbers that are. */
export interface Tenant {
  readonly namespace: string;
  readonly workloads: readonly string[];
  readonly pods: readonly string[];
  /** Root first. */
  readonly functions: readonly string[];
  /** A label of its series, and one of its samples. */
  readonly label: readonly [name: string, value: string];
  readonly sampleLabel: readonly [name: string, value: string];
  readonly revisions: readonly string[];
  /** A kind of profiles that nobody else has. */
  readonly kind?: string;
  /** Since when it is profiled. */
  readonly sinceMinutes: number;
  /** So that no two profiles are of one moment. */
  readonly offsetMs: number;
  readonly weight: number;
  /** The name of a pod that every tenant has. */
  readonly sharedPod: string;
}

export const own: Tenant = {
  namespace: 'orchard',
  workloads: ['apples', 'pears'],
  pods: ['apples-7c9d-aaaaa', 'pears-7c9d-bbbbb'],
  functions: ['main.orchard', 'main.(*tree).pick', 'main.(*basket).fill'],
  label: ['team', 'gardeners'],
  sampleLabel: ['row', 'north'],
  revisions: ['apple-r1', 'apple-r2'],
  sinceMinutes: 100,
  offsetMs: 0,
  weight: 1_000,
  sharedPod: 'gate-0',
};

/** Who must not be seen. It was there before, is there after, and has more of everything. */
export const foreign: Tenant = {
  namespace: 'zqvault',
  workloads: ['zqledger', 'zqmint', 'zqtill'],
  pods: ['zqledger-5f6b-ccccc', 'zqmint-5f6b-ddddd', 'zqtill-5f6b-eeeee', 'zqledger-5f6b-fffff'],
  functions: ['zqmain.vault', 'zqmain.(*safe).open', 'zqmain.(*coin).count'],
  label: ['zqtier', 'zqgold'],
  sampleLabel: ['zqcustomer', 'zqalice'],
  revisions: ['zq-r1', 'zq-r2'],
  kind: 'zqkind',
  sinceMinutes: 400,
  offsetMs: 90_000,
  weight: 7_777_777,
  sharedPod: 'gate-0',
};

/** All names of a tenant. */
export function namesOf({ namespace, workloads, pods, functions, label, sampleLabel, revisions }: Tenant): string[] {
  return [namespace, ...workloads, ...pods, ...functions, ...label, ...sampleLabel, ...revisions];
}
