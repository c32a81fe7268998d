import { type Static, Type } from 'typebox';
import { auth, http } from './schema-door.ts';
import { choice, count, flag, labels, list, section, text } from './schema-parts.ts';
import { byteSize, duration, optionalByteSize, optionalDuration, regex } from './values.ts';

/** Every key of the configuration: its type, default and meaning. `docs/CONFIG.md` and the JSON Schema come from here. */

const targetTls = Type.Object(
  {
    namespace: text('', 'The namespace of the pods.'),
    serviceAccount: text('', 'Their ServiceAccount; `*`: any of the namespace.'),
    caFile: text('', "PEM certificates to trust; empty: the system's."),
    serverName: text('', "The name in the certificate; empty: the pod's address."),
    certFile: text('', 'PEM certificate to show, with its chain.'),
    keyFile: text('', 'Its PEM key.'),
    insecure: flag(false, 'Do not verify the certificate of the pod.'),
  },
  { additionalProperties: false },
);

const targetAuth = Type.Object(
  {
    namespace: text('', 'The namespace of the pods.'),
    serviceAccount: text('', 'Their ServiceAccount; `*`: any of the namespace.'),
    bearerFile: text('', 'A file with a bearer token.'),
    username: text('', 'Instead of a bearer token: a name …'),
    passwordFile: text('', '… and a file with its password.'),
    allowPlain: flag(
      false,
      "Send it also directly over http or unverified https, where whoever gets the pod's address next could read it.",
    ),
  },
  { additionalProperties: false },
);

const scrape = section('What is fetched from a target, and how often. Annotations may say otherwise within `limits`.', {
  interval: duration('60s', 'Time between two scrapes of one kind.'),
  cpuSeconds: count(10, 1, 60, 'Length of a CPU profile.'),
  profiles: list(['cpu', 'heap', 'goroutine', 'block', 'mutex'], 'Kinds that are scraped when nothing else is said.'),
  concurrency: count(
    50,
    1,
    10_000,
    'Snapshots being fetched from all targets together; CPU profiles, which only hold a socket, are bounded apart.',
  ),
  firstPerSecond: count(20, 1, 10_000, 'New targets scraped at once, a second; the rest waits its turn.'),
  maxBody: byteSize('32MiB', 'The largest profile as it comes over the wire.'),
  maxInflated: byteSize('256MiB', 'The largest profile after gunzip.'),
  replicasSample: count(0, 0, 10_000, 'CPU is profiled on so many pods of a workload at a time, in turn; 0: on all.'),
  tls: Type.Array(targetTls, {
    default: [],
    description: 'TLS to pods that are asked by https, by namespace and ServiceAccount; the first that fits counts.',
  }),
  auth: Type.Array(targetAuth, {
    default: [],
    description: 'Credentials for pods, by namespace and ServiceAccount; the first that fits counts.',
  }),
  self: flag(true, 'The daemon is a target of its own.'),
});

const staticTarget = Type.Object(
  {
    url: Type.String({ description: 'http://HOST:PORT, with a path when pprof is not at /debug/pprof.' }),
    name: text('', 'The workload name; empty: the host.'),
    labels: labels('Further labels, which win over the built-in ones.'),
    profiles: list([], 'Kinds; empty: `scrape.profiles`.'),
    interval: optionalDuration('Time between scrapes; empty: `scrape.interval`.'),
    memoryLimit: optionalByteSize(
      'What the program may use of memory, for alerts that foresee its end; empty: not known.',
    ),
  },
  { additionalProperties: false },
);

const streamLimits = (streams: number, streamsPerNode: number, perSecond: number) => ({
  streams: count(streams, 1, 10_000, 'In use at once; a CPU profile holds one for its seconds. More wait for 5 s.'),
  streamsPerNode: count(streamsPerNode, 1, 10_000, 'In use at once to pods of one node.'),
  perSecond: count(perSecond, 1, 10_000, 'New ones a second to pods of one node; twice as many may come at once.'),
});

