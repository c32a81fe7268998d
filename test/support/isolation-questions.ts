import * as fc from 'fast-check';
import { functionId } from '../../src/model/function-id.ts';
import { formatTime } from '../../src/model/time.ts';
import { minute, nowMs } from './http-fakes.ts';
import { foreign, namesOf, own, type Tenant } from './isolation-tenants.ts';

/** What a world knows that a question may be about, by its place: ids differ from world to world. */
export interface Ids {
  readonly ownProfiles: readonly string[];
  readonly foreignProfiles: readonly string[];
  readonly ownEvents: readonly string[];
  readonly foreignEvents: readonly string[];
  /** Of each list, as who may see all was given them. */
  readonly cursors: Readonly<Record<string, readonly string[]>>;
}

type Parameters = Readonly<Record<string, string>>;

/** A path with its parameters, as asked of a world with these ids. */
export type Ask = (ids: Ids) => string;

const both = [own, foreign];
const each = <T>(of: (tenant: Tenant) => readonly T[]): T[] => both.flatMap(of);
/** A letter more or less: what hints are for. */
const nearly = (name: string): string[] => [name, name.slice(0, -1), `${name}x`, name.toUpperCase()];

const anyName = fc.constantFrom(...each(namesOf).flatMap(nearly), '', 'nothing');
const namespaces = fc.oneof(
  { weight: 3, arbitrary: fc.constant(own.namespace) },
  { weight: 1, arbitrary: fc.constantFrom(...each(({ namespace }) => nearly(namespace))) },
);
const workloads = fc.oneof(
  fc.constantFrom(...own.workloads),
  fc.constantFrom(...each((tenant) => tenant.workloads.flatMap(nearly))),
);
const pods = fc.constantFrom(...each(({ pods: all, sharedPod }) => [...all.flatMap(nearly), sharedPod]));
const functions = fc.constantFrom(...each((tenant) => tenant.functions.flatMap(nearly)));
const labels = fc.constantFrom(
  'namespace',
  'workload',
  'workload_kind',
  'pod',
  'container',
  'service_name',
  'revision',
  'nothing',
  ...each(({ label: [name], sampleLabel: [key] }) => [name, key, `tag_${key}`]),
);
const regex = fc.oneof(
  fc.constantFrom('.*', '.+', 'zq.*', '[a-z-]+', '.*r1', 'o.*|z.*'),
  fc.tuple(anyName, anyName).map((names) => names.map((name) => name.replaceAll(/[^a-z0-9-]/g, '.')).join('|')),
);
const matcher = fc.oneof(
  fc.tuple(labels, fc.constantFrom('=', '!='), anyName),
  fc.tuple(labels, fc.constantFrom('=~', '!~'), regex),
);
const matchers = fc
  .array(matcher, { maxLength: 3 })
  .map((all) => `{${all.map(([name, operator, value]) => `${name}${operator}${JSON.stringify(value)}`).join(',')}}`);
/** A type that only the other namespace has. */
const zqOnly = 'zqkind:zqsample:count:zqsample:count';
const alias = fc.constantFrom('cpu', 'cpu', 'heap', 'heap', 'goroutine', zqOnly, 'zqtype');
const ofWorkload = fc
  .tuple(fc.constant(own.namespace), workloads)
  .map(([namespace, workload]) => `{namespace="${namespace}",workload="${workload}"}`);
