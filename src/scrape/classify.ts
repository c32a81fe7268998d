import type { ScrapeFailure } from './failure.ts';
import type { FetchReply } from './transports/transport.ts';

/** What an answer means: a profile to ingest, or a failure. */
export type Verdict =
  | { readonly kind: 'profile'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'failed' } & ScrapeFailure);

/**
 * Reads an answer to `GET path`. The sentences looked for are those of Go's net/http/pprof, which other runtimes copy:
 *
 *     500 Could not enable CPU profiling: cpu profiling already in use   busy
 *     400 profile duration exceeds server's WriteTimeout                  write_timeout
 *     404                                                                 unsupported
 *
 * The bytes of a profile are not looked into here beyond the first: decoding is the ingest's.
 */
export function classifyReply(path: string, reply: FetchReply): Verdict {
  if (reply.kind === 'body') return classifyBody(path, reply.bytes, reply.contentType);
  const { status, snippet } = reply;
  const said = snippet ? `: ${snippet}` : '';
  if (/profiling already in use|profil\w* (is )?already (running|started|in progress)/i.test(snippet)) {
    return failed('busy', `${status} on ${path}${said}`);
  }
  if (status === 400 && /exceeds server's WriteTimeout/i.test(snippet)) {
    return failed('write_timeout', `${status} on ${path}${said}`);
  }
  if (status === 404) return failed('unsupported', `404 on ${path}${said}`);
  if (status === 401 || status === 403) {
    const advice = reply.advice ?? 'the target asks for credentials, which were not sent';
    return failed('forbidden', `${status} on ${path}${said}; ${advice}`);
  }
  if (status >= 300 && status < 400) {
    const where = reply.location === '' ? '' : ` to ${reply.location}`;
    return failed('redirect', `${status} on ${path}: redirect${where} not followed`);
  }
  if (status >= 500) return failed('http_5xx', `${status} on ${path}${said}`);
  if (status >= 400) return failed('http_4xx', `${status} on ${path}${said}`);
  return failed('http_other', `${status} on ${path}: only 200 carries a profile`);
}

function classifyBody(path: string, bytes: Uint8Array, contentType: string): Verdict {
  if (bytes.length === 0) return failed('not_pprof', `200 on ${path} with an empty body`);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip && looksLikeMarkup(bytes, contentType)) {
    return failed(
      'not_pprof',
      `200 on ${path} with a page (${markupName(contentType)}) instead of a profile: a login page or another server's?`,
    );
  }
  if (!isGzip && isLegacyText(bytes)) {
    return failed(
      'not_pprof',
      `200 on ${path} with pprof's legacy text format, which is not supported: serve the protobuf format`,
    );
  }
  return { kind: 'profile', bytes };
}

function looksLikeMarkup(bytes: Uint8Array, contentType: string): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return /^(text\/html|application\/(json|xml|xhtml))/.test(contentType) || /^\s*(<[!?a-z]|\{\s*")/i.test(start);
}

/** A content type that is known, never whatever a target made up. */
function markupName(contentType: string): string {
  return (
    /^(text\/(html|plain)|application\/(json|xml|xhtml\+xml|octet-stream))/.exec(contentType)?.[0] ?? 'of unknown type'
  );
}

function isLegacyText(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return /^(heap profile:|heap_v2\/|goroutine profile:|threadcreate profile:|--- (contention|mutex|threadz|heapz|growthz))/.test(
    start,
  );
}

function failed(reason: ScrapeFailure['reason'], message: string): Verdict {
  return { kind: 'failed', reason, message };
}

/** What to do when nothing of a target answers with a profile: one line per language, the likeliest first. */
export const noProfilerHint = [
  'no profiler answers there. What to do, by language:',
  '  Go:      import _ "net/http/pprof" and serve http.DefaultServeMux on this port',
  '  Node.js: express().use(require("@pyroscope/nodejs").expressMiddleware()) after init()',
  '  Rust:    serve the pprof crate (CPU) or jemalloc_pprof (heap) on /debug/pprof/profile and /debug/pprof/heap',
  '  Python:  pypprof.net_http.start_pprof_server(port=8081)',
  '  Java:    no pprof endpoint is common: upload profiles to POST /api/v1/profiles',
  'Another port or path: annotate flameherd.dev/port or flameherd.dev/path; a static target names both in its URL.',
].join('\n');
