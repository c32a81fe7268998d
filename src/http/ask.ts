import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatDuration } from '../model/duration.ts';
import { FlameherdError } from '../model/errors.ts';
import type { Answer, Question } from '../query/engine.ts';
import { BodyStream } from './body-stream.ts';
import { bounds } from './bounds.ts';
import type { HttpContext } from './context.ts';
import { ClientGone } from './error-reply.ts';

/**
 * Puts a question to the engine, of what the sender of the request may see, and sends its answer. How many may be asked at once
 * is the engine's to say.
 */
export async function answerWith(
  context: HttpContext,
  request: Pick<FastifyRequest, 'scope'>,
  reply: FastifyReply,
  question: Question,
): Promise<FastifyReply> {
  const { query } = context.seenBy(request);
  return sendAnswer(reply, await whileWanted(context, reply, (signal) => query.ask(question, signal)));
}

/**
 * Does the work of a request. It is stopped when the client goes, when it takes longer than the limit (`query_timeout`), and
 * when the time to drain is over.
 */
export async function whileWanted<Result>(
  context: HttpContext,
  reply: FastifyReply,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = stopSignal(context, reply);
  try {
    return await orAborted(work(stop.signal), stop.signal);
  } finally {
    stop.dispose();
  }
}

/** Sends an answer as it is; an error answer is thrown. */
export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.kind === 'error') throw FlameherdError.fromPlain(answer.error);
  if (answer.fileName !== undefined) attach(reply, answer.fileName);
  return sendBytes(reply, answer.contentType, answer.body);
}

/** Sends bytes without copying them: large ones in pieces, as the client takes them. They must not be written to any more. */
export function sendBytes(reply: FastifyReply, contentType: string, bytes: Uint8Array): FastifyReply {
  reply.type(contentType);
  if (bytes.length <= bounds.wholeBodyBytes) {
    return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
  // Compression takes the length away again.
  return reply.header('Content-Length', bytes.length).send(new BodyStream(bytes));
}

/** Names the file to save as. Names come from data: what is no plain character becomes `_`. */
export function attach(reply: FastifyReply, fileName: string): void {
  const plain = fileName.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 200);
  reply.header('Content-Disposition', `attachment; filename="${plain}"`);
}

/** Aborts when the client is gone or the server ends; the reason is what to answer. */
export function clientSignal(
  { shutdown }: Pick<HttpContext, 'shutdown'>,
  reply: FastifyReply,
): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const onClose = () => {
    if (!reply.raw.writableFinished) controller.abort(new ClientGone('the client is gone'));
  };
  const onShutdown = () => controller.abort(new FlameherdError('not_ready', 'the server is shutting down'));
  if (reply.raw.destroyed) onClose();
  reply.raw.once('close', onClose);
  shutdown.addEventListener('abort', onShutdown, { once: true });
  if (shutdown.aborted) onShutdown();
  const dispose = () => {
    reply.raw.off('close', onClose);
    shutdown.removeEventListener('abort', onShutdown);
  };
  return { signal: controller.signal, dispose };
}

function stopSignal(context: HttpContext, reply: FastifyReply): { signal: AbortSignal; dispose: () => void } {
  const client = clientSignal(context, reply);
  const limitMs = context.options.limits.queryTimeoutMs;
  const tooLong = new AbortController();
  const timer = setTimeout(() => {
    tooLong.abort(
      new FlameherdError('query_timeout', `the query took longer than ${formatDuration(limitMs)}`, {
        hint: 'ask for a shorter window or fewer series, or raise http.queryTimeout',
      }),
    );
  }, limitMs);
  const dispose = () => {
    clearTimeout(timer);
    client.dispose();
  };
  return { signal: AbortSignal.any([client.signal, tooLong.signal]), dispose };
}

/** The work's result, or the reason of the abort as soon as it comes; a late result is dropped. */
export function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
