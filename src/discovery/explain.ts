import type { PodRecord } from '../kubernetes/records.ts';
import type { Target } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import { annotationPrefix } from './annotation-keys.ts';
import type { Level } from './annotations.ts';
import { type ClusterView, type WorkloadRecord, watchedWorkloads } from './cluster-view.ts';
import type { ExplainedRule, ExplainSubject, Explanation } from './discoverer.ts';
import { nearMisses } from './near-misses.ts';
import { notFound } from './not-found.ts';
import { groupKeyOf, type Ownership, workloadOf } from './owner.ts';
import type { ProbeResult } from './probe.ts';
import type { DiscoveryRules } from './rules.ts';
import { type PodOutcome, targetsOfPod } from './targets-of-pod.ts';

export interface ExplainContext {
  readonly view: ClusterView;
  /** Of which something may be named; undefined: of all. */
  readonly namespaces?: ReadonlySet<string> | undefined;
  readonly rules: DiscoveryRules;
  readonly probe: (key: string) => ProbeResult | undefined;
  readonly optInRemovedAt: (group: string) => UnixMs | undefined;
  /** The targets of a group as they were sent: with caps and pauses. */
  readonly current: (group: string) => readonly Target[];
}

/** Pods of one workload that are looked at. */
const maxPods = 1000;

/** Why a pod or a workload is or is not scraped: each rule in order, what decided, and what to type to change it. */
export async function explain(subject: ExplainSubject, context: ExplainContext): Promise<Explanation> {
  return 'pod' in subject ? explainPod(subject, context) : explainWorkload(subject, context);
}

async function explainPod(subject: ExplainSubject & { pod: string }, context: ExplainContext): Promise<Explanation> {
  const pod = context.view.pod(subject.namespace, subject.pod);
  if (!pod) return notFound(subject, context.view, context.namespaces);
  const name = `pod ${pod.namespace}/${pod.name}`;
  const ownership = workloadOf(pod, context.view);
  if (ownership.kind === 'pending') return waitingForOwner(name, pod);
  const judged = judge(pod, ownership, context);
  return { subject: name, ...judged, nearMisses: await missesOf(pod, ownership.workload, context) };
}

async function explainWorkload(subject: WorkloadSubject, context: ExplainContext): Promise<Explanation> {
  const { view } = context;
  const { namespace } = subject;
  const kind = watchedWorkloads.find((each) => each.toLowerCase() === subject.workloadKind.toLowerCase());
  const object = kind && view.workload(kind, namespace, subject.workload);
  const pods = podsOf(subject, view);
  const [newest] = pods;
  if (!newest && !object) return notFound(subject, view, context.namespaces);
  const workload: WorkloadRecord = newest?.ownership.workload ?? { kind: kind ?? '', name: subject.workload, object };
  const name = `${workload.kind} ${namespace}/${workload.name}`;
  if (!newest) return withoutPods(name, namespace, workload, context);

  const judged = pods.map(({ pod, ownership }) => ({ pod, ...judge(pod, ownership, context) }));
  const best = verdictOrder.find((verdict) => judged.some((each) => each.verdict === verdict)) ?? 'not scraped';
  const { pod, ...shown } = judged.find(({ verdict }) => verdict === best) ?? judged[0] ?? fail('no pods');
  const counted = verdictOrder.flatMap((verdict) => {
    const count = judged.filter((each) => each.verdict === verdict).length;
    return count > 0 ? [`${count} ${verdict}`] : [];
  });
  const summary: ExplainedRule = {
    rule: 'pods',
    verdict: 'info',
    detail: `${judged.length} found: ${counted.join(', ')}; the rules below are those of ${pod.name}`,
  };
  return {
    subject: name,
    ...shown,
    rules: [summary, ...shown.rules],
    sources: judged.flatMap(({ sources }) => sources),
    nearMisses: await missesOf(pod, workload, context),
  };
}

const verdictOrder = ['scraped', 'held', 'unresolved', 'not scraped'];

type WorkloadSubject = Extract<ExplainSubject, { workload: string }>;
type Judged = Omit<Explanation, 'subject' | 'nearMisses'>;
type Known = Extract<Ownership, { kind: 'known' }>;

