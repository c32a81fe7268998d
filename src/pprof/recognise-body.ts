import { isGzip } from './gunzip.ts';

/** How much of a body is looked at. */
const headLength = 4096;

const signatures: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd, an encoding that was not asked for'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0x7f, 0x45, 0x4c, 0x46], 'an ELF binary'],
  [[0xef, 0xbb, 0xbf], 'text with a byte order mark'],
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
];

/** The first words of pprof's old formats for C++, which are not protobuf: a zero, a three, a zero. */
const legacyCpu: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0],
];

const texts: readonly (readonly [pattern: RegExp, what: string])[] = [
  [
    /^(heap|goroutine|threadcreate|allocs|block|mutex) profile: |^goroutine \d+ \[/,
    "pprof's text format: remove debug= from the path",
  ],
  [
    /^--- (contention|mutex)|^---? ?(threadz|heapz|contentionz|growthz)|^%warn|^heap(z|_v2)|^MAPPED_LIBRARIES/i,
    'a legacy text format of gperftools or tcmalloc, which is not supported: serve the protobuf format',
  ],
  [/^--- ?thread|^Thread \d+/i, 'a legacy text format of threads, which is not supported: serve the protobuf format'],
  [/^\s*<(!doctype|html|\?xml|head|body)/i, 'an HTML page: check the path, or a login or error page answers'],
  [/^\s*</, 'a markup page: check the path'],
  [/^[0-9a-f]+\r\n/i, 'HTTP chunk framing: a proxy left the transfer encoding in the body'],
  [/^H4sI[A-Za-z0-9+/=\s]+$/, 'gzip in base64: serve the bytes as they are'],
  [/^[A-Za-z0-9+/\s]{60,}={0,2}\s*$/, 'base64 text: serve the bytes as they are'],
  [/^\s*[[{]/, 'JSON'],
  [/^[^\n]+;[^\n]+ \d+\n/, 'folded stacks: serve the protobuf format'],
];

/**
 * What a body is that is no pprof message, as the end of a sentence; undefined when it is nothing known. It names a
 * kind and never quotes the body.
 */
export function recogniseBody(bytes: Uint8Array): string | undefined {
  if (isGzip(bytes)) return 'gzip inside gzip: compressed twice';
  if (isGzip(bytes.subarray(1)) || isGzip(bytes.subarray(2))) return 'gzip with bytes before it';
  if (bytes[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[1] ?? 0))
    return 'zlib (deflate): serve gzip or no compression';
  for (const [signature, what] of signatures) if (startsWith(bytes, signature)) return what;
  if (legacyCpu.some((words) => startsWith(bytes, words))) {
    return 'the legacy binary CPU format of gperftools, which is not supported: serve the protobuf format';
  }
  const head = Buffer.from(bytes.subarray(0, headLength)).toString('latin1');
  for (const [pattern, what] of texts) if (pattern.test(head)) return what;
  return /^[\t\n\r\x20-\x7e]+$/.test(head) ? 'plain text: check the path' : undefined;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}
