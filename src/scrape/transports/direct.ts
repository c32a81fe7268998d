import { Client } from 'undici';
import type { Endpoint, Target } from '../../model/target.ts';
import { type DurationMs, second } from '../../model/units.ts';
import { pathProblem } from '../safety.ts';
import {
  adviceOn,
  authorizationOverAny,
  type Credentials,
  noCredentials,
  type TargetCredentials,
} from '../target-credentials.ts';
import { clientOptions, connectionError, exchange, originOf, withinTime } from './exchange.ts';
import { FetchError, type FetchReply, type FetchRequest, type Transport } from './transport.ts';

export interface DirectOptions {
  /** Why an endpoint may not be asked, or undefined: `safetyCheck`. */
  readonly refuse: (target: Target, endpoint: Endpoint) => string | undefined;
  /** TLS and credentials by namespace and ServiceAccount; absent: none. */
  readonly credentials?: TargetCredentials;
  /** Whether the certificate of a pod must be good; static targets' always must. Pods' are seldom issued for an address. */
  readonly verifyPods?: boolean;
  /** Whether it is the daemon itself, whose certificate is for the name that others know it by. Nothing secret is sent to it. */
  readonly isSelf?: (target: Target) => boolean;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  readonly connectTimeoutMs?: DurationMs;
}

const defaultConnectTimeoutMs: DurationMs = 5 * second;

/**
 * Asks the pod's own address over plain HTTP or TLS.
 *
 * Every request has a connection of its own, closed after it: an address may belong to another pod the next minute, and a
 * socket kept alive would then hand us a stranger's profile. For the same reason credentials go over a verified connection
 * only, unless their entry allows more.
 */
export class DirectTransport implements Transport {
  readonly name = 'direct';
  readonly #options: DirectOptions;
  readonly #credentials: TargetCredentials;

  constructor(options: DirectOptions) {
    this.#options = options;
    this.#credentials = options.credentials ?? noCredentials;
  }

  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const { endpoint } = request;
    const refused = this.#options.refuse(target, endpoint) ?? pathProblem(request.path);
    if (refused !== undefined) throw new FetchError('forbidden', refused);
    const credentials = await this.#credentials.of(target, endpoint);
    const authorization = authorizationOverAny(credentials, endpoint);
    const explain = (error: unknown): FetchError =>
      connectionError(error, originOf(endpoint), ': nothing listens there, or only on its own 127.0.0.1');
    const ask = async (deadline: AbortSignal): Promise<FetchReply> => {
      const client = this.#connect(target, request, credentials);
      try {
        const headers = authorization === undefined ? undefined : { authorization };
        return await exchange(client, request, { signal: deadline, shows: 'cleaned', headers });
      } finally {
        await client.destroy();
      }
    };
    const reply = await withinTime(request, signal, ask, explain);
    return adviceOn(reply, target, {
      sent: authorization !== undefined,
      withheld: credentials.authorization !== authorization,
    });
  }

  #connect(target: Target, { endpoint, timeoutMs }: FetchRequest, { tls }: Credentials): Client {
    const { verifyPods = false, isSelf, ca, connectTimeoutMs = defaultConnectTimeoutMs } = this.#options;
    return new Client(originOf(endpoint), {
      ...clientOptions,
      pipelining: 0,
      connect: {
        timeout: Math.min(connectTimeoutMs, timeoutMs),
        rejectUnauthorized: (target.discoverer === 'static' && isSelf?.(target) !== true) || verifyPods,
        ...(ca === undefined ? {} : { ca }),
        ...tls,
      },
    });
  }
}
