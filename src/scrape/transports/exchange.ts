import { isIPv6 } from 'node:net';
import type { Client } from 'undici';
import { messageOf } from '../../model/errors.ts';
import type { Endpoint } from '../../model/target.ts';
import { type Bytes, second } from '../../model/units.ts';
import { knownSentence } from './known-sentences.ts';
import { cleanSnippet } from './snippet.ts';
import { FetchError, type FetchFailure, type FetchReply, type FetchRequest } from './transport.ts';

/** An answer that begins to come in, whatever brings it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AnswerBody;
}

export interface AnswerBody extends AsyncIterable<Uint8Array> {
  /** As of a stream: what goes wrong after the reading has ended matters to nobody, and must have a listener. */
  on?(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
}

/**
 * What of an answer's own words may be shown. `cleaned`: plain text that is no 2xx, and where a redirect points. `known`: only the
 * sentences of pprof servers, for a transport that reaches what the collector itself could not: an annotation must not make
 * it a reader of other people's admin pages.
 */
export type ShownText = 'cleaned' | 'known';

/** How much of an answer that is no profile is read for its snippet. */
const maxErrorBody: Bytes = 4096;

/**
 * Runs one fetch under one deadline, which covers connecting, waiting and reading: a target that drips a byte a second holds us
 * no longer than one that is silent. Throws `FetchError` only; `explain` words what is none.
 */
export async function withinTime(
  request: FetchRequest,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<FetchReply>,
  explain: (error: unknown) => FetchError,
): Promise<FetchReply> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  try {
    return await run(AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (signal.aborted) throw new FetchError('aborted', 'the scrape was called off', error);
    if (deadline.aborted)
      throw new FetchError('timeout', `no whole answer within ${request.timeoutMs / second} s`, error);
    throw error instanceof FetchError ? error : explain(error);
  }
}

/** The options of an undici client that keeps no clock of its own: the deadline bounds it, and a CPU profile takes minutes. */
export const clientOptions = { allowH2: false, headersTimeout: 0, bodyTimeout: 0 } as const;

export interface Exchange {
  readonly signal: AbortSignal;
  readonly shows: ShownText;
  /** Sent with the question besides our name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Told when the head of the answer is there. */
  readonly answered?: () => void;
}

/** Asks over a client's connection and reads the answer. Nothing of ours is sent but the path and `headers`. */
export async function exchange(
  client: Client,
  request: FetchRequest,
  { signal, shows, headers, answered }: Exchange,
): Promise<FetchReply> {
  request.began?.();
  const answer = await client.request({
    method: 'GET',
    path: request.path,
    headers: { 'user-agent': 'flameherd', accept: '*/*', ...headers },
    signal,
  });
  answered?.();
  const { statusCode: status, body } = answer;
  return await readAnswer({ status, headers: answer.headers, body }, request, shows);
}

/** Reads an answer within the caps of its request. The body is read to its end or destroyed. */
export async function readAnswer(answer: RawAnswer, request: FetchRequest, shows: ShownText): Promise<FetchReply> {
  const { status, headers, body } = answer;
  const contentType = headerText(headers['content-type']).toLowerCase();
  body.on?.('error', () => {});
  try {
    if (status === 200) {
      const isCut = request.overMaxBytes === 'cut';
      const bytes = await (isCut ? readStart(body, request.maxBytes) : readWhole(body, headers, request));
      return { kind: 'body', status, contentType, bytes };
    }
    const isPlain = (status < 200 || status > 299) && contentType.startsWith('text/plain');
    const text = isPlain ? cleanSnippet(await readStart(body, maxErrorBody)) : '';
    const isRedirect = status >= 300 && status < 400;
    return {
      kind: 'status',
      status,
      snippet: shows === 'known' ? knownSentence(text) : text,
      location: isRedirect && shows === 'cleaned' ? cleanSnippet(Buffer.from(headerText(headers['location']))) : '',
      goPprof: headerText(headers['x-go-pprof']) === '1',
    };
  } finally {
    body.destroy();
  }
}

/** The whole body in a buffer of its own, which may be transferred. Stops at the caps, whatever Content-Length said. */
async function readWhole(
  body: AnswerBody,
  headers: RawAnswer['headers'],
  { maxBytes, mayGrow }: FetchRequest,
): Promise<Uint8Array> {
  const tooLarge = (size: string): FetchError =>
    new FetchError('too_large', `the answer is ${size} bytes long, at most ${maxBytes} are read (scrape.maxBody)`);
  const announced = Number(headerText(headers['content-length']));
  if (announced > maxBytes) throw tooLarge(String(announced));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
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
export async function readStart(body: AnswerBody, maxBytes: Bytes): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
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
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  CERT_NOT_YET_VALID: 'tls',
};

/** A connection's error in our words; `where` begins the sentence. */
export function connectionError(error: unknown, where: string, refusedHint = ''): FetchError {
  const code = codeOf(error);
  const failure = failureOfCode[code] ?? (/^(ERR_TLS|ERR_SSL)/.test(code) ? 'tls' : 'other');
  const what = messageOf(error) || code;
  const hint = failure === 'refused' ? refusedHint : '';
  return new FetchError(failure, `${where}: ${cleanSnippet(Buffer.from(what))}${hint}`, error);
}

/** The code of an error; of several addresses tried, the first one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