const selector = fc.oneof(fc.tuple(alias, ofWorkload), fc.tuple(alias, matchers)).map(([type, all]) => type + all);
const time = fc.nat({ max: 420 }).map((ago) => formatTime(nowMs - ago * minute));
const window = fc.oneof(
  fc.record({}),
  fc.constantFrom('600', '7200', '36000').map((seconds) => ({ seconds })),
  fc.tuple(time, time).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b })),
);
const limit = fc.constantFrom({}, {}, { limit: '1' }, { limit: '2' });
const format = fc.constantFrom('pprof', 'flamegraph', 'top', 'collapsed', 'speedscope', 'markdown', 'pgo');
const aggregate = fc.constantFrom({}, {}, { aggregate: 'last' }, { aggregate: 'peak' });
const focus = fc.option(
  functions.map((name) => ({ focus: name.replaceAll(/[^a-z.]/g, '.') })),
  { nil: {}, freq: 3 },
);
const shape = fc.oneof(
  fc.tuple(format, aggregate, focus).map(([name, ...rest]) => Object.assign({ format: name }, ...rest) as Parameters),
  functions.map((name) => ({ format: 'callgraph', function: name })),
  functions.map((name) => ({ format: 'flamegraph', root: name })),
);
const groups = fc.option(
  fc.uniqueArray(labels, { minLength: 1, maxLength: 3 }).map((names) => ({ group_by: names.join(',') })),
  { nil: {} },
);
const workloadNamed = fc.record({ namespace: namespaces, workload: workloads }, { requiredKeys: [] });

/** One drawn thing as the parameters of a path. */
function asks(path: string, ...drawn: readonly fc.Arbitrary<object>[]): fc.Arbitrary<Ask> {
  return fc.tuple(...drawn).map((all) => {
    const query = new URLSearchParams(Object.assign({}, ...all) as Record<string, string>).toString();
    return () => (query === '' ? path : `${path}?${query}`);
  });
}

/** The same with a cursor that an admin was given, at times. */
function pages(list: string, path: string, ...drawn: readonly fc.Arbitrary<object>[]): fc.Arbitrary<Ask> {
  return fc.tuple(asks(path, limit, ...drawn), fc.option(fc.nat())).map(([ask, at]) => (ids) => {
    const url = ask(ids);
    const given = ids.cursors[list] ?? [];
    const cursor = at === null ? undefined : given[at % given.length];
    return cursor === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
  });
}

function byId(of: (ids: Ids) => readonly string[], path: (id: string) => string): fc.Arbitrary<Ask> {
  return fc.oneof(
    fc.nat().map(
      (at): Ask =>
        (ids) =>
          path(of(ids)[at % of(ids).length] ?? 'none'),
    ),
    fc.constantFrom('0', 'zz-zz', '0123456789abcdef', '1-1').map(
      (id): Ask =>
        () =>
          path(id),
    ),
  );
}

const query = selector.map((text) => ({ query: text }));
const match = fc.option(
  matchers.map((text) => ({ match: text })),
  { nil: {} },
);
const event = (rest: string) => (id: string) => `/api/v1/growth/${id}${rest}`;
const events = ({ ownEvents, foreignEvents }: Ids): string[] => [...ownEvents, ...foreignEvents];
const tier = fc.constantFrom({}, { tier: 'likely' }, { tier: 'suspected' });
const growth = [
  workloadNamed,
  tier,
  fc.option(
    time.map((at) => ({ at })),
    { nil: {} },
  ),
] as const;
const still = (path: string) => asks(path);