function judge(pod: PodRecord, { workload, how }: Known, context: ExplainContext): Judged {
  const outcome = outcomeOf(pod, workload, context);
  const key = groupKeyOf(pod.namespace, workload.kind, workload.name);
  const settled = new Map(context.current(key).map((target) => [target.source, target]));
  const targets = outcome.targets.map((target) => settled.get(target.source) ?? target);
  const owner: ExplainedRule = { rule: 'owner', verdict: 'info', detail: `${workload.kind} ${workload.name}: ${how}` };
  const held = targets.find(({ state }) => state.kind === 'held');
  const rules = [
    owner,
    ...unwatchedRules(workload, context),
    ...outcome.rules,
    ...removalRules(key, context),
    ...(held ? [heldRule(held)] : []),
  ];
  const active = targets.filter(({ state }) => state.kind === 'active');
  const waiting = targets.find(({ state }) => state.kind === 'unresolved') ?? held;
  if (active.length > 0) {
    return {
      verdict: 'scraped',
      because: scrapedBecause(outcome, active),
      rules,
      hint: undefined,
      sources: active.map(sourceName),
    };
  }
  const sources = waiting ? targets.map(sourceName) : [];
  const verdict = waiting && waiting.state.kind !== 'active' ? waiting.state.kind : 'not scraped';
  return { verdict, because: decisive(rules), rules, hint: hintFor(rules, pod, workload, outcome), sources };
}

function outcomeOf(pod: PodRecord, workload: WorkloadRecord, { view, rules, probe }: ExplainContext): PodOutcome {
  return targetsOfPod({
    pod,
    workload,
    namespace: view.namespace(pod.namespace),
    services: view.servicesOf(pod),
    config: rules,
    probe,
  });
}

/** A workload without pods has its own annotations and its Namespace's; what its pod template says is not known. */
async function withoutPods(
  name: string,
  namespace: string,
  workload: WorkloadRecord,
  context: ExplainContext,
): Promise<Explanation> {
  const ghost = { ...noPod, namespace, name: 'to come' };
  const asked = outcomeOf(ghost, workload, context).rules.filter(({ rule }) => rule !== 'pod runs');
  const none: ExplainedRule = { rule: 'pods', verdict: 'fail', detail: `${name} has no pods` };
  const key = groupKeyOf(namespace, workload.kind, workload.name);
  const rules = [...asked, none, ...removalRules(key, context)];
  const optedIn = asked.some(({ rule, verdict }) => rule === 'opted in' && verdict === 'pass');
  const resource = `${workload.kind.toLowerCase()}/${workload.name}`;
  return {
    subject: name,
    verdict: 'not scraped',
    because: optedIn ? `${none.detail}; it is opted in, so its pods will be scraped` : decisive(rules),
    rules,
    nearMisses: await nearMisses(
      { pod: undefined, workload, namespace: context.view.namespace(namespace) },
      context.view,
    ),
    hint: optedIn ? `kubectl -n ${namespace} get ${resource}` : annotate(namespace, resource, 'scrape=true'),
    sources: [],
  };
}

const noPod: PodRecord = {
  uid: '',
  namespace: '',
  name: '',
  labels: {},
  annotations: {},
  generation: 0,
  owner: undefined,
  node: '',
  phase: '',
  ip: '',
  ips: [],
  hostNetwork: false,
  serviceAccount: '',
  createdMs: 0,
  deletionMs: undefined,
  containers: [],
};

function podsOf({ namespace, workloadKind, workload }: WorkloadSubject, view: ClusterView) {
  const found: { pod: PodRecord; ownership: Known }[] = [];
  for (const pod of view.pods()) {
    if (pod.namespace !== namespace || found.length >= maxPods) continue;
    const ownership = workloadOf(pod, view);
    if (ownership.kind === 'pending' || ownership.workload.name !== workload) continue;
    if (ownership.workload.kind.toLowerCase() === workloadKind.toLowerCase()) found.push({ pod, ownership });
  }
  return found.sort((a, b) => b.pod.createdMs - a.pod.createdMs);
}

function missesOf(pod: PodRecord, workload: WorkloadRecord, { view }: ExplainContext): Promise<string[]> {
  return nearMisses({ pod, workload, namespace: view.namespace(pod.namespace) }, view);
}

function waitingForOwner(subject: string, pod: PodRecord): Explanation {
  const detail = `the owner of ${pod.owner?.kind} ${pod.owner?.name} is being asked for`;
  const rules: ExplainedRule[] = [{ rule: 'owner', verdict: 'info', detail }];
  return { subject, verdict: 'not scraped', because: detail, rules, nearMisses: [], hint: 'ask again', sources: [] };
}

