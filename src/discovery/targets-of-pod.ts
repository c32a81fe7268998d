import type { ObjectRecord, PodRecord, PodService } from '../kubernetes/records.ts';
import type { Endpoint, ScrapeSpec, Target, TargetState } from '../model/target.ts';
import { type Annotation, Annotations, named } from './annotations.ts';
import { readGrowth, readScheme, readTransport } from './choices.ts';
import type { WorkloadRecord } from './cluster-view.ts';
import { dialectNames } from './dialects.ts';
import type { ExplainedRule } from './discoverer.ts';
import { slowedDown } from './interval-floor.ts';
import { type OptIn, readOptIn } from './opt-in.ts';
import { checkPath, defaultPath } from './path.ts';
import { maxPorts, type PortChoice, portsOfAnnotation, portWithoutAnnotation, usualPort } from './port.ts';
import { type ProbeRequest, type ProbeResult, probeKey } from './probe.ts';
import { type KindPlan, type ProfilePlan, planProfiles } from './profiles.ts';
import type { DiscoveryRules } from './rules.ts';
import { containerRefusal, denial, hostNetworkRefusal, namespaceRefusal, podRefusal } from './scope.ts';
import { seriesLabels, serviceName } from './series-labels.ts';
import { portsOfService } from './service-level.ts';

export interface PodInput {
  readonly pod: PodRecord;
  readonly workload: WorkloadRecord;
  readonly namespace: ObjectRecord | undefined;
  /** The annotated Services that select the pod, by name. */
  readonly services: readonly PodService[];
  readonly config: DiscoveryRules;
  /** What is known of a probe; undefined when it was never made. */
  readonly probe: (key: string) => ProbeResult | undefined;
}

export interface PodOutcome {
  readonly targets: readonly Target[];
  /** Every rule that was asked, in order; the last `fail` decided. */
  readonly rules: readonly ExplainedRule[];
  /** Probes that must be made before the targets are settled. */
  readonly probes: readonly ProbeRequest[];
  readonly optIn: OptIn;
}

/** The targets of one pod, and the rules that led to them. Pure: the same input gives the same answer. */
export function targetsOfPod(input: PodInput): PodOutcome {
  const { pod, config } = input;
  const own = new Annotations(input, config.dialects);
  const optIn = readOptIn(own);
  const rules: ExplainedRule[] = [];
  const done = (targets: readonly Target[] = [], probes: readonly ProbeRequest[] = []) => ({
    targets,
    rules,
    probes,
    optIn,
  });

  const refused = namespaceRefusal(pod.namespace, config);
  rules.push(rule('namespace allowed', refused, `namespace ${pod.namespace} is allowed`));
  rules.push(...optInRules(optIn));
  const candidate = optIn.kind === 'none' ? optIn.candidate : undefined;
  if (refused || optIn.kind === 'out' || (optIn.kind === 'none' && !candidate)) return done();

  const noPod = podRefusal(pod);
  rules.push(rule('pod runs', noPod, `phase ${pod.phase}, IP ${pod.ip}`));
  if (noPod) return done();
  if (pod.deletionMs !== undefined)
    rules.push(info('terminating', 'the pod is being deleted: one last heap and goroutine scrape'));

  const annotations = candidate ? new Annotations(input, dialectNames) : own;
  const draft = new Draft(input, annotations, rules);
  const targets = draft.targets().map((target) => (candidate ? asCandidate(target, candidate) : target));
  return done(targets, candidate ? [] : draft.probes);
}

/** A rule that a target does not meet. */
interface Problem {
  readonly rule: string;
  readonly detail: string;
}

const noKinds = 'every kind of profile is switched off';

/** What all targets of a pod share while they are made. */
class Draft {
  readonly probes: ProbeRequest[] = [];
  readonly #input: PodInput;
  readonly #annotations: Annotations;
  readonly #rules: ExplainedRule[];
  readonly #plan: ProfilePlan;
  readonly #warnings: string[];

  constructor(input: PodInput, annotations: Annotations, rules: ExplainedRule[]) {
    this.#input = input;
    this.#annotations = annotations;
    this.#rules = rules;
    this.#plan = planProfiles(annotations, input.config);
    this.#warnings = [...annotations.warnings, ...this.#plan.warnings, ...annotations.unknownKeys(this.#plan.named)];
  }

