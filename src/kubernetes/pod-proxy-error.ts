import { errorFromStatus, KubernetesError } from './errors.ts';
import type { PodName } from './pod-path.ts';

/** How the API server failed to reach the pod's address. */
export type PodProxyFailure = 'refused' | 'timeout' | 'reset' | 'tls' | 'other';

export class PodProxyError extends Error {
  override readonly name = 'PodProxyError';
  readonly reason: PodProxyFailure;

  constructor(reason: PodProxyFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}

interface WireStatus {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly name?: string; readonly kind?: string };
}

/**
 * The error of a Status, or undefined when the body is the pod's own answer. A pod may imitate a Status, so none of its text
 * is repeated, and a 404 is the API server's only when it names the pod.
 */
export function errorOfProxyStatus(body: Buffer, httpStatus: number, pod: PodName): Error | undefined {
  const status = parsed(body);
  if (status?.kind !== 'Status' || status.apiVersion !== 'v1') return undefined;
  const trouble = /^error trying to reach service: (.*)$/s.exec(status.message ?? '')?.[1];
  if (httpStatus === 503 && trouble !== undefined) return reachError(trouble);
  const name = status.details?.name?.replace(/^https?:/, '').replace(/:\d*$/, '');
  if (httpStatus === 404 && name !== pod.name) return undefined;
  const { kind, retryAfterMs } = errorFromStatus({}, httpStatus);
  const reason = /^[A-Za-z]{0,40}$/.test(status.reason ?? '') ? (status.reason ?? '') : '';
  return new KubernetesError({
    kind,
    status: httpStatus,
    reason,
    retryAfterMs,
    message: sentence(httpStatus, reason, pod),
  });
}

/** What Go's HTTP client says, by its known words: some of its errors quote the pod's bytes. */
function reachError(trouble: string): PodProxyError {
  const address = /^dial tcp ([0-9a-f.:[\]]{3,60}): /i.exec(trouble)?.[1];
  const where = address === undefined ? 'the pod' : address;
  if (trouble.endsWith('connection refused'))
    return new PodProxyError('refused', `${where} refused the connection of the API server`);
  if (/tls: |x509: |HTTP response to HTTPS client/.test(trouble)) {
    return new PodProxyError('tls', 'the API server and the pod did not agree on TLS: check the scheme');
  }
  if (/i\/o timeout|deadline exceeded|no route to host|network is unreachable/.test(trouble)) {
    return new PodProxyError('timeout', `the API server cannot reach ${where}: no answer`);
  }
  if (/EOF$|connection reset|broken pipe/.test(trouble)) {
    return new PodProxyError('reset', 'the pod broke the connection of the API server');
  }
  return new PodProxyError('other', 'the API server could not make sense of the answer of the pod: is this port HTTP?');
}

function sentence(code: number, reason: string, { namespace, name }: PodName): string {
  if (code === 401) return 'the API server refuses the credentials';
  if (code === 403) return `pods/proxy of ${namespace}/${name} is forbidden; a Role must grant get on pods/proxy`;
  if (code === 404) return `the API server knows no pod ${namespace}/${name}`;
  return `the API server answered ${code}${reason && ` ${reason}`} for pods/proxy of ${namespace}/${name}`;
}

function parsed(body: Buffer): WireStatus | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as WireStatus;
  } catch {
    return undefined;
  }
}
