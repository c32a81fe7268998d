import type { Dispatcher } from 'undici';
import type { Bytes, DurationMs } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { errorFromStatus, KubernetesError, toKubernetesError } from './errors.ts';
import { IdleDeadline } from './idle-deadline.ts';
import { LineSplitter } from './line-splitter.ts';
import { ListScanner } from './list-scanner.ts';

/** One thing that a watch said, trimmed as it was read. `version` is where a later watch may go on. */
export type WatchEvent<T> =
  | { readonly kind: 'put'; readonly record: T; readonly version: string }
  | { readonly kind: 'removed'; readonly uid: string; readonly version: string }
  | { readonly kind: 'bookmark'; readonly version: string; readonly initialEventsEnd: boolean }
  /** An object that cannot be read or an event type that is not known: skipped, counted. */
  | { readonly kind: 'unreadable'; readonly version: string };

export interface StreamOptions<T> {
  readonly client: KubernetesClient;
  /** With its query. */
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal;
  /** After this much silence the stream is given up with a `silent` error; asked anew at each chunk. */
  readonly idleMs: () => DurationMs;
  /** The largest object. */
  readonly maxObjectBytes: Bytes;
  /** Called when the server has accepted the request. */
  readonly onOpen: () => void;
  readonly trim: (object: unknown) => T | undefined;
}

interface WireObject {
  readonly metadata?: {
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/**
 * Reads a watch, one batch of events for each chunk that arrives; returns when the server ends it cleanly. Throws a
 * `KubernetesError` for an HTTP error, an `ERROR` event, silence, a broken connection and for text that is no event.
 */
export async function* readWatch<T>(options: StreamOptions<T>): AsyncGenerator<readonly WatchEvent<T>[]> {
  const lines = new LineSplitter(options.maxObjectBytes);
  for await (const chunk of readChunks(options)) {
    const events: WatchEvent<T>[] = [];
    try {
      for (const line of lines.push(chunk)) events.push(readEvent(line, options.trim));
    } catch (error) {
      if (events.length > 0) yield events;
      throw error;
    }
    if (events.length > 0) yield events;
  }
  if (lines.pendingBytes > 0) {
    throw new KubernetesError({ kind: 'unavailable', message: 'the watch ended in the middle of an event' });
  }
}

/**
 * Reads one page of a list, giving its records while they arrive, and returns what stands around them. Throws like
 * `readWatch`; an answer that was cut is a `protocol` error.
 */
export async function* readListPage<T>(
  options: StreamOptions<T>,
): AsyncGenerator<readonly (T | undefined)[], { version: string; continueToken: string }> {
  const items = new ListScanner(options.maxObjectBytes);
  for await (const chunk of readChunks(options)) {
    const records: (T | undefined)[] = [];
    for (const item of items.push(chunk)) records.push(trimmed(parse(item), options.trim));
    if (records.length > 0) yield records;
  }
  const { metadata } = items.end();
  return { version: metadata?.resourceVersion ?? '', continueToken: metadata?.continue ?? '' };
}

async function* readChunks<T>(options: StreamOptions<T>): AsyncGenerator<Buffer> {
  const { client, path, accept, signal, idleMs } = options;
  using deadline = new IdleDeadline(signal, idleMs());
  let response: Dispatcher.ResponseData | undefined;
  try {
    response = await client.open(path, { accept, signal: deadline.signal });
    options.onOpen();
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      deadline.feed();
      yield chunk;
      // What the chunk said may have changed how long silence is fine.
      deadline.feed(idleMs());
    }
  } catch (error) {
    if (!deadline.expired) throw toKubernetesError(error);
    throw new KubernetesError({
      kind: 'silent',
      message: `the API server said nothing for ${idleMs()} ms`,
      cause: error,
    });
  } finally {
    // The consumer may leave early, and whatever comes after an abort is of no interest.
    response?.body.on('error', () => {}).destroy();
  }
}

function readEvent<T>(line: Buffer, trim: (object: unknown) => T | undefined): WatchEvent<T> {
  const { type, object } = (parse(line) ?? {}) as { readonly type?: string; readonly object?: WireObject };
  if (typeof type !== 'string')
    throw new KubernetesError({ kind: 'protocol', message: 'a watch sent a line that is no event' });
  if (type === 'ERROR') throw errorFromStatus(object, 500);
  const metadata = object?.metadata;
  const version = metadata?.resourceVersion ?? '';
  switch (type) {
    case 'BOOKMARK':
      return {
        kind: 'bookmark',
        version,
        initialEventsEnd: metadata?.annotations?.['k8s.io/initial-events-end'] === 'true',
      };
    case 'DELETED':
      return metadata?.uid ? { kind: 'removed', uid: metadata.uid, version } : { kind: 'unreadable', version };
    case 'ADDED':
    case 'MODIFIED': {
      const record = trimmed(object, trim);
      return record === undefined ? { kind: 'unreadable', version } : { kind: 'put', record, version };
    }
    default:
      return { kind: 'unreadable', version };
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new KubernetesError({ kind: 'protocol', message: 'the API server sent text that is no JSON', cause });
  }
}

/** An object that cannot be trimmed costs itself, not the stream. */
function trimmed<T>(object: unknown, trim: (object: unknown) => T | undefined): T | undefined {
  try {
    return trim(object);
  } catch {
    return undefined;
  }
}
