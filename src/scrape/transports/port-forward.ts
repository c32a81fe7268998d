import type { Duplex } from 'node:stream';
import type { Endpoint, Target } from '../../model/target.ts';
import { type DurationMs, minute, second } from '../../model/units.ts';
import { pathProblem } from '../safety.ts';
import type { StreamBudget } from '../stream-budget.ts';
import {
  adviceOn,
  authorizationOverAny,
  type Credentials,
  noCredentials,
  type TargetCredentials,
} from '../target-credentials.ts';
import { connectionError, type Exchange, withinTime } from './exchange.ts';
import { KeptStreams } from './kept-streams.ts';
import { overTls, PodStream } from './pod-stream.ts';
import { FetchError, type FetchReply, type FetchRequest, type Transport } from './transport.ts';

/** A pod as the API server knows it. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

export interface PortForwardOptions {
  /** Why an endpoint may not be asked, or undefined: `safetyCheck`. */
  readonly refuse: (target: Target, endpoint: Endpoint) => string | undefined;
  /** A stream to a port of the pod's own loopback. */
  readonly open: (pod: PodName, port: number, signal: AbortSignal) => Promise<Duplex>;
  /** What an error of `open` or of its stream means, where it is none of the connection. */
  readonly explain: (error: unknown, target: Target) => FetchError | undefined;
  readonly budget: StreamBudget;
  /** Idle streams kept for the next scrape, in all. */
  readonly kept: number;
  readonly keptMs?: DurationMs;
  readonly credentials?: TargetCredentials;
}

/** A source that is asked once a minute keeps its stream; one that is asked less often is not worth a socket of the API server. */
const defaultKeptMs: DurationMs = 90 * second;
/** A kept stream that was closed shows within a second (the runtime waits so long); an answer that breaks off later is no such thing. */
const retryWithinMs: DurationMs = 2 * second;

/**
 * Asks the pod's own loopback through the API server and the kubelet, as `kubectl port-forward` does: for processes that listen
 * on 127.0.0.1 only.
 *
 * A stream is kept for the next question to the same port of the same process, and of no other: a pod that comes again
 * under the same name has another UID, and a container that starts again another id.
 */
export class PortForwardTransport implements Transport, AsyncDisposable {
  readonly name = 'port-forward';
  readonly #options: PortForwardOptions;
  readonly #credentials: TargetCredentials;
  readonly #kept: KeptStreams;

  constructor(options: PortForwardOptions) {
    this.#options = options;
    this.#credentials = options.credentials ?? noCredentials;
    this.#kept = new KeptStreams(options.kept);
  }

  /** Idle streams, and how many were closed to make room for others. */
  get kept(): { readonly count: number; readonly limit: number; readonly evicted: number } {
    return this.#kept;
  }

  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const { refuse, budget } = this.#options;
    const refused = refuse(target, request.endpoint) ?? pathProblem(request.path) ?? withoutPod(target);
    if (refused !== undefined) throw new FetchError('forbidden', refused);
    const credentials = await this.#credentials.of(target, request.endpoint);
    // On a node's loopback another process may have the port; a pod's own is the pod's.
    const authorization = target.hostNetwork
      ? authorizationOverAny(credentials, request.endpoint)
      : credentials.authorization;
    const node = target.labels['node'] ?? '';
    using _place = await budget.enter(node, signal);
    const kept = this.#keptFor(target, request.endpoint, credentials);
    // What we wait for ourselves is none of the target's time.
    if (!kept) await budget.open(node, signal);
    const ask = (deadline: AbortSignal): Promise<FetchReply> => {
      const headers = authorization === undefined ? undefined : { authorization };
      return this.#ask(kept, target, request, { signal: deadline, shows: 'known', headers }, credentials);
    };
    const reply = await withinTime(request, signal, ask, (error) => this.#explain(error, target, request.endpoint));
    return adviceOn(reply, target, {
      sent: authorization !== undefined,
      withheld: credentials.authorization !== authorization,
    });
  }

  forget({ process }: Target): void {
    this.#kept.forget(process.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kept.close();
  }

  /** One that was opened with other certificates is closed. */
  #keptFor({ process }: Target, endpoint: Endpoint, { tls }: Credentials): PodStream | undefined {
    const kept = this.#kept.take(process.id, keyOf(endpoint));
    if (!kept || kept.tls === tls) return kept;
    kept.close();
    return undefined;
  }

  /** Over the kept stream, and once more over a fresh one when the kept one turns out to be closed. */
  async #ask(
    kept: PodStream | undefined,
    target: Target,
    request: FetchRequest,
    how: Exchange,
    credentials: Credentials,
  ): Promise<FetchReply> {
    const { endpoint } = request;
    if (kept) {
      const sentMs = performance.now();
      let isAnswered = false;
      const answered = (): void => {
        isAnswered = true;
      };
      try {
        return await this.#over(kept, target, request, { ...how, answered });
      } catch (error) {
        const wasClosed = !isAnswered && this.#explain(error, target, endpoint).failure === 'reset';
        if (how.signal.aborted || !wasClosed || performance.now() - sentMs > retryWithinMs) throw error;
        await this.#options.budget.open(target.labels['node'] ?? '', how.signal);
      }
    }
    return this.#over(await this.#open(target, endpoint, how.signal, credentials), target, request, how);
  }

  async #over(stream: PodStream, { process }: Target, request: FetchRequest, how: Exchange): Promise<FetchReply> {
    try {
      const reply = await stream.ask(request, how);
      this.#kept.keep(process.id, keyOf(request.endpoint), stream);
      return reply;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  async #open(target: Target, endpoint: Endpoint, signal: AbortSignal, { tls }: Credentials): Promise<PodStream> {
    const { open, keptMs = defaultKeptMs } = this.#options;
    const { namespace = '', name = '' } = target.pod ?? {};
    const plain = await open({ namespace, name }, endpoint.port, signal);
    const stream = endpoint.scheme === 'https' ? await overTls(plain, loopback(endpoint), tls, signal) : plain;
    const made: PodStream = new PodStream(stream, {
      endpoint: loopback(endpoint),
      tls,
      idleMs: Math.min(keptMs, 10 * minute),
      onClose: () => this.#kept.drop(made),
    });
    return made;
  }

  #explain(error: unknown, target: Target, { port }: Endpoint): FetchError {
    if (error instanceof FetchError) return error;
    return this.#options.explain(error, target) ?? connectionError(error, `127.0.0.1:${port} by port-forward`);
  }
}

function withoutPod({ pod }: Target): string | undefined {
  return pod === undefined ? 'port-forward reaches pods only, and this target is none' : undefined;
}

function keyOf({ scheme, port }: Endpoint): string {
  return `${scheme}:${port}`;
}

/** What the process sees as its address. */
function loopback(endpoint: Endpoint): Endpoint {
  return { ...endpoint, host: '127.0.0.1' };
}
