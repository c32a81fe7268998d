import { setTimeout as delay } from 'node:timers/promises';
import type { RunningDaemon } from './running-daemon.ts';

/** Two questions of one person are so far apart. */
const pauseMs = 250;
const timeoutMs = 60_000;

export interface Asked {
  readonly name: string;
  readonly startedMs: number;
  readonly ms: number;
  /** 0: no answer. */
  readonly status: number;
}

type Parameters = Readonly<Record<string, string>>;

/** What people and Prometheus ask, one sort after the other; `number` draws the workload. */
const sorts: Readonly<Record<string, (workload: string) => readonly [path: string, parameters: Parameters]>> = {
  'flame graph, one': (workload) => [
    '/api/v1/merge',
    { query: `heap{workload="${workload}"}`, from: 'now-15m', format: 'flamegraph' },
  ],
  'flame graph, all': () => ['/api/v1/merge', { query: 'cpu', from: 'now-15m', format: 'flamegraph' }],
  'top, one': (workload) => ['/api/v1/merge', { query: `cpu{workload="${workload}"}`, from: 'now-1h', format: 'top' }],
  'diff, one': (workload) => [
    '/api/v1/diff',
    { query: `cpu{workload="${workload}"}`, from: 'now-5m', format: 'flamegraph' },
  ],
  'totals, all': () => ['/api/v1/query_range', { query: 'cpu', from: 'now-30m', step: '60s' }],
  profiles: (workload) => [
    '/api/v1/profiles',
    { query: `heap{workload="${workload}"}`, from: 'now-15m', limit: '100' },
  ],
  labels: () => ['/api/v1/label/workload/values', {}],
  targets: () => ['/api/v1/targets', {}],
  growth: () => ['/api/v1/growth', {}],
  '/metrics': () => ['/metrics', {}],
};

/** Asks without end, one question after the other, each of the next sort. */
export async function askOnAndOn(
  daemon: RunningDaemon,
  {
    first,
    workloads,
    stopping,
  }: { readonly first: number; readonly workloads: number; readonly stopping: AbortSignal },
  onAsked: (asked: Asked) => void,
): Promise<void> {
  const names = Object.keys(sorts);
  for (let turn = first; !stopping.aborted; turn++) {
    const name = names[turn % names.length] ?? '';
    const [path, parameters] = sorts[name]?.(`service-${(turn * 7) % workloads}`) ?? ['/', {}];
    const base = name === '/metrics' ? daemon.now.opsUrl : daemon.now.url;
    const startedMs = Date.now();
    const from = performance.now();
    const status = await ask(`${base}${path}?${new URLSearchParams(parameters).toString()}`);
    onAsked({ name, startedMs, ms: performance.now() - from, status });
    await delay(pauseMs);
  }
}

async function ask(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
