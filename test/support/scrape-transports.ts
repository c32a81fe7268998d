import { get as httpGet } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Target, TransportName } from '../../src/model/target.ts';
import { classifyReply } from '../../src/scrape/classify.ts';
import { StreamBudget, type StreamLimits } from '../../src/scrape/stream-budget.ts';
import { DirectTransport } from '../../src/scrape/transports/direct.ts';
import type { RawAnswer } from '../../src/scrape/transports/exchange.ts';
import { PodProxyTransport } from '../../src/scrape/transports/pod-proxy.ts';
import { type PortForwardOptions, PortForwardTransport } from '../../src/scrape/transports/port-forward.ts';
import { FetchError, type FetchRequest, type Transport } from '../../src/scrape/transports/transport.ts';
import { targetOf } from './scrape-targets.ts';

export const roomy: StreamLimits = { streams: 100, streamsPerNode: 100, perSecond: 1000 };
export const never = new AbortController().signal;

export function budgetOf(limits: Partial<StreamLimits> = {}, waitMs = 50, name: TransportName = 'port-forward') {
  return new StreamBudget(name, 'transports.portForward', { ...roomy, ...limits }, Date.now, waitMs);
}

export interface Forward {
  readonly transport: PortForwardTransport;
  /** Every stream that was opened. */
  readonly opened: readonly { readonly pod: string; readonly port: number; readonly socket: Socket }[];
}

/** Port-forward whose streams are plain sockets to ports of this machine. */
export function forwardOver(change: Partial<PortForwardOptions> = {}): Forward {
  const opened: { pod: string; port: number; socket: Socket }[] = [];
  const transport = new PortForwardTransport({
    refuse: () => undefined,
    explain: () => undefined,
    budget: budgetOf(),
    kept: 10,
    open: async ({ name }, port) => {
      const socket = connect(port, '127.0.0.1');
      opened.push({ pod: name, port, socket });
      return socket;
    },
    ...change,
  });
  return { transport, opened };
}

/** Pod-proxy that asks ports of this machine. */
export function proxyOver(change: Partial<ConstructorParameters<typeof PodProxyTransport>[0]> = {}): PodProxyTransport {
  return new PodProxyTransport({
    refuse: () => undefined,
    explain: () => undefined,
    budget: budgetOf({}, 50, 'pod-proxy'),
    open: (_, { port, path }, signal) =>
      new Promise<RawAnswer>((resolve, reject) => {
        const asked = httpGet({ host: '127.0.0.1', port, path, signal, agent: false }, (answer) =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer }),
        );
        asked.on('error', reject);
      }),
    ...change,
  });
}

/** Each transport that asks a port of this machine by itself. */
export function everyTransport(): readonly Transport[] {
  return [new DirectTransport({ refuse: () => undefined }), forwardOver().transport, proxyOver()];
}

export function requestTo(port: number, change: Partial<FetchRequest> = {}): FetchRequest {
  const endpoint = { scheme: 'http', host: '127.0.0.1', port } as const;
  return { endpoint, path: '/debug/pprof/heap', timeoutMs: 5000, maxBytes: 1_000_000, ...change };
}

/** What a fetch comes to, as a target would show it: `profile`, or the reason and its sentence. */
export async function told(
  transport: Pick<Transport, 'fetch'>,
  request: FetchRequest,
  target: Target = targetOf('a', ['heap']),
): Promise<string> {
  try {
    const verdict = classifyReply(request.path, await transport.fetch(target, request, never));
    return verdict.kind === 'profile' ? 'profile' : `${verdict.reason}: ${verdict.message}`;
  } catch (error) {
    if (error instanceof FetchError) return `${error.failure}: ${error.message}`;
    throw error;
  }
}
