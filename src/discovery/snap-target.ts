import type { PodRecord } from '../kubernetes/records.ts';
import { FlameherdError } from '../model/errors.ts';
import type { SnapRequest } from '../model/snap.ts';
import type { ScrapeSpec, Target } from '../model/target.ts';
import { annotationPrefix } from './annotation-keys.ts';
import type { ClusterView } from './cluster-view.ts';
import { notFound } from './not-found.ts';
import { workloadOf } from './owner.ts';
import type { ProbeResult } from './probe.ts';
import { isWindowed } from './profiles.ts';
import type { DiscoveryRules } from './rules.ts';
import { type PodOutcome, targetsOfPod } from './targets-of-pod.ts';

export interface SnapContext {
  readonly view: ClusterView;
  readonly rules: DiscoveryRules;
  readonly probe: (key: string) => ProbeResult | undefined;
}

/** One profile to fetch, and from where. */
export interface SnapTarget {
  readonly target: Target;
  readonly spec: ScrapeSpec;
}

/**
 * What a snap means, by the same rules as any scrape: as if the pod's annotations named just this kind. What the
 * configuration forbids stays forbidden to everybody. Throws `not_found`, `forbidden` when the pod is not opted in, and
 * `bad_parameter` when several sources match or none does.
 */
export function snapTarget(request: SnapRequest, context: SnapContext): SnapTarget {
  const { namespace, pod: name, profile, seconds } = request;
  const pod = context.view.pod(namespace, name);
  if (!pod) throw missingPod(request, context.view);
  if (seconds !== undefined && !isWindowed(profile)) {
    throw new FlameherdError('bad_parameter', `seconds: a ${profile} profile is of a moment and takes none`);
  }
  const optedIn = outcomeOf(pod, { profiles: profile }, context);
  const outcome = optedIn.optIn.kind === 'in' ? optedIn : anyPod(pod, request, optedIn, context);
  const candidates = outcome.targets.filter((target) => matches(target, request, pod));
  const [target] = candidates;
  if (!target) throw noSource(request, outcome);
  if (candidates.length > 1) throw severalSources(candidates);
  if (target.state.kind !== 'active')
    throw new FlameherdError('bad_parameter', target.state.reason, { hint: portHint });
  const spec = target.specs.find(({ kind }) => kind === profile);
  if (!spec) throw new FlameherdError('bad_parameter', `profile: ${profile} is switched off for this pod`);
  return { target, spec: seconds === undefined ? spec : { ...spec, seconds } };
}

const portHint = 'name one by port=NUMBER';

/** The pod's targets with some of our keys put on the pod itself, where they are nearest. */
function outcomeOf(pod: PodRecord, keys: Readonly<Record<string, string>>, context: SnapContext): PodOutcome {
  const { view, rules, probe } = context;
  const ownership = workloadOf(pod, view);
  if (ownership.kind === 'pending') {
    throw new FlameherdError('not_ready', `the owner of pod ${pod.namespace}/${pod.name} is being asked for`);
  }
  const put = Object.entries(keys).map(([key, value]) => [annotationPrefix + key, value]);
  return targetsOfPod({
    pod: { ...pod, annotations: { ...pod.annotations, ...Object.fromEntries(put) } },
    workload: ownership.workload,
    namespace: view.namespace(pod.namespace),
    services: view.servicesOf(pod),
    config: rules,
    probe,
  });
}

function anyPod(pod: PodRecord, request: SnapRequest, { rules }: PodOutcome, context: SnapContext): PodOutcome {
  if (!request.anyPod) {
    const because = rules.find(({ verdict }) => verdict === 'fail')?.detail ?? 'it is not opted in';
    throw new FlameherdError('forbidden', `pod ${pod.namespace}/${pod.name} may not be asked: ${because}`, {
      hint: `opt it in by flameherd.dev/scrape, or use a token with the role admin (auth.mode: token)`,
    });
  }
  const { profile, container, port } = request;
  const where = port === undefined ? {} : { port: container === undefined ? port : `${container}:${port}` };
  return outcomeOf(pod, { scrape: 'true', profiles: profile, ...where }, context);
}

function matches({ labels, source, specs }: Target, { container, port }: SnapRequest, pod: PodRecord): boolean {
  if (container !== undefined && labels['container'] !== container) return false;
  if (port === undefined) return true;
  const own = pod.containers.find(({ name }) => name === labels['container']);
  const number = String(own?.ports.find(({ name }) => name === port)?.number ?? port);
  return source.endsWith(`/${port}`) || specs.some(({ endpoint }) => String(endpoint.port) === number);
}

function missingPod({ namespace, pod, namespaces }: SnapRequest, view: ClusterView): FlameherdError {
  const { because, nearMisses } = notFound({ namespace, pod }, view, namespaces);
  const hint = nearMisses.length > 0 ? `there is ${nearMisses.join(', ')}` : `kubectl -n ${namespace} get pods`;
  return new FlameherdError('not_found', because, { hint });
}

function noSource({ container, port }: SnapRequest, { targets, rules }: PodOutcome): FlameherdError {
  if (targets.length === 0) {
    const because = rules.findLast(({ verdict }) => verdict === 'fail')?.detail ?? 'the pod has nothing to ask';
    return new FlameherdError('forbidden', because);
  }
  const asked = [container && `container ${container}`, port && `port ${port}`].filter(Boolean).join(', ');
  return new FlameherdError('bad_parameter', `no source has ${asked}; there are ${targets.map(nameOf).join(', ')}`);
}

function severalSources(targets: readonly Target[]): FlameherdError {
  return new FlameherdError(
    'bad_parameter',
    `container, port: several sources match: ${targets.map(nameOf).join(', ')}`,
    {
      hint: 'name one by container and port',
    },
  );
}

function nameOf({ labels, specs, source }: Target): string {
  return `${labels['container']}:${specs[0]?.endpoint.port ?? source.split('/').at(-1)}`;
}