/** Questions to each GET of the API, by its path in the OpenAPI document: a path that is missing here fails the test. */
export const questions: Readonly<Record<string, fc.Arbitrary<Ask>>> = {
  '/api/v1/merge': asks('/api/v1/merge', query, window, shape),
  '/pprof/{namespace}/{workload}/{alias}': fc.tuple(namespaces, workloads, alias, asks('', window, shape)).map(
    ([namespace, workload, type, rest]) =>
      (ids) =>
        `/pprof/${namespace}/${workload}/${type}${rest(ids)}`,
  ),
  '/api/v1/diff': asks(
    '/api/v1/diff',
    query,
    window,
    fc.constantFrom('pprof', 'flamegraph', 'top', 'collapsed', 'markdown').map((name) => ({ format: name })),
    fc.oneof(
      fc.constant({ rollout: 'latest' }),
      fc.constant({}),
      selector.map((text) => ({ base_query: text })),
    ),
  ),
  '/api/v1/query_range': asks(
    '/api/v1/query_range',
    query,
    window,
    groups,
    limit,
    fc.option(
      fc.oneof(functions, functions.map(idOf)).map((name) => ({ function: name })),
      { nil: {} },
    ),
  ),
  '/api/v1/scrapes': asks('/api/v1/scrapes', query, window, limit),
  '/api/v1/profile-types': pages('profile-types', '/api/v1/profile-types', match, window),
  '/api/v1/labels': pages('labels', '/api/v1/labels', match, window),
  '/api/v1/series': pages('series', '/api/v1/series', match, window),
  '/api/v1/label/{name}/values': fc.tuple(labels, pages('label/pod/values', '', match, window)).map(
    ([name, rest]) =>
      (ids) =>
        `/api/v1/label/${name}/values${rest(ids)}`,
  ),
  '/api/v1/profiles': pages('profiles', '/api/v1/profiles', query, window),
  '/api/v1/profiles/{id}': byId(
    ({ ownProfiles, foreignProfiles }) => [...ownProfiles, ...foreignProfiles],
    (id) => `/api/v1/profiles/${id}`,
  ),
  '/api/v1/rollouts': asks(
    '/api/v1/rollouts',
    fc.record({ namespace: namespaces, workload: workloads }),
    window.map((given) => withoutSeconds(given as Parameters)),
  ),
  '/api/v1/growth': pages('growth', '/api/v1/growth', ...growth),
  '/growth': pages('growth', '/growth', ...growth),
  '/api/v1/growth/backtest': asks('/api/v1/growth/backtest', workloadNamed),
  '/api/v1/growth/{id}': byId(events, event('')),
  '/api/v1/growth/{id}/profile': byId(events, event('/profile')),
  '/a/{id}': byId(events, (id) => `/a/${id}`),
  '/api/v1/targets': pages(
    'targets',
    '/api/v1/targets',
    workloadNamed,
    match,
    fc.constantFrom({}, { health: 'up' }, { health: 'down' }),
  ),
  '/api/v1/explain': asks(
    '/api/v1/explain',
    namespaces.map((namespace) => ({ namespace })),
    fc.oneof(
      pods.map((pod) => ({ pod })),
      workloads.map((workload) => ({ workload })),
    ),
  ),
  '/api/v1/pause': still('/api/v1/pause'),
  '/api/v1/sidecars': asks('/api/v1/sidecars', fc.record({ namespace: namespaces }, { requiredKeys: [] })),
  '/api/v1/status': still('/api/v1/status'),
  '/api/v1/whoami': asks('/api/v1/whoami', fc.record({ namespace: namespaces }, { requiredKeys: [] })),
  '/api/v1/openapi.json': still('/api/v1/openapi.json'),
  '/runbooks/{alert}': anyName.map((name) => () => `/runbooks/${encodeURIComponent(name)}x`),
  '/-/healthy': still('/-/healthy'),
  '/-/ready': still('/-/ready'),
  '/metrics': still('/metrics'),
  '/debug/pprof/': still('/debug/pprof/'),
  '/debug/pprof/profile': still('/debug/pprof/profile?seconds=1'),
  '/debug/pprof/heap': still('/debug/pprof/heap'),
  '/': still('/'),
  '/explore': asks('/explore', query),
  '/diff': asks('/diff', query),
  '/rollouts': asks('/rollouts', workloadNamed),
  '/targets': asks('/targets', workloadNamed),
  '/status': still('/status'),
};

/** Roll-outs take no seconds. */
function withoutSeconds(window: Parameters): Parameters {
  return Object.fromEntries(Object.entries(window).filter(([name]) => name !== 'seconds'));
}

/** As links of growth name it. */
function idOf(name: string): string {
  return functionId(name, 'app');
}
