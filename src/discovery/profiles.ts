import { formatDuration, parseDuration } from '../model/duration.ts';
import { knownKinds, type ProfileKind } from '../model/profile-type.ts';
import { type DurationMs, day, second } from '../model/units.ts';
import { type Annotation, type Annotations, named, shown } from './annotations.ts';
import { type Checked, checkPath, defaultPath } from './path.ts';
import type { DiscoveryRules } from './rules.ts';
import { parseSwitch } from './switch.ts';

/** What to fetch of one kind, before it is known where. */
export interface KindPlan {
  readonly kind: ProfileKind;
  readonly path: string;
  readonly intervalMs: DurationMs;
  /** For kinds that cover a window; undefined for snapshots. */
  readonly seconds: number | undefined;
  /** `<kind>.port`, not yet resolved. */
  readonly port: Annotation | undefined;
}

export interface ProfilePlan {
  readonly kinds: readonly KindPlan[];
  /** All that were named, those switched off too. */
  readonly named: readonly ProfileKind[];
  readonly warnings: readonly string[];
}

/** The kinds of one target; more are left out with a warning. */
export const maxKinds = 16;

/** The longest `interval`. */
export const maxIntervalMs: DurationMs = day;

/** Where Go serves a kind under `/debug/pprof`; a kind that is not listed is served under its own name. */
const pathOfKind: Readonly<Record<string, string>> = { cpu: 'profile' };

/** Kinds whose request takes `seconds`. Heap is none: its `seconds` would answer a difference instead of a snapshot. */
const windowedKinds: ReadonlySet<ProfileKind> = new Set(['cpu', 'fgprof', 'wall']);

/** Other names of a kind. One heap profile holds both what is in use and what was allocated, so it is fetched once. */
const sameKind: Readonly<Record<string, ProfileKind>> = {
  profile: 'cpu',
  allocs: 'heap',
  memory: 'heap',
  goroutines: 'goroutine',
};

/** Reads `profiles`, `path`, `interval`, `cpu-seconds` and what is said of single kinds, capped by the configuration. */
export function planProfiles(annotations: Annotations, rules: DiscoveryRules): ProfilePlan {
  const names = kindNames(annotations.get('profiles'), rules.profiles);
  const path = checkPath(annotations.get('path'), rules.pathPattern, defaultPath);
  const interval = readInterval(annotations.get('interval'), rules.intervalMs, rules);
  const cpuSeconds = readCpuSeconds(annotations.get('cpu-seconds'), rules.cpuSeconds);
  const warnings = [...names.warnings, path.warning, interval.warning, cpuSeconds.warning];
  const kinds = names.kinds.flatMap((kind): KindPlan[] => {
    const on = readKindSwitch(annotations.ofKind(kind, 'scrape'));
    warnings.push(on.warning);
    if (!on.value) return [];
    const ownPath = checkPath(annotations.ofKind(kind, 'path'), rules.pathPattern, pathUnder(path.value, kind));
    const ownInterval = readInterval(annotations.ofKind(kind, 'interval'), interval.value, rules);
    const seconds = windowedKinds.has(kind)
      ? capSeconds(cpuSeconds.value, ownInterval.value, kind, annotations, rules)
      : undefined;
    warnings.push(ownPath.warning, ownInterval.warning, seconds?.warning);
    const port = annotations.ofKind(kind, 'port');
    return [{ kind, path: ownPath.value, intervalMs: ownInterval.value, seconds: seconds?.value, port }];
  });
  return { kinds, named: names.kinds, warnings: [...new Set(warnings.filter((text) => text !== undefined))] };
}

/** The kinds of a list such as `cpu,heap`; `all` stands for every kind that Go serves. */
export function parseKinds(text: string): { kinds: ProfileKind[]; bad: string[] } {
  const kinds: ProfileKind[] = [];
  const bad: string[] = [];
  for (const item of text.split(',').map((part) => part.trim().toLowerCase())) {
    if (item === 'all') kinds.push(...knownKinds);
    else if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(item)) kinds.push(sameKind[item] ?? item);
    else if (item !== '') bad.push(item);
  }
  return { kinds: [...new Set(kinds)], bad };
}

