import { isIPv6 } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { messageOf } from '../../model/errors.ts';
import type { Endpoint, Target } from '../../model/target.ts';
import { type Bytes, type DurationMs, second } from '../../model/units.ts';
import { pathProblem } from '../safety.ts';
import { cleanSnippet } from './snippet.ts';
import { FetchError, type FetchFailure, type FetchReply, type FetchRequest, type Transport } from './transport.ts';

export interface DirectOptions {
  /** Why an endpoint may not be asked, or undefined: `safetyCheck`. */
  readonly refuse: (target: Target, endpoint: Endpoint) => string | undefined;
  /** Whether the certificate of a pod must be good; static targets' always must. Pods' are seldom issued for an address. */
  readonly verifyPods?: boolean;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  readonly connectTimeoutMs?: DurationMs;
}

const defaultConnectTimeoutMs: DurationMs = 5 * second;
/** How much of an answer that is no profile is read for its snippet. */
const maxErrorBody: Bytes = 4096;

/**
 * Asks the pod's own address over plain HTTP or TLS.
 *
 * Every request has a connection of its own, closed after it: an address may belong to another pod the next minute, and a
 * socket kept alive would then hand us a stranger's profile. One deadline covers connecting, waiting and reading, so a
 * target that drips a byte a second holds us no longer than one that is silent. Nothing of ours is sent but the path.
 */
export class DirectTransport implements Transport {
  readonly name = 'direct';
  readonly #options: DirectOptions;

  constructor(options: DirectOptions) {
    this.#options = options;
  }

  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const refused = this.#options.refuse(target, request.endpoint) ?? pathProblem(request.path);
    if (refused !== undefined) throw new FetchError('forbidden', refused);
    const deadline = AbortSignal.timeout(request.timeoutMs);
    const client = this.#connect(target, request);
    try {
      return await exchange(client, request, AbortSignal.any([signal, deadline]));
    } catch (error) {
      if (error instanceof FetchError) throw error;
      if (signal.aborted) throw new FetchError('aborted', 'the scrape was called off', error);
      if (deadline.aborted)
        throw new FetchError('timeout', `no whole answer within ${request.timeoutMs / second} s`, error);
      throw toFetchError(error, request.endpoint);
    } finally {
      await client.destroy();
    }
  }

  #connect(target: Target, { endpoint, timeoutMs }: FetchRequest): Client {
    const { verifyPods = false, ca, connectTimeoutMs = defaultConnectTimeoutMs } = this.#options;
    return new Client(originOf(endpoint), {
      pipelining: 0,
      allowH2: false,
      // The deadline above bounds these; undici's own clocks would only cut a long CPU profile short.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: Math.min(connectTimeoutMs, timeoutMs),
        rejectUnauthorized: target.discoverer === 'static' || verifyPods,
        ...(ca === undefined ? {} : { ca }),
      },
    });
  }
}

async function exchange(client: Client, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
  const {
    statusCode: status,
    headers,
    body,
  } = await client.request({
    method: 'GET',
    path: request.path,
    headers: { 'user-agent': 'flameherd', accept: '*/*' },
    signal,
  });
  const contentType = headerText(headers['content-type']).toLowerCase();
  if (status === 200) {
    const isCut = request.overMaxBytes === 'cut';
    const bytes = await (isCut ? readStart(body, request.maxBytes) : readWhole(body, headers, request));
    return { kind: 'body', status, contentType, bytes };
  }
  const showsText = (status < 200 || status > 299) && contentType.startsWith('text/plain');
  return {
    kind: 'status',
    status,
    snippet: showsText ? cleanSnippet(await readStart(body, maxErrorBody)) : '',
    location: status >= 300 && status < 400 ? cleanSnippet(Buffer.from(headerText(headers['location']))) : '',
    goPprof: headerText(headers['x-go-pprof']) === '1',
  };
}

type Body = Dispatcher.ResponseData['body'];

/** The whole body in a buffer of its own, which may be transferred. Stops at the caps, whatever Content-Length said. */
async function readWhole(
  body: Body,
  headers: Dispatcher.ResponseData['headers'],
  { maxBytes, mayGrow }: FetchRequest,
): Promise<Uint8Array> {
  const tooLarge = (size: string): FetchError =>
    new FetchError('too_large', `the answer is ${size} bytes long, at most ${maxBytes} are read (scrape.maxBody)`);
  const announced = Number(headerText(headers['content-length']));
  if (announced > maxBytes) throw tooLarge(String(announced));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(`more than ${maxBytes}`);
    if (mayGrow && !mayGrow(size)) {
      throw new FetchError(
        'too_large',
        `given up at ${size} bytes: all answers under way together exceed their budget`,
      );
    }
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** The first bytes. What is cut off in the middle still tells something, so an end with an error is an end. */
async function readStart(body: Body, maxBytes: Bytes): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBytes) break;
    }
  } catch {
    return Buffer.concat(chunks).subarray(0, maxBytes);
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

/** `http://10.0.0.7:6060`, `http://[fd00::7]:6060`: host and port are put in as values, so a path can never reach them. */
export function originOf({ scheme, host, port }: Endpoint): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

const failureOfCode: Readonly<Record<string, FetchFailure>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  CERT_NOT_YET_VALID: 'tls',
};

function toFetchError(error: unknown, endpoint: Endpoint): FetchError {
  const code = codeOf(error);
  const failure = failureOfCode[code] ?? (/^(ERR_TLS|ERR_SSL)/.test(code) ? 'tls' : 'other');
  const what = messageOf(error) || code;
  const hint = failure === 'refused' ? ': nothing listens there, or only on its own 127.0.0.1' : '';
  return new FetchError(failure, `${originOf(endpoint)}: ${cleanSnippet(Buffer.from(what))}${hint}`, error);
}

/** The code of an error; of several addresses tried, the first one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