const transports = section('Ways to reach pods through the API server, and what they may use of it.', {
  portForward: section("To a pod's own 127.0.0.1, as `kubectl port-forward` does it.", {
    enabled: flag(true, 'Used by `transport: auto` after a refused connection, and where an annotation names it.'),
    ...streamLimits(200, 32, 10),
    kept: count(512, 0, 10_000, 'Idle streams kept for the next scrape, for 90 s at most.'),
  }),
  podProxy: section("To a pod's own address, from where the API server stands.", {
    enabled: flag(false, 'The right to it opens every port of every pod.'),
    ...streamLimits(200, 32, 20),
  }),
  ephemeral: section("To a pod's own 127.0.0.1 by a container that is added to the pod and stays in its spec.", {
    enabled: flag(false, 'Only in namespaces with `namespaceLabel`, and where an annotation names this transport.'),
    auto: flag(false, '`transport: auto` uses it too, where all other ways were refused or are missing.'),
    image: text('', 'The image of deploy/sidecar, with its registry and digest: `registry.example.com/x@sha256:…`.'),
    allowUnpinned: flag(false, 'Take an image without a digest, such as `localhost/flameherd-sidecar:lab`.'),
    namespaceLabel: text(
      'flameherd.dev/ephemeral=allowed',
      'The label by which an administrator allows it in a namespace.',
    ),
    idleTtl: duration(
      '1h',
      'A sidecar ends when nothing was fetched for so long; longer for kinds that are fetched seldom.',
    ),
    maxLife: duration('7d', 'It ends after so long whatever comes. A pod gets three in its life.'),
    startTimeout: duration('60s', 'How long one may take to start.'),
    injectionsPerMinute: count(30, 1, 10_000, 'Pods that are given one in a minute; the others wait their turn.'),
    retryAfter: duration('6h', 'How long an image, a namespace or a pod is left alone after it failed.'),
    ...streamLimits(16, 4, 2),
  }),
});

const discovery = section('How targets are found in Kubernetes.', {
  kubernetes: choice(['auto', 'on', 'off'], 'auto', '`auto`: on inside a cluster, off elsewhere.'),
  kubeconfig: text('', 'Outside a cluster: the kubeconfig; empty: KUBECONFIG, else ~/.kube/config.'),
  context: text('', 'The context of the kubeconfig; empty: its current one.'),
  namespaces: section('Which namespaces.', {
    only: list([], 'Watch just these, with a Role in each instead of a ClusterRole.'),
    include: list([], 'Opt-ins count in these only; empty: in all.'),
    exclude: list(['kube-system'], 'Opt-ins never count in these.'),
  }),
  deny: list([], 'Matchers such as `{namespace="bank",workload=~"vault.*"}`: what they match is never scraped.'),
  dialects: list([], 'Annotations of other profilers that count as opt-ins: grafana, pyroscope, profefe, coroot.'),
  pathPattern: regex('(^|/)(pprof|fgprof)(/|$)', 'What the path of an annotation must match.'),
  services: flag(true, 'Read the annotations of Services: they opt in the pods behind them.'),
  podLabels: list([], 'Pod labels that become series labels.'),
  labelSelector: text('', 'Watch only pods with these labels.'),
  allowHostNetwork: flag(false, 'Scrape hostNetwork pods, on declared ports only.'),
  probe: flag(true, 'Look for pprof on declared ports when an opt-in does not name one.'),
});

const lease = section(
  'One collector scrapes a cluster: it holds a Lease, and the others serve what they have stored.',
  {
    mode: choice(
      ['auto', 'on', 'off'],
      'auto',
      '`auto`: hold it inside a cluster; outside, respect one that is live and write none. `off`: scrape whoever else does.',
    ),
    namespace: text('', 'Where it is; empty: our own namespace.'),
    name: text('', 'Empty: `flameherd`; with `discovery.namespaces.only` a name of its own for these namespaces.'),
    duration: duration('15s', 'Not renewed for so long, another collector takes it; 3 s to 5 min.'),
  },
);

const limits = section('Bounds. What goes over one waits, is refused or is folded, and is counted.', {
  minInterval: duration('5s', 'No annotation scrapes more often; `scrape.interval` itself may.'),
  cpuDuty: Type.Number({
    default: 0.5,
    minimum: 0.01,
    maximum: 1,
    description: 'The share of time a process may be CPU-profiled.',
  }),
  targets: count(10_000, 1, 1_000_000, 'Sources in all; the newest wait as `held`.'),
  targetsPerNamespace: count(2_000, 1, 1_000_000, 'Sources in one namespace.'),
  queue: byteSize('128MiB', 'Profiles waiting to be decoded.'),
  stacks: count(100_000, 100, 10_000_000, 'Stacks of one profile; the smallest beyond it are folded into `(other)`.'),
  depth: count(1_024, 16, 100_000, 'Locations of one stack; deeper stacks are folded into `(other)`.'),
  labelSets: count(
    10_000,
    1,
    1_000_000,
    'Sets of pprof labels of one workload; stacks with further ones are folded into `(other)`.',
  ),
  labelValues: count(
    250,
    1,
    100_000,
    'Texts of one pprof label of a workload; stacks are stored without a label that has more (64 labels at most). Numbers do not count.',
  ),
  droppedLabels: list(
    ['span_id', 'parent_span_id', 'local_root_span_id', 'trace_id', 'request_id', 'correlation_id', 'profile_id'],
    'pprof labels that name single requests: stacks are stored without them where they are texts, as `spanId` or `Span ID`, too.',
  ),
});

