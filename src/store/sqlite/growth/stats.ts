import type { GrowthStoreStats } from '../../growth-store.ts';
import type { Connection } from '../files/database.ts';
import type { Statements } from '../files/statements.ts';

const firstSchema = 3;
const tables = {
  workloads: 'growth_workload',
  processes: 'growth_process',
  functions: 'growth_function',
  openFloors: 'floor_open',
  floorBlocks: 'floor_block',
  events: 'growth_event',
  eventProfiles: 'growth_event_profile',
} as const satisfies Record<keyof GrowthStoreStats, string>;

/** Whether a `state.db` is of a version that keeps floors. */
export function hasGrowth(connection: Connection): boolean {
  return Number(connection.pragma('user_version', { simple: true })) >= firstSchema;
}

export function readStats(sql: Statements): GrowthStoreStats {
  const counts = Object.entries(tables).map(([name, table]) => [
    name,
    sql.values<number>(`SELECT count(*) FROM ${table}`).get() ?? 0,
  ]);
  return Object.fromEntries(counts) as Record<keyof GrowthStoreStats, number>;
}
