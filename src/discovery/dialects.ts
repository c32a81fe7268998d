import type { LabelSet } from '../model/labels.ts';
import type { FoundValue } from './annotations.ts';

/**
 * Annotations of other profilers, told in our own keys: `profiles.grafana.com/memory.port: "8080"` becomes
 * `heap.port` = 8080. They count as opt-ins only where the configuration says so, because two CPU profilers on one process
 * fight; else they make a target a candidate.
 */
export const dialectNames = ['grafana', 'pyroscope', 'profefe', 'coroot'] as const;
export type Dialect = (typeof dialectNames)[number];

export const dialectPrefixes: Readonly<Record<Dialect, string>> = {
  grafana: 'profiles.grafana.com/',
  pyroscope: 'pyroscope.io/',
  profefe: 'profefe.com/',
  coroot: 'coroot.com/',
};

type Translation = readonly [key: string, found: FoundValue];

/** What the dialects say in an object's annotations, as our keys; a dialect named first wins over a later one. */
export function readDialects(annotations: LabelSet, enabled: readonly Dialect[]): ReadonlyMap<string, FoundValue> {
  const said = new Map<string, FoundValue>();
  for (const dialect of enabled) {
    if (!Object.keys(annotations).some((name) => name.startsWith(dialectPrefixes[dialect]))) continue;
    for (const [key, found] of translations[dialect](annotations)) if (!said.has(key)) said.set(key, found);
  }
  return said;
}

/** The dialect in which these annotations opt in, and the annotation that does. */
export function dialectOptIn(annotations: LabelSet): FoundValue | undefined {
  const said = readDialects(annotations, dialectNames).get('scrape');
  return said?.value === 'true' ? said : undefined;
}

const translations: Readonly<Record<Dialect, (annotations: LabelSet) => Translation[]>> = {
  grafana,
  pyroscope,
  profefe: (annotations) =>
    plain('profefe', annotations, { enable: 'scrape', port: 'port', path: 'path', service: 'service' }),
  coroot: (annotations) => plain('coroot', annotations, { 'profile-scrape': 'scrape', 'profile-port': 'port' }),
};

/** Grafana's names of kinds; all others are taken as custom kinds. */
const grafanaKinds: Readonly<Record<string, string>> = {
  memory: 'heap',
  godeltaprof_memory: 'delta_heap',
  godeltaprof_mutex: 'delta_mutex',
  godeltaprof_block: 'delta_block',
};

/**
 * `profiles.grafana.com/<type>.{scrape,port,port_name,scheme,path}`. `.scrape` must be exactly `true`; a `.port` beside a
 * `.port_name` is the number that is asked. The first kind's port and scheme stand for the target.
 */
function grafana(annotations: LabelSet): Translation[] {
  const prefix = dialectPrefixes.grafana;
  const types = Object.keys(annotations).flatMap((name) => {
    const type = /^profiles\.grafana\.com\/([a-z_]{1,40})\.scrape$/.exec(name)?.[1];
    return type !== undefined && annotations[name] === 'true' ? [type] : [];
  });
  const ordered = types.sort((a, b) => grafanaOrder(a) - grafanaOrder(b));
  const out: Translation[] = [];
  const say = (key: string, annotation: string, value = annotations[annotation]) => {
    if (value) out.push([key, { value, annotation, dialect: 'grafana' }]);
  };
  for (const [index, type] of ordered.entries()) {
    const kind = grafanaKinds[type] ?? type;
    if (index === 0) {
      say('scrape', `${prefix}${type}.scrape`);
      const kinds = ordered.map((each) => grafanaKinds[each] ?? each).join(',');
      say('profiles', `${prefix}${type}.scrape`, kinds);
      say('scheme', `${prefix}${type}.scheme`);
    }
    const port = annotations[`${prefix}${type}.port`] ? `${prefix}${type}.port` : `${prefix}${type}.port_name`;
    say(index === 0 ? 'port' : `${kind}.port`, port);
    say(`${kind}.path`, `${prefix}${type}.path`);
  }
  say('service', `${prefix}service_name`);
  return out;
}

const grafanaTypes = ['cpu', 'memory', 'goroutine', 'block', 'mutex'];

function grafanaOrder(type: string): number {
  const at = grafanaTypes.indexOf(type);
  return at < 0 ? grafanaTypes.length : at;
}

/** The annotations that the first Pyroscope agents read, and the service name that Grafana's still do. */
function pyroscope(annotations: LabelSet): Translation[] {
  const keys = {
    scrape: 'scrape',
    port: 'port',
    scheme: 'scheme',
    'application-name': 'service',
    service_name: 'service',
  };
  const out = plain('pyroscope', annotations, keys);
  const kinds = [
    ['profile-cpu-enabled', 'cpu'],
    ['profile-mem-enabled', 'heap'],
  ].flatMap(([key, kind]) => (annotations[`pyroscope.io/${key}`] === 'true' ? [kind] : []));
  if (kinds.length > 0) {
    out.push([
      'profiles',
      { value: kinds.join(','), annotation: 'pyroscope.io/profile-*-enabled', dialect: 'pyroscope' },
    ]);
  }
  return out;
}

function plain(dialect: Dialect, annotations: LabelSet, keys: Readonly<Record<string, string>>): Translation[] {
  return Object.entries(keys).flatMap(([theirs, ours]): Translation[] => {
    const annotation = dialectPrefixes[dialect] + theirs;
    const value = annotations[annotation];
    return value === undefined ? [] : [[ours, { value, annotation, dialect }]];
  });
}
