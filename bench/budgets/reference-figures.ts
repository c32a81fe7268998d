/**
 * What the budgets are, and what others needed for the same work. Budgets and stretch: the storage design. Peers: Grafana
 * Pyroscope 2.2 (commit 3fe6a45) and Parca 0.28 (commit 3b5647c) with the first 25 services of the wide workload, measured
 * on two shared cores, 2026-11; Parca with 20 minutes of it.
 */
export interface ReferenceRow {
  readonly budget: string;
  readonly stretch: string;
  readonly pyroscope: string;
  readonly parca: string;
}

export const reference = {
  cpu: { budget: '≤ 3.1 × gunzip', stretch: '2.5 ×', pyroscope: '9.1 ms', parca: '28–51 ms' },
  disk: { budget: '≤ 1.2 KB', stretch: '0.6 KB', pyroscope: '8.0 KB (33 fresh)', parca: '94 KB' },
  oneServiceCpu: { budget: '≤ 12 ms', stretch: '6 ms', pyroscope: '120–128 ms', parca: '1638 ms (20 min)' },
  oneServiceHeap: { budget: '≤ 12 ms', stretch: '6 ms', pyroscope: '84–114 ms', parca: '1710 ms (20 min)' },
  allCpu: { budget: '≤ 120 ms', stretch: '60 ms', pyroscope: '2144–2370 ms', parca: '5261 ms (20 min)' },
  allHeap: { budget: '≤ 120 ms', stretch: '60 ms', pyroscope: '1538–1607 ms', parca: '4491 ms (20 min)' },
  pprofCpu: { budget: '≤ 25 ms', stretch: '12.5 ms', pyroscope: '151–242 ms', parca: '1590 ms (20 min)' },
  pprofHeap: { budget: '≤ 25 ms', stretch: '12.5 ms', pyroscope: '107–127 ms', parca: '2710 ms (20 min)' },
  series: { budget: '≤ 8 ms', stretch: '4 ms', pyroscope: '212–297 ms', parca: '1162 ms (20 min)' },
  halves: { budget: '≤ 25 ms', stretch: '12.5 ms', pyroscope: '127–144 ms', parca: '2226 ms (2 × 10 min)' },
  halvesAll: { budget: '≤ 2.5 × a half', stretch: '–', pyroscope: '–', parca: '–' },
  unalignedCpu: { budget: '≤ 20 ms', stretch: '10 ms', pyroscope: '58–113 ms', parca: '1873 ms (14 min)' },
  unalignedHeap: { budget: '≤ 20 ms', stretch: '10 ms', pyroscope: '42–61 ms', parca: '1764 ms (14 min)' },
  oneServiceDay: { budget: '≤ 20 ms', stretch: '–', pyroscope: '–', parca: '–' },
  pprofDay: { budget: '≤ 150 ms', stretch: '–', pyroscope: '–', parca: '–' },
  utcDay: { budget: '≤ 120 ms', stretch: '–', pyroscope: '–', parca: '–' },
  unalignedDay: { budget: '≤ 300 ms', stretch: '–', pyroscope: '–', parca: '–' },
  memory1000: { budget: '≤ 220 MB', stretch: '150 MB', pyroscope: '175 MB (500 series)', parca: 'grows with the data' },
  memory10000: { budget: '≤ 700 MB', stretch: '400 MB', pyroscope: '–', parca: 'grows with the data' },
  readyEmpty: { budget: '< 0.5 s', stretch: '–', pyroscope: '47 s', parca: '0.1–0.4 s' },
  readyLarge: { budget: '< 1 s', stretch: '–', pyroscope: '47 s', parca: '0.6 s' },
  kill: { budget: '0', stretch: '–', pyroscope: '0 of 2,518', parca: 'all of 548 (default)' },
} as const satisfies Record<string, ReferenceRow>;

export type BudgetName = keyof typeof reference;

/** One line of the table: what was asked, of what, and what it took. */
export interface BudgetRow {
  readonly name: BudgetName;
  readonly what: string;
  readonly ours: string;
  /** The row-per-sample layout in the same run, where it was asked the same. */
  readonly rows?: string;
}