/** Where a kind is served under a prefix. `fgprof` has a handler of its own beside pprof's. */
export function pathUnder(prefix: string, kind: ProfileKind): string {
  if (kind === 'fgprof')
    return prefix === defaultPath ? '/debug/fgprof' : prefix.endsWith('/fgprof') ? prefix : `${prefix}/fgprof`;
  return `${prefix}/${pathOfKind[kind] ?? kind}`;
}

/** Whether a kind covers a window and so is asked for with `seconds`. */
export function isWindowed(kind: ProfileKind): boolean {
  return windowedKinds.has(kind);
}

function kindNames(annotation: Annotation | undefined, fallback: readonly string[]) {
  if (!annotation) return { kinds: parseKinds(fallback.join(',')).kinds, warnings: [] };
  const { kinds, bad } = parseKinds(annotation.value);
  const warnings = bad.map((item) => `${named(annotation)}: "${shown(item)}" is no kind of profile and is left out`);
  if (kinds.length === 0) {
    return {
      kinds: [...fallback],
      warnings: [...warnings, `${named(annotation)} names no kind: used ${fallback.join(',')}`],
    };
  }
  if (kinds.length > maxKinds)
    warnings.push(`${named(annotation)} names ${kinds.length} kinds: used the first ${maxKinds}`);
  return { kinds: kinds.slice(0, maxKinds), warnings };
}

function readInterval(
  annotation: Annotation | undefined,
  fallback: DurationMs,
  { limits: { minIntervalMs } }: DiscoveryRules,
): Checked<DurationMs> {
  const asked = annotation && parseDuration(annotation.value.trim());
  if (!annotation) return { value: fallback, warning: undefined };
  if (!asked || asked > maxIntervalMs) {
    const allowed = `a duration such as 30s or 5m, up to ${formatDuration(maxIntervalMs)}`;
    return { value: fallback, warning: `${named(annotation)} is not ${allowed}: used ${formatDuration(fallback)}` };
  }
  if (asked >= minIntervalMs) return { value: asked, warning: undefined };
  const capped = `is below limits.minInterval: used ${formatDuration(minIntervalMs)}`;
  return { value: minIntervalMs, warning: `${named(annotation)} ${capped}` };
}

function readCpuSeconds(annotation: Annotation | undefined, fallback: number): Checked<number> {
  if (!annotation) return { value: fallback, warning: undefined };
  const asked = /^(\d{1,2})s?$/.exec(annotation.value.trim())?.[1];
  const seconds = Number(asked ?? Number.NaN);
  if (seconds >= 1 && seconds <= 60) return { value: seconds, warning: undefined };
  return { value: fallback, warning: `${named(annotation)} is no whole number from 1 to 60: used ${fallback}` };
}

/** At most the configured share of the interval, at least one second. Silent when nobody asked for more. */
function capSeconds(
  seconds: number,
  intervalMs: DurationMs,
  kind: ProfileKind,
  annotations: Annotations,
  { limits: { cpuDuty } }: DiscoveryRules,
): Checked<number> {
  const most = Math.max(1, Math.floor((cpuDuty * intervalMs) / second));
  const asked = annotations.get('cpu-seconds');
  if (seconds <= most) return { value: seconds, warning: undefined };
  const share = `more than limits.cpuDuty (${cpuDuty}) of ${kind}'s interval ${formatDuration(intervalMs)}`;
  return { value: most, warning: asked && `${named(asked)} is ${share}: used ${most}` };
}

function readKindSwitch(annotation: Annotation | undefined): Checked<boolean> {
  if (!annotation) return { value: true, warning: undefined };
  const said = parseSwitch(annotation.value);
  if (said !== undefined) return { value: said, warning: undefined };
  return { value: false, warning: `${named(annotation)} is neither true nor false: it counts as false` };
}
