import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Daemon, startDaemon } from '../support/daemon.ts';

const mib = 1024 * 1024;
const timeout = 120_000;

let folder: string;
let daemon: Daemon;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flameherd-bombs-'));
  const env = { FLAMEHERD_SCRAPE_MAX_INFLATED: '32MiB', FLAMEHERD_HTTP_MAX_BODY: '8MiB' };
  daemon = await startDaemon(join(folder, 'data'), ['--no-self'], env);
});
after(async () => {
  await daemon.kill();
  await rm(folder, { recursive: true, force: true });
});

async function upload(bytes: Uint8Array, name: string): Promise<{ status: number; text: string }> {
  const url = `${daemon.url}/api/v1/profiles?workload=${name}&as=delta`;
  const reply = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
  return { status: reply.status, text: await reply.text() };
}

/** The most memory that the daemon has had, from the kernel. */
async function peakMb(): Promise<number> {
  const status = await readFile(`/proc/${daemon.process.pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}

/** A varint of any size. */
function varint(value: bigint | number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
const field = (tag: number, wire: number): number[] => varint((tag << 3) | wire);
const inside = (tag: number, body: readonly number[]): number[] => [...field(tag, 2), ...varint(body.length), ...body];
const text = (value: string): number[] => inside(6, [...Buffer.from(value)]);
/** A string table, and one sample type of it. */
const start = [...text(''), ...text('samples'), ...text('count'), ...inside(1, [8, 1, 16, 2])];

const zeros = gzipSync(Buffer.alloc(512 * mib), { level: 9 });
const huge = 2 ** 31;
const packed = (values: number): number[] => [...field(2, 2), ...varint(values)];

for (const [name, bytes] of [
  ['a gzip of 512 MiB of zeros', () => zeros],
  ['a gzip in a gzip in a gzip', () => gzipSync(gzipSync(zeros))],
  ['two gzips one after the other', () => Buffer.concat([zeros, zeros])],
  [
    'a gzip whose trailer says it holds one byte',
    () => Buffer.concat([zeros.subarray(0, -4), Buffer.from([1, 0, 0, 0])]),
  ],
  [
    'a gzip whose trailer says it holds 4 GiB',
    () => Buffer.concat([gzipSync('x').subarray(0, -4), Buffer.alloc(4, 255)]),
  ],
  ['a string of a declared 2 GiB', () => Buffer.from([...start, ...field(6, 2), ...varint(huge), 120])],
  [
    'a string of a length beyond 64 bits',
    () => Buffer.from([...start, ...field(6, 2), ...Array<number>(10).fill(255), 1]),
  ],
  ['a sample of a declared 2 GiB', () => Buffer.from([...start, ...field(2, 2), ...varint(huge), 10])],
  ['values packed to a declared 2 GiB', () => Buffer.from([...start, ...inside(2, packed(huge))])],
  ['a negative index into the strings', () => Buffer.from([...start, ...inside(1, [8, ...varint(-1n), 16, 2])])],
  ['an index beyond all strings', () => Buffer.from([...start, ...inside(1, [8, ...varint(2n ** 53n + 1n), 16, 2])])],
  ['groups in groups', () => Buffer.alloc(mib, field(15, 3)[0])],
  [
    'a location that is beyond all',
    () => Buffer.from([...start, ...inside(2, [10, 9, ...varint(-1n).slice(0, 9), 18, 1, 1])]),
  ],
] as const) {
  test(`a bomb: ${name} is refused with a reason, and the daemon goes on`, { timeout }, async () => {
    const { status, text: told } = await upload(bytes(), 'bomb');
    assert.ok([400, 413, 422].includes(status), `${status} ${told.slice(0, 300)}`);
    assert.ok(told.length < 2000, `${told.length} characters`);
    assert.equal((await fetch(`${daemon.url}/-/ready`)).status, 200);
  });
}

test('a bomb: seven MiB of empty samples, functions, strings or labels are a few of each, or refused', {
  timeout,
}, async () => {
  const labels = Array.from({ length: 200_000 }, () => inside(3, [8, 1, 16, 2])).flat();
  for (const [name, piece] of [
    ['samples', inside(2, [])],
    ['locations', inside(4, [8, 1])],
    ['functions', inside(5, [8, 1])],
    ['strings', text('')],
    ['mappings', inside(3, [8, 1])],
    ['types', inside(1, [8, 1, 16, 2])],
  ] as const) {
    const count = Math.floor((7 * mib) / piece.length);
    const { status } = await upload(
      Buffer.concat([Buffer.from(start), Buffer.alloc(count * piece.length, Buffer.from(piece))]),
      name,
    );
    assert.ok([200, 400, 413, 422].includes(status), `${name}: ${status}`);
  }
  const { status } = await upload(Buffer.from([...start, ...inside(2, [18, 1, 1, ...labels])]), 'labels');
  assert.ok([200, 400, 413, 422].includes(status), `labels: ${status}`);
  assert.equal((await fetch(`${daemon.url}/-/ready`)).status, 200);
});

test('a bomb: twenty at once are answered one by one, within the memory that is allowed', { timeout }, async (t) => {
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => (await upload(zeros, `many-${at}`)).status),
  );
  assert.ok(
    statuses.every((status) => [400, 413, 422, 429].includes(status)),
    statuses.join(),
  );
  // A daemon that starts takes about 270 MB at its peak; each bomb would be 512 MB.
  assert.ok((await peakMb()) < 512, `peak RSS ${await peakMb()} MB`);
  t.diagnostic(`peak RSS ${await peakMb()} MB`);
});

const letters = 'abcdefghijklmnopqrstuvwxyz';
for (const [name, expression] of [
  ['nested stars', '(a+)+$'],
  ['nested stars and more', '(((a*)*)*)*b'],
  ['overlapping alternatives', '(a|aa)+$'],
  ['alternatives of themselves', '(a|a|a|a)*c'],
  ['a thousand times a thousand', '(a{1000}){1000}'],
  ['a thousand, nested four deep', '(((a{30}){30}){30}){30}'],
  ['optional and needed', `${'a?'.repeat(500)}${'a'.repeat(500)}`],
  [
    'thousands of alternatives',
    Array.from({ length: 800 }, (_, at) => letters.slice(at % 20) + at)
      .join('|')
      .slice(0, 3500),
  ],
  ['brackets in brackets', `${'('.repeat(1500)}a${')'.repeat(1500)}`],
  ['all of unicode, many times', '[\\x{0}-\\x{10FFFF}]{900}'],
  ['classes of unicode', '(\\pL|\\PL|\\p{Greek}){500}'],
] as const) {
  test(`a regular expression of death: ${name} is answered or refused, and lists are answered meanwhile`, {
    timeout,
  }, async () => {
    await upload(await sampleProfile(), 'a'.repeat(200));
    const selector = `{workload=~${JSON.stringify(expression)}}`;
    const ask = async (path: string, parameters: Readonly<Record<string, string>>): Promise<number> => {
      const reply = await fetch(`${daemon.url}${path}?${new URLSearchParams(parameters).toString()}`);
      await reply.arrayBuffer();
      return reply.status;
    };
    const asked = Promise.all([
      ask('/api/v1/series', { match: selector }),
      ask('/api/v1/merge', { query: `cpu${selector}`, format: 'top' }),
      ask('/api/v1/merge', { query: 'cpu', format: 'top', focus: expression.slice(0, 1000) }),
      ask('/api/v1/merge', { query: 'cpu', format: 'top', hide: expression.slice(0, 1000) }),
      ask('/api/v1/growth', { match: selector }),
    ]);
    assert.equal((await fetch(`${daemon.url}/-/ready`)).status, 200);
    const statuses = await asked;
    assert.ok(
      statuses.every((status) => [200, 400, 404, 422].includes(status)),
      statuses.join(),
    );
  });
}

async function sampleProfile(): Promise<Uint8Array> {
  return await readFile(new URL('../fixtures/recorded/checkout-1.cpu.pb.gz', import.meta.url));
}
