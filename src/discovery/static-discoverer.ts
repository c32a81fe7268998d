import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { formatDuration } from '../model/duration.ts';
import { FlameherdError } from '../model/errors.ts';
import type { LabelSet } from '../model/labels.ts';
import type { ProfileKind } from '../model/profile-type.ts';
import type { ScrapeSpec, Target, TargetGroup } from '../model/target.ts';
import { type Bytes, type DurationMs, second } from '../model/units.ts';
import type { Discoverer, DiscoveryProblem } from './discoverer.ts';
import { defaultPath, pathProblem } from './path.ts';
import { isWindowed, maxIntervalMs, parseKinds, pathUnder } from './profiles.ts';
import type { DiscoveryRules } from './rules.ts';

/** One target of the configuration, parsed; "", [] and null mean the default. */
export interface StaticTargetSetting {
  /** `http://HOST:PORT`, and the path of the pprof prefix where that is not `/debug/pprof`. */
  readonly url: string;
  /** The workload; "" is the host. */
  readonly name: string;
  /** Win over the built-in ones. */
  readonly labels: LabelSet;
  readonly profiles: readonly string[];
  /** null: as everything else. */
  readonly interval: DurationMs | null;
  /** null: not known. */
  readonly memoryLimit: Bytes | null;
}

/** What a static target takes from the rest of the configuration. */
export type StaticDefaults = Pick<
  DiscoveryRules,
  'profiles' | 'intervalMs' | 'cpuSeconds' | 'limits' | 'externalLabels'
>;

/** The `workload_kind` of what no cluster vouches for. */
export const staticKind = 'Static';

/** Sends the targets of the configuration, and again those that another configuration changes. */
export class StaticDiscoverer implements Discoverer {
  readonly name = 'static';
  #targets: readonly Target[];
  #send: (groups: readonly TargetGroup[]) => void = () => {};

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
  }

  /** These from now on; those that are not among them are gone. */
  setTargets(targets: readonly Target[]): void {
    const before = new Map(this.#targets.map((target) => [groupKeyOf(target), target]));
    this.#targets = targets;
    const changed = targets.filter((target) => !isDeepStrictEqual(before.get(groupKeyOf(target)), target));
    for (const target of targets) before.delete(groupKeyOf(target));
    const groups = [...changed.map(groupOf), ...before.keys().map((key) => ({ key, targets: [] }))];
    if (groups.length > 0) this.#send(groups);
  }

  async run(send: (groups: readonly TargetGroup[]) => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    send(this.#targets.map(groupOf));
    this.#send = send;
    await once(signal, 'abort');
    this.#send = () => {};
  }

  problems(): readonly DiscoveryProblem[] {
    return [];
  }
}

function groupOf(target: Target): TargetGroup {
  return { key: groupKeyOf(target), targets: [target] };
}

function groupKeyOf({ source }: Target): string {
  return `static/${source}`;
}

/** The targets of the configuration. Throws `bad_config`, which names the target, what is wrong and what is allowed. */
export function staticTargets(settings: readonly StaticTargetSetting[], defaults: StaticDefaults): Target[] {
  const targets = settings.map((setting) => staticTarget(setting, defaults));
  const seen = new Set<string>();
  for (const { source } of targets) {
    if (seen.has(source)) throw badTarget(source, 'is there twice', 'remove one of them');
    seen.add(source);
  }
  return targets;
}

/** A target from its URL and the kinds that are fetched from it. */
export function targetOfUrl(url: URL, name: string, specs: readonly ScrapeSpec[], labels: LabelSet): Target {
  const source = url.href.replace(/\/$/, '');
  const workload = name || url.hostname.replace(/^\[|\]$/g, '');
  const own: LabelSet = {
    namespace: 'local',
    workload,
    workload_kind: staticKind,
    container: workload,
    service_name: workload,
    pod: url.host,
  };
  const all = { ...own, ...labels };
  return {
    source,
    discoverer: 'static',
    labels: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
    process: { id: `static:${source}`, slot: `static/${source}`, startedMs: undefined },
    specs,
    transport: 'direct',
    state: { kind: 'active' },
    warnings: [],
    terminating: false,
    pod: undefined,
    hostNetwork: false,
  };
}

/** What is fetched from a URL, kind by kind. */
export function specsOfUrl(
  url: URL,
  kinds: readonly ProfileKind[],
  intervalMs: DurationMs,
  { cpuSeconds, limits: { cpuDuty } }: Pick<DiscoveryRules, 'cpuSeconds' | 'limits'>,
): ScrapeSpec[] {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  const prefix = url.pathname === '/' ? defaultPath : url.pathname.replace(/\/$/, '');
  const seconds = Math.min(cpuSeconds, Math.max(1, Math.floor((cpuDuty * intervalMs) / second)));
  return kinds.map((kind) => ({
    kind,
    endpoint: { scheme, host, port },
    path: pathUnder(prefix, kind),
    intervalMs,
    seconds: isWindowed(kind) ? seconds : undefined,
  }));
}

function staticTarget(setting: StaticTargetSetting, defaults: StaticDefaults): Target {
  const url = readUrl(setting.url);
  const asked = setting.profiles.length > 0 ? setting.profiles : defaults.profiles;
  const { kinds, bad } = parseKinds(asked.join(','));
  if (bad.length > 0 || kinds.length === 0) {
    const hint = 'name kinds such as cpu, heap, goroutine, block, mutex, or all';
    throw badTarget(setting.url, `profiles: ${JSON.stringify(asked.join(','))} names no kind of profile`, hint);
  }
  const intervalMs = readInterval(setting, defaults.intervalMs);
  for (const label of Object.keys(setting.labels)) {
    if (/^[A-Za-z_][A-Za-z0-9_.\-/]*$/.test(label)) continue;
    throw badTarget(setting.url, `labels: ${JSON.stringify(label)} is no label name`, 'begin with a letter or _');
  }
  const specs = specsOfUrl(url, kinds, intervalMs, defaults);
  const target = targetOfUrl(url, setting.name, specs, { ...defaults.externalLabels, ...setting.labels });
  return setting.memoryLimit ? { ...target, memoryLimitBytes: setting.memoryLimit } : target;
}

function readUrl(text: string): URL {
  const allowed = 'write http://HOST:PORT or https://HOST:PORT, with a path where pprof is not at /debug/pprof';
  const url = URL.parse(text);
  if (!url) throw badTarget(text, 'is no URL', allowed);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw badTarget(text, 'is neither http nor https', allowed);
  if (url.username || url.password) throw badTarget(text, 'holds a user or password', allowed);
  if (url.search || url.hash || text.includes('#')) throw badTarget(text, 'has a query or a fragment', allowed);
  if (url.port === '0') throw badTarget(text, 'has port 0', allowed);
  const problem = url.pathname === '/' ? undefined : pathProblem(url.pathname, /^/);
  if (problem) throw badTarget(text, `has a path that ${problem}`, allowed);
  return url;
}

function readInterval({ url, interval }: StaticTargetSetting, fallback: DurationMs): DurationMs {
  if (interval === null) return fallback;
  if (interval >= second && interval <= maxIntervalMs) return interval;
  throw badTarget(
    url,
    `interval: ${formatDuration(interval)} is not between 1s and 1d`,
    'write a duration such as 30s or 5m',
  );
}

function badTarget(url: string, problem: string, hint: string): FlameherdError {
  return new FlameherdError('bad_config', `targets: ${JSON.stringify(url)} ${problem}`, { hint });
}
