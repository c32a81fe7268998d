import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Bytes } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import type { Access } from './credentials.ts';
import { KubernetesError, toKubernetesError } from './errors.ts';
import { checkedPort, type PodName, podPath } from './pod-path.ts';
import { errorOfProxyStatus } from './pod-proxy-error.ts';

export { PodProxyError, type PodProxyFailure } from './pod-proxy-error.ts';

export interface ProxiedEndpoint {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

export interface ProxiedReply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Readable;
}

/** A Status is short; what is longer is the pod's. */
const maxStatusBytes: Bytes = 64 << 10;

/**
 * GET by way of the API server to the pod's own address (not its loopback). Redirects are not followed; what the pod answered
 * is given as it came, except that a failure in JSON is cut at 64 KiB. The caller reads or destroys the body; the signal ends
 * it too. Rejects with a `KubernetesError` when the API server refused, with a `PodProxyError` when it could not reach the
 * pod, and with the signal's reason. No error repeats what a pod said.
 */
export async function openPodProxy(
  client: KubernetesClient,
  pod: PodName,
  to: ProxiedEndpoint,
  options: { readonly signal: AbortSignal },
): Promise<ProxiedReply> {
  const scheme = to.scheme === 'https' ? 'https:' : '';
  // Always the number: asked for a port by its name, the API server breaks the connection.
  const root = `${podPath(pod, scheme, `:${checkedPort(to.port)}`)}/proxy`;
  return client.withAccess(async (access) => {
    const reply = await send(client, access, `${root}${checkedPath(to.path)}`, options.signal);
    // Destroying a body makes it emit an error, which would end the process when nobody listens.
    reply.body.on('error', () => {});
    const error = reply.statusCode < 400 ? undefined : await refusal(reply, pod);
    if (error instanceof Error) throw error;
    return { status: reply.statusCode, headers: withPlainLocation(reply.headers, root), body: error ?? reply.body };
  });
}

async function send(
  client: KubernetesClient,
  access: Access,
  path: string,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname } = new URL(access.server);
  try {
    // The path goes as it is: parsed as a URL it could come out as another.
    return await client.bulkDispatcher(access).request({
      origin,
      path: `${pathname.replace(/\/$/, '')}${path}`,
      method: 'GET',
      headers: { ...access.headers, accept: '*/*', 'user-agent': 'flameherd' },
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw toKubernetesError(error);
  }
}

/** The error that the API server itself tells by a Status, or the pod's own body, to be read from its start. */
async function refusal(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  pod: PodName,
): Promise<Error | Readable> {
  if (!String(headers['content-type']).startsWith('application/json')) return body;
  const bytes = await readStart(body);
  return errorOfProxyStatus(bytes, statusCode, pod) ?? Readable.from([bytes], { objectMode: false });
}

/** The API server puts its own path before that of a redirect; what the pod said is shorter and tells nothing of ours. */
function withPlainLocation(headers: ProxiedReply['headers'], root: string): ProxiedReply['headers'] {
  const location = headers['location'];
  const at = typeof location === 'string' ? location.indexOf(`${root}/`) : -1;
  return at < 0 ? headers : { ...headers, location: String(location).slice(at + root.length) };
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxStatusBytes) break;
    }
  } catch (error) {
    throw toKubernetesError(error);
  }
  return Buffer.concat(chunks).subarray(0, maxStatusBytes);
}

function checkedPath(path: string): string {
  const segments = path.replace(/\?.*$/s, '').split(/\/|%2f|%5c/i);
  const climbs = segments.some((segment) => /^\.{1,2}$/.test(segment.replaceAll(/%2e/gi, '.')));
  if (/^\/[!-~]*$/.test(path) && !/[\\#]/.test(path) && !climbs) return path;
  throw new KubernetesError({ kind: 'invalid', message: `path ${JSON.stringify(path)} may not be asked of a pod` });
}