function removalRules(key: string, { optInRemovedAt }: ExplainContext): ExplainedRule[] {
  const at = optInRemovedAt(key);
  if (at === undefined) return [];
  const detail = `rollout undo or an apply removed the annotation at ${new Date(at).toISOString()}`;
  return [{ rule: 'opt-in removed', verdict: 'warning', detail }];
}

/** Without the right to list a kind its annotations are not seen; nothing else would say so here. */
function unwatchedRules({ kind }: WorkloadRecord, { view }: ExplainContext): ExplainedRule[] {
  const watched = watchedWorkloads.find((each) => each === kind);
  if (watched === undefined || view.watches(watched)) return [];
  const detail = `${kind}s are not watched (no right to list them, or not listed yet): their annotations do not count`;
  return [{ rule: 'workload watched', verdict: 'warning', detail }];
}

function heldRule({ state }: Target): ExplainedRule {
  return { rule: 'not held', verdict: 'fail', detail: state.kind === 'held' ? state.reason : '' };
}

function scrapedBecause({ optIn }: PodOutcome, active: readonly Target[]): string {
  const asked = optIn.kind === 'in' ? `${optIn.annotation.annotation} on ${optIn.annotation.level.object}` : 'opted in';
  return `${asked}; ${active.length} ${active.length === 1 ? 'source' : 'sources'}`;
}

function decisive(rules: readonly ExplainedRule[]): string {
  const removed = rules.find(({ rule }) => rule === 'opt-in removed');
  const failed = rules.find(({ verdict }) => verdict === 'fail');
  return [failed?.detail ?? 'no rule made a source', removed?.detail].filter((text) => text !== undefined).join('; ');
}

/** `shop/checkout-1 app http://10.0.0.7:6060`, as far as it is known. */
function sourceName({ labels, specs: [spec], source }: Target): string {
  const where = spec
    ? `${spec.endpoint.scheme}://${hostText(spec.endpoint.host)}:${spec.endpoint.port}`
    : source.split('/').at(-1);
  return `${labels['namespace']}/${labels['pod']} ${labels['container']} ${where}`;
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function hintFor(
  rules: readonly ExplainedRule[],
  pod: PodRecord,
  workload: WorkloadRecord,
  { optIn }: PodOutcome,
): string | undefined {
  const failed = rules.find(({ verdict }) => verdict === 'fail');
  const resource = `${workload.kind.toLowerCase()}/${workload.name}`;
  const readable = workload.object ? resource : `pod/${pod.name}`;
  switch (failed?.rule) {
    case 'namespace allowed':
      return 'change discovery.namespaces in the configuration';
    case 'opted in':
      if (optIn.kind !== 'out') return annotate(pod.namespace, readable, 'scrape=true');
      return annotate(pod.namespace, objectOf(optIn.annotation.level, pod, resource), 'scrape=true --overwrite');
    case 'not denied':
      return 'change discovery.deny in the configuration';
    case 'port':
      return annotate(pod.namespace, readable, 'port=PORT --overwrite');
    case 'profiles':
      return annotate(pod.namespace, readable, 'profiles=cpu,heap --overwrite');
    case 'scheme':
      return annotate(pod.namespace, readable, 'scheme=http --overwrite');
    case 'hostNetwork':
      return 'change discovery.allowHostNetwork in the configuration';
    case 'not held':
      return 'lift the pause with flameherd pause --resume, or raise limits.targets and limits.targetsPerNamespace';
    case 'pod runs':
    case 'container':
      return `kubectl -n ${pod.namespace} describe pod ${pod.name}`;
    case undefined:
    default:
      return undefined;
  }
}

function objectOf({ name: level, object }: Level, pod: PodRecord, resource: string): string {
  if (level === 'service') return object.replace('Service ', 'service/');
  return level === 'pod' ? `pod/${pod.name}` : level === 'namespace' ? `namespace/${pod.namespace}` : resource;
}

function annotate(namespace: string, resource: string, assignment: string): string {
  return `kubectl -n ${namespace} annotate ${resource} ${annotationPrefix}${assignment}`;
}

function fail(message: string): never {
  throw new Error(message);
}
