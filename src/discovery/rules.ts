import { FlameherdError, messageOf } from '../model/errors.ts';
import type { LabelSet } from '../model/labels.ts';
import { compileMatchers, parseMatchers } from '../model/matcher.ts';
import type { DurationMs } from '../model/units.ts';
import { type Dialect, dialectNames } from './dialects.ts';
import { parseKinds } from './profiles.ts';

/** What the configuration says about targets. It beats annotations. */
export interface DiscoveryRules {
  readonly namespaces: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  /** Targets whose labels meet one of these are never scraped. */
  readonly deny: readonly DenyRule[];
  readonly dialects: readonly Dialect[];
  /** What an annotated path must match. */
  readonly pathPattern: RegExp;
  readonly podLabels: readonly string[];
  readonly externalLabels: LabelSet;
  readonly allowHostNetwork: boolean;
  /** Whether declared ports are asked for pprof when an opt-in names none. */
  readonly probe: boolean;
  /** The defaults of `profiles`, `interval` and `cpu-seconds`. */
  readonly profiles: readonly string[];
  readonly intervalMs: DurationMs;
  readonly cpuSeconds: number;
  readonly limits: DiscoveryLimits;
}

export interface DenyRule {
  /** As it stands in the configuration. */
  readonly text: string;
  readonly matches: (labels: LabelSet) => boolean;
}

export interface DiscoveryLimits {
  readonly minIntervalMs: DurationMs;
  /** The largest share of time that a process is CPU-profiled, in (0, 1]. */
  readonly cpuDuty: number;
  readonly targetsPerNamespace: number;
  readonly targets: number;
}

/** The parts of the configuration that decide here; the whole configuration satisfies it. */
export interface DiscoverySettings {
  readonly discovery: {
    readonly namespaces: { readonly include: readonly string[]; readonly exclude: readonly string[] };
    readonly deny: readonly string[];
    readonly dialects: readonly string[];
    readonly pathPattern: RegExp;
    readonly podLabels: readonly string[];
    readonly allowHostNetwork: boolean;
    readonly probe: boolean;
  };
  readonly scrape: { readonly interval: DurationMs; readonly cpuSeconds: number; readonly profiles: readonly string[] };
  readonly limits: {
    readonly minInterval: DurationMs;
    readonly cpuDuty: number;
    readonly targets: number;
    readonly targetsPerNamespace: number;
  };
  readonly externalLabels: LabelSet;
}

/** Reads the rules from the configuration. Throws `bad_config`, which names the key, the value and what is allowed. */
export function discoveryRules({ discovery, scrape, limits, externalLabels }: DiscoverySettings): DiscoveryRules {
  return {
    namespaces: { include: discovery.namespaces.include, exclude: discovery.namespaces.exclude },
    deny: discovery.deny.map(denyRule),
    dialects: discovery.dialects.map(dialectOf),
    pathPattern: discovery.pathPattern,
    podLabels: discovery.podLabels,
    externalLabels,
    allowHostNetwork: discovery.allowHostNetwork,
    probe: discovery.probe,
    profiles: kindsOf(scrape.profiles),
    intervalMs: scrape.interval,
    cpuSeconds: scrape.cpuSeconds,
    limits: {
      minIntervalMs: limits.minInterval,
      cpuDuty: limits.cpuDuty,
      targets: limits.targets,
      targetsPerNamespace: limits.targetsPerNamespace,
    },
  };
}

/** A deny rule from its text, such as `{namespace="bank",workload=~"vault.*"}`. Throws `bad_config`. */
export function denyRule(text: string): DenyRule {
  try {
    const matchers = parseMatchers(text);
    if (matchers.length === 0) throw new Error('no matchers: it would deny everything');
    return { text, matches: compileMatchers(matchers) };
  } catch (error) {
    throw new FlameherdError('bad_config', `discovery.deny: ${JSON.stringify(text)}: ${messageOf(error)}`, {
      hint: 'write matchers such as {namespace="bank",workload=~"vault.*"}',
      cause: error,
    });
  }
}

function kindsOf(profiles: readonly string[]): readonly string[] {
  const { kinds, bad } = parseKinds(profiles.join(','));
  if (bad.length === 0 && kinds.length > 0) return kinds;
  throw new FlameherdError(
    'bad_config',
    `scrape.profiles: ${JSON.stringify(profiles)} holds no kind of profile, or what is none`,
    {
      hint: 'name kinds such as cpu, heap, goroutine, block, mutex, or all',
    },
  );
}

function dialectOf(text: string): Dialect {
  const found = dialectNames.find((name) => name === text);
  if (found) return found;
  throw new FlameherdError('bad_config', `discovery.dialects: ${JSON.stringify(text)} is unknown`, {
    hint: `use some of ${dialectNames.join(', ')}`,
  });
}