  targets(): Target[] {
    const choices = this.#ports();
    const targets = choices.map((choice) => this.#target(choice, choices)).filter((target) => target !== undefined);
    const { kinds } = this.#plan;
    if (kinds.length > 0) this.#rules.push(info('profiles', kinds.map(describeKind).join(', ')));
    const told = new Set(targets.flatMap(({ warnings }) => warnings));
    this.#rules.push(...[...told].map((detail): ExplainedRule => ({ rule: 'warning', verdict: 'warning', detail })));
    return targets;
  }

  #ports(): PortChoice[] {
    const { pod } = this.#input;
    const asked = this.#annotations.get('port');
    if (asked) {
      if (asked.value.split(',').length > maxPorts)
        this.#warnings.push(`${named(asked)} names more than ${maxPorts} ports: used the first ${maxPorts}`);
      return portsOfAnnotation(pod, this.#podPorts(asked)).map((choice) =>
        choice.kind === 'unresolved' ? { ...choice, reason: `${named(asked)}: ${choice.reason}` } : choice,
      );
    }
    const choice = portWithoutAnnotation(pod);
    if (!choice) {
      this.#rules.push({ rule: 'container', verdict: 'fail', detail: 'the pod has no container that can be scraped' });
      return [];
    }
    return [choice.kind === 'open' ? this.#probed(choice) : choice];
  }

  /** What a port annotation says, in ports of the pod: a Service's may name its own. */
  #podPorts({ value, level }: Annotation): string {
    const { service } = this.#annotations;
    if (level.name !== 'service' || !service) return value;
    const { text, warnings } = portsOfService(this.#input.pod, value, service);
    for (const warning of warnings) if (!this.#warnings.includes(warning)) this.#warnings.push(warning);
    return text;
  }

  /** Probing is for opt-ins that mean this workload: a Namespace's would ask every port of every pod in it. */
  #probed(choice: PortChoice & { kind: 'open' }): PortChoice {
    const { pod, workload, config, probe } = this.#input;
    const { container, candidates } = choice;
    const level = this.#annotations.get('scrape')?.level.name;
    const scheme = readScheme(this.#annotations.get('scheme'));
    if (!config.probe) return usualPort(container, 'discovery.probe is off');
    if (level === 'namespace') return usualPort(container, 'an opt-in on the Namespace probes no ports');
    if (pod.hostNetwork) return usualPort(container, 'hostNetwork pods are not probed');
    if (candidates.length === 0) return usualPort(container, 'no declared port could be pprof');
    const key = probeKey(pod, workload, container);
    const result = probe(key);
    if (result?.kind === 'none') return usualPort(container, `no pprof index on ${result.asked.join(', ')}`);
    if (result) {
      const because = `probing found pprof (asked ${result.asked.join(', ')})`;
      return { kind: 'resolved', container, port: result.port, declared: true, because, warning: undefined };
    }
    const path = checkPath(this.#annotations.get('path'), config.pathPattern, defaultPath).value;
    const runs = containerRefusal(container) === undefined;
    if (runs && pod.deletionMs === undefined) {
      this.probes.push({ key, scheme: scheme ?? 'http', host: pod.ip, path, ports: candidates });
    }
    return choice;
  }

  #target(choice: PortChoice, all: readonly PortChoice[]): Target | undefined {
    const { pod, workload, config } = this.#input;
    const container = choice.container ?? pod.containers.find(({ role }) => role === 'container');
    if (!container) return undefined;
    const text = choice.kind === 'resolved' ? String(choice.port) : choice.kind === 'open' ? 'probing' : choice.text;
    const service = serviceName(this.#annotations, { pod, workload, container });
    const port = all.length > 1 ? text : undefined;
    const labels = seriesLabels({ pod, workload, container, service: service.value, port }, config);
    const denied = denial(labels, config);
    if (denied) this.#rules.push({ rule: 'not denied', verdict: 'fail', detail: denied });
    if (denied) return undefined;

    const waits = containerRefusal(container);
    this.#rules.push(rule('container', waits, `${container.name} runs ${container.image}`));
    if (container.containerId === '') return undefined;
    const { specs, problem } = this.#specs(choice, all);
    const onHost = hostNetworkRefusal(pod, choice.kind === 'resolved' && choice.declared, config);
    if (onHost !== undefined) this.#rules.push({ rule: 'hostNetwork', verdict: 'fail', detail: onHost });
    if (problem !== undefined) this.#rules.push({ rule: problem.rule, verdict: 'fail', detail: problem.detail });
    else this.#rules.push(portRule(choice));
    const refused = problem?.detail ?? onHost;
    const transport = readTransport(this.#annotations.get('transport'));
    const growth = readGrowth(this.#annotations.get('growth'));
    const paced = slowedDown(specs, transport.value);
    const warnings = [
      choice.kind === 'resolved' ? choice.warning : undefined,
      service.warning,
      transport.warning,
      paced.warning,
      growth.warning,
    ];
    return {
      source: `${pod.uid}/${container.containerId}/${text}`,
      discoverer: 'kubernetes',
      labels,
      process: {
        id: `${pod.uid}/${container.containerId}`,
        slot: `${pod.namespace}/${pod.name}/${container.name}`,
        startedMs: container.startedMs,
      },
      ...(container.imageDigest === '' ? {} : { build: container.imageDigest }),
      ...(container.memoryLimit === undefined ? {} : { memoryLimitBytes: container.memoryLimit }),
      specs: refused === undefined ? paced.specs : [],
      transport: transport.value,
      ...(growth.value === undefined ? {} : { growth: growth.value }),
      state: stateOf(choice, refused, waits),
      warnings: [...warnings.filter((each) => each !== undefined), ...this.#warnings],
      terminating: pod.deletionMs !== undefined,
      pod: { namespace: pod.namespace, name: pod.name, uid: pod.uid },
      serviceAccount: pod.serviceAccount,
      hostNetwork: pod.hostNetwork,
    };
  }

  /** What to fetch, or why this target cannot be carried out. */
  #specs(choice: PortChoice, all: readonly PortChoice[]): { specs: ScrapeSpec[]; problem: Problem | undefined } {
    const failed = (rule: string, detail: string) => ({ specs: [], problem: { rule, detail } });
    if (choice.kind === 'unresolved') return failed('port', choice.reason);
    const asked = this.#annotations.get('scheme');
    const scheme = readScheme(asked);
    if (!scheme) return failed('scheme', `${asked ? named(asked) : ''} is neither http nor https`);
    if (choice.kind === 'open') return { specs: [], problem: undefined };
    if (this.#plan.kinds.length === 0) return failed('profiles', noKinds);
    const endpoint: Endpoint = { scheme, host: this.#input.pod.ip, port: choice.port };
    const first = all.find((each) => each.container?.name === choice.container.name) === choice;
    const specs: ScrapeSpec[] = [];
    for (const plan of this.#plan.kinds) {
      const { kind, path, intervalMs, seconds } = plan;
      const own = this.#kindPort(plan, choice.container.name);
      if (typeof own === 'string') return failed('port', own);
      // A kind with a port of its own is one stream, however many ports its container has.
      if (own !== undefined && !first) continue;
      specs.push({ kind, endpoint: { ...endpoint, port: own ?? endpoint.port }, path, intervalMs, seconds });
    }
    return { specs, problem: undefined };
  }

  /** The port of `<kind>.port`: undefined when there is none, a sentence when it does not resolve. */
  #kindPort({ port }: KindPlan, container: string): number | string | undefined {
    if (!port) return undefined;
    const text = this.#podPorts(port);
    const [choice] = portsOfAnnotation(this.#input.pod, text.includes(':') ? text : `${container}:${text}`);
    if (choice?.kind === 'unresolved') return `${named(port)}: ${choice.reason}`;
    if (choice?.kind !== 'resolved') return `${named(port)} names no port`;
    if (choice.container.name !== container) return `${named(port)} is in another container than ${container}`;
    const refused = hostNetworkRefusal(this.#input.pod, choice.declared, this.#input.config);
    return refused ? `${named(port)}: ${refused}` : choice.port;
  }
}

function stateOf(choice: PortChoice, refused: string | undefined, waits: string | undefined): TargetState {
  if (refused !== undefined) return { kind: 'unresolved', reason: refused };
  if (waits !== undefined) return { kind: 'held', reason: waits };
  if (choice.kind === 'open') return { kind: 'held', reason: `probing ports ${choice.candidates.join(', ')}` };
  return { kind: 'active' };
}

function asCandidate(target: Target, { dialect, said }: { dialect: string; said: string }): Target {
  const ways = `discovery.dialects: [${dialect}] or flameherd.dev/scrape=true`;
  return { ...target, state: { kind: 'candidate', reason: `${said} is ${dialect}'s; to scrape it: ${ways}` } };
}

function optInRules(optIn: OptIn): ExplainedRule[] {
  if (optIn.kind === 'in') return [{ rule: 'opted in', verdict: 'pass', detail: named(optIn.annotation) }];
  if (optIn.kind === 'out') {
    return [{ rule: 'opted in', verdict: 'fail', detail: optIn.warning ?? `${named(optIn.annotation)} opts out` }];
  }
  const detail = 'flameherd.dev/scrape is neither on the pod, nor its workload, nor a Service of it, nor its Namespace';
  const rules: ExplainedRule[] = [{ rule: 'opted in', verdict: 'fail', detail }];
  if (optIn.candidate) {
    const { dialect, said } = optIn.candidate;
    rules.push(info('candidate', `${said} is ${dialect}'s, which discovery.dialects does not name`));
  }
  return rules;
}

function portRule(choice: PortChoice): ExplainedRule {
  if (choice.kind === 'open') return info('port', `probing ${choice.candidates.join(', ')}`);
  if (choice.kind === 'unresolved') return { rule: 'port', verdict: 'fail', detail: choice.reason };
  return { rule: 'port', verdict: 'pass', detail: `${choice.container.name}:${choice.port}, ${choice.because}` };
}

function describeKind({ kind, path, intervalMs, seconds }: KindPlan): string {
  return `${kind} ${path} every ${intervalMs / 1000}s${seconds === undefined ? '' : ` for ${seconds}s`}`;
}

function rule(name: string, refused: string | undefined, passed: string): ExplainedRule {
  return refused === undefined
    ? { rule: name, verdict: 'pass', detail: passed }
    : { rule: name, verdict: 'fail', detail: refused };
}

function info(name: string, detail: string): ExplainedRule {
  return { rule: name, verdict: 'info', detail };
}
