import type { Endpoint, Target } from '../../model/target.ts';
import { pathProblem } from '../safety.ts';
import type { StreamBudget } from '../stream-budget.ts';
import { adviceOn, noCredentials, type TargetCredentials } from '../target-credentials.ts';
import { connectionError, type RawAnswer, readAnswer, withinTime } from './exchange.ts';
import type { PodName } from './port-forward.ts';
import { FetchError, type FetchReply, type FetchRequest, type Transport } from './transport.ts';

export interface PodProxyOptions {
  /** Why an endpoint may not be asked, or undefined: `safetyCheck`. */
  readonly refuse: (target: Target, endpoint: Endpoint) => string | undefined;
  /** GETs a path of a pod through the API server. */
  readonly open: (
    pod: PodName,
    to: { readonly scheme: 'http' | 'https'; readonly port: number; readonly path: string },
    signal: AbortSignal,
  ) => Promise<RawAnswer>;
  /** What an error of `open` means, where it is none of the connection. */
  readonly explain: (error: unknown, target: Target) => FetchError | undefined;
  readonly budget: StreamBudget;
  readonly credentials?: TargetCredentials;
}

/**
 * Asks the pod's own address from where the API server stands: for a collector without a route to the pods. It does not reach
 * what listens on 127.0.0.1 only. No credential of a target can go this way, for the API server takes the Authorization
 * header for its own and verifies no certificate.
 */
export class PodProxyTransport implements Transport {
  readonly name = 'pod-proxy';
  readonly #options: PodProxyOptions;
  readonly #credentials: TargetCredentials;

  constructor(options: PodProxyOptions) {
    this.#options = options;
    this.#credentials = options.credentials ?? noCredentials;
  }

  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const { endpoint } = request;
    const { pod } = target;
    const refused = this.#options.refuse(target, endpoint) ?? pathProblem(request.path);
    if (refused !== undefined) throw new FetchError('forbidden', refused);
    if (!pod) throw new FetchError('forbidden', 'pod-proxy reaches pods only, and this target is none');
    const { tls, authorization } = await this.#credentials.of(target, endpoint);
    if (tls?.rejectUnauthorized) {
      throw new FetchError(
        'tls',
        'pod-proxy cannot verify the certificate that scrape.tls asks for: use direct or port-forward',
      );
    }
    const node = target.labels['node'] ?? '';
    using _place = await this.#options.budget.enter(node, signal);
    // What we wait for ourselves is none of the target's time.
    await this.#options.budget.open(node, signal);
    const ask = (deadline: AbortSignal): Promise<FetchReply> => this.#ask(pod, request, deadline);
    const where = `${endpoint.host}:${endpoint.port} by pod-proxy`;
    const explain = (error: unknown): FetchError =>
      this.#options.explain(error, target) ?? connectionError(error, where);
    const reply = await withinTime(request, signal, ask, explain);
    return adviceOn(reply, target, { sent: false, withheld: authorization !== undefined });
  }

  async #ask(pod: PodName, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const { open } = this.#options;
    const { endpoint, path } = request;
    request.began?.();
    const answer = await open(pod, { scheme: endpoint.scheme, port: endpoint.port, path }, signal);
    return readAnswer(answer, request, 'known');
  }
}