const storage = section('What is kept.', {
  retention: duration(
    '7d',
    'Age at which single profiles are removed, at least 3 h. Then sums are left, by all labels but pod and node.',
  ),
  rollup1h: duration('35d', 'Age at which sums over hours are removed; not less than `retention`.'),
  rollup1d: duration('400d', 'Age at which sums over days are removed; not less than `rollup1h`.'),
  maxBytes: byteSize(
    '20GiB',
    'Size of the data folder above which the oldest is removed: first single profiles, then hours, then days.',
  ),
  minFree: byteSize('512MiB', 'Free disk below which nothing more is stored.'),
  synchronous: choice(['normal', 'full'], 'normal', '`full` survives a power failure too.'),
});

const webhook = section("Told of findings as Alertmanager's API v2 has alerts: for teams without Prometheus.", {
  url: text('', 'The base URL of an Alertmanager, or of what speaks its API; empty: nobody is told.'),
  authorizationFile: text('', 'A file with the value of the Authorization header.'),
  timeout: duration('10s', 'How long one call may take; it is tried again with the next evaluation.'),
});

const growth = section('What grows that should not: the detector behind the growth metrics, alerts and events.', {
  enabled: flag(true, 'Judge growth. Floors are kept either way.'),
  bucket: duration(
    '10m',
    'The grid of the detector, 1 s to 1 h. Its spans are multiples of it: at `10s` its day is 24 minutes, for a demonstration.',
  ),
  minAge: optionalDuration('A younger process has no verdict; empty: 33 buckets, 5 h 30 min.'),
  minPeriods: count(
    64,
    1,
    1_000_000,
    "Least growth that is a finding, in sampling periods of the heap profile: 32 MiB on Go's default …",
  ),
  minShare: Type.Number({
    default: 0.05,
    minimum: 0,
    maximum: 1,
    description: '… and as a share of the heap; the larger of the two counts.',
  }),
  functions: count(
    32,
    1,
    512,
    'Functions whose floors are followed in a process: those that hold most and, one of four, those that allocate most.',
  ),
  maxSeries: count(
    100_000,
    100,
    10_000_000,
    'Functions followed in all; beyond it, of new processes only the whole heap is.',
  ),
  ownerSkip: list(
    [],
    'Packages besides the standard libraries that a sample is not attributed to, by the beginning of their names.',
  ),
  deny: list([], 'Matchers such as `{namespace="batch"}`: what they match is never judged.'),
  retention: duration(
    '35d',
    'Age at which floors, plateaus and ended events are forgotten; at least 8 d at the usual bucket.',
  ),
  kubernetesEvents: flag(
    false,
    'Write a Kubernetes Event on the workload when a finding begins, becomes likely, or ends.',
  ),
  webhook,
});

const metrics = section('What `/metrics` tells of workloads.', {
  targets: choice(
    ['workload', 'pod', 'none'],
    'workload',
    'By what targets are counted; `pod` makes new series with each roll-out.',
  ),
  functions: count(
    10,
    0,
    100,
    'Functions told of a workload, the largest by each sample type; the rest is `(other)`. 0: none.',
  ),
  maxSeries: count(
    3_000,
    0,
    1_000_000,
    'Series of functions in all, shared fairly over workloads; beyond it functions are part of `(other)`, and counted.',
  ),
});

const log = section('The log, on standard error.', {
  level: choice(['debug', 'info', 'warn', 'error'], 'info', 'The least that is logged.'),
  format: choice(['auto', 'json', 'text'], 'auto', '`auto`: text on a terminal, JSON elsewhere.'),
  slowQuery: duration('5s', 'A query that takes longer is logged with what was asked and what it cost; 0: none.'),
});

export const configSchema = Type.Object(
  {
    data: text('./.flameherd', 'The folder of the store.'),
    http,
    auth,
    scrape,
    targets: Type.Array(staticTarget, { default: [], description: 'Targets that need no discovery.' }),
    transports,
    discovery,
    lease,
    limits,
    storage,
    growth,
    metrics,
    externalLabels: labels('Put on every series, such as `cluster`.'),
    log,
  },
  { additionalProperties: false, title: 'flameherd configuration' },
);

type DeepReadonly<T> = T extends RegExp
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T;

/** The whole configuration, checked, with durations in milliseconds and sizes in bytes. */
export type Config = DeepReadonly<Static<typeof configSchema>>;
