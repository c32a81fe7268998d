import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type FakeStatus, statusBody } from './fake-api-answers.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** What goes wrong with a request. */
export type FakeFault =
  | { readonly kind: 'reset' }
  /** Nothing is ever answered. */
  | { readonly kind: 'hang' }
  | ({ readonly kind: 'status' } & FakeStatus)
  /** A good head, this text, and a clean end. */
  | { readonly kind: 'text'; readonly text: string };

/** What happens to watches that are open. After `silence` they stay open and say nothing more. */
export type WatchBreak = 'reset' | 'close' | 'half-line' | 'garbage' | 'silence' | FakeStatus;

/** A watch that was begun and not ended. */
export interface OpenWatch {
  readonly plural: string;
  readonly response: Response;
  silent: boolean;
}

export function applyFault(response: Response, fault: FakeFault): void {
  if (fault.kind === 'hang') return;
  if (fault.kind === 'reset') return reset(response);
  if (fault.kind === 'status') return sendStatus(response, fault);
  begin(response);
  endWith(response, fault.text);
}

export function breakWatch(watch: OpenWatch, how: WatchBreak): void {
  const { response } = watch;
  if (how === 'reset') reset(response);
  else if (how === 'close') response.end();
  else if (how === 'silence') watch.silent = true;
  else if (how === 'half-line') endWith(response, '{"type":"ADDED","object":{"metadata":{"na');
  else if (how === 'garbage') write(response, 'this is no JSON\n');
  else endWith(response, `${JSON.stringify({ type: 'ERROR', object: statusBody(how) })}\n`);
}

/** Breaks the connection itself, with all that runs over it. */
function reset(response: Response): void {
  if ('stream' in response) response.stream.session?.destroy();
  else response.socket?.resetAndDestroy();
}

// The two response types differ in their overloads, so a union of them cannot be called.
export function write(response: Response, text: string): void {
  (response as ServerResponse).write(text);
}

export function endWith(response: Response, text: string): void {
  (response as ServerResponse).end(text);
}

/** A good head; the body follows. */
export function begin(response: Response): void {
  (response as ServerResponse).writeHead(200, { 'content-type': 'application/json' });
}

export function flush(response: Response): void {
  if ('flushHeaders' in response) response.flushHeaders();
}

export function sendJson(response: Response, value: unknown, code = 200, headers: Record<string, string> = {}): void {
  (response as ServerResponse).writeHead(code, { 'content-type': 'application/json', ...headers });
  endWith(response, JSON.stringify(value));
}

export function sendStatus(response: Response, status: FakeStatus): void {
  const { code, retryAfterSeconds } = status;
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  sendJson(response, statusBody(status), code, headers);
}

export async function readBody(request: Request): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
