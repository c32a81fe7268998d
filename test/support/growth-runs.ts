import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { corpusDir, corpusFile, corpusJson } from './corpus.ts';
import type { ScrapeLine } from './growth-scrapes.ts';

/** Programs that leak, or only look as if, with what is true of them: the recorded ones, and simulated ones of any seed. */

export interface GrowthTruth {
  readonly scenario: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly leak?: { readonly functions: readonly string[] } | null;
  readonly alloc_rate?: { readonly function: string } | null;
  /** Hours since the first scrape. */
  readonly expect: {
    readonly signal: 'inuse' | 'goroutines' | 'alloc-rate';
    readonly verdict: 'leak' | 'none' | 'optional' | 'regression';
    readonly fire_by_hours?: number | null;
    readonly quiet_until_hours?: number;
    readonly tolerated_until_hours?: number;
    readonly clear_by_hours?: number;
    readonly function?: string;
  };
}

export interface GrowthRun {
  readonly name: string;
  readonly truth: GrowthTruth;
  /** How many seconds of a day of its kind a second stands for; its buckets are shorter by as much. */
  readonly scale: number;
  lines(): Iterable<ScrapeLine>;
}

export interface SimulatedRow {
  readonly function: string;
  readonly inuse_space: number;
  readonly inuse_objects: number;
  readonly alloc_space: number;
  readonly alloc_objects: number;
}

export type Scenario = Readonly<Record<string, unknown>>;

/** The simulator of the corpus, as far as it is used. */
export interface Simulator {
  readonly SUSPECT: string;
  readonly scenarios: Record<string, Scenario>;
  simulate(task: {
    scenario: string;
    seed: number;
    hours: number;
    intervalSeconds?: number;
    pods?: number;
  }): Iterable<Omit<ScrapeLine, 'functions'> & { readonly rows: readonly SimulatedRow[] }>;
  truthOf(task: { scenario: string; seed: number; hours: number }): GrowthTruth;
}

export async function loadSimulator(): Promise<Simulator> {
  if (corpusDir === undefined) throw new Error('no corpus');
  const file = pathToFileURL(join(corpusDir, 'tools', 'growthsim', 'growthsim.mjs')).href;
  return (await import(file)) as Simulator;
}

/** The programs that were recorded: 13 minutes, in which a second stands for a minute of the truth. */
export function recordedRuns(): GrowthRun[] {
  const { playback_scale: scale, scenarios } = corpusJson('growth', 'recorded', 'truth.json') as {
    readonly playback_scale: number;
    readonly scenarios: readonly GrowthTruth[];
  };
  return scenarios.map((truth) => ({
    name: `recorded/${truth.scenario}`,
    truth,
    scale,
    lines: () =>
      Buffer.from(gunzipSync(corpusFile('growth', 'recorded', truth.scenario, 'series.ndjson.gz')))
        .toString()
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as ScrapeLine)
        .sort((a, b) => a.t - b.t),
  }));
}

export interface SimulatedTask {
  readonly scenario: string;
  readonly seed: number;
  readonly intervalSeconds?: number | undefined;
}

export function simulatedRun(simulator: Simulator, { scenario, seed, intervalSeconds = 60 }: SimulatedTask): GrowthRun {
  const known = simulator.scenarios[scenario];
  if (!known) throw new RangeError(`no scenario ${scenario}; there are ${Object.keys(simulator.scenarios).join(', ')}`);
  const hours = hoursOf(scenario, known);
  return {
    name: `${scenario}/${seed}`,
    truth: simulator.truthOf({ scenario, seed, hours }),
    scale: 1,
    *lines() {
      const pods = typeof known['pods'] === 'number' ? { pods: known['pods'] } : {};
      for (const { rows, ...scrape } of simulator.simulate({ scenario, seed, hours, intervalSeconds, ...pods })) {
        yield { ...scrape, functions: functionsOf(rows) };
      }
    },
  };
}

function functionsOf(rows: readonly SimulatedRow[]): ScrapeLine['functions'] {
  const functions: Record<string, readonly number[]> = {};
  for (const row of rows) {
    functions[row.function] = [row.inuse_space, row.inuse_objects, row.alloc_space, row.alloc_objects];
  }
  return functions;
}

function hoursOf(name: string, { hours }: Scenario): number {
  if (typeof hours === 'number') return hours;
  return name.startsWith('diurnal') ? 72 : 48;
}
