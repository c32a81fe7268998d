import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { BodyStream, pieceBytes } from '../../src/http/body-stream.ts';
import { eventually } from '../support/daemon.ts';
import { pprofAnswer, started } from '../support/http-fakes.ts';

const megabyte = 1024 ** 2;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Letters that say nothing, so that compressing them saves little: about a quarter. */
function noise(bytes: number): Uint8Array {
  const body = new Uint8Array(new ArrayBuffer(bytes));
  let state = 1;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    body[at] = 48 + (state >>> 26);
  }
  return body;
}

/** A server whose every answer is this body. */
async function serving(t: TestContext, body: () => Uint8Array, contentType: string) {
  const { server } = await started(t, {
    answer: () =>
      contentType === '' ? { ...pprofAnswer, body: body() } : { kind: 'answer', contentType, body: body() },
  });
  return async (encoding: string): Promise<IncomingMessage> => {
    const asking = request(`${server.url}/api/v1/query_range?query=cpu`, { headers: { 'accept-encoding': encoding } });
    asking.end();
    const [reply] = (await once(asking, 'response')) as [IncomingMessage];
    return reply;
  };
}

test('a body goes out in pieces of the same memory, and no further one is taken while nobody reads', async () => {
  const bytes = noise(3 * pieceBytes + 5);
  const stream = new BodyStream(bytes);
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [pieceBytes, pieceBytes, pieceBytes, 5],
  );
  assert.ok(pieces.every((piece) => piece.buffer === bytes.buffer));
  assert.deepEqual(Buffer.concat(pieces), Buffer.from(bytes));

  const unread = new BodyStream(bytes);
  unread.read(1);
  await new Promise(setImmediate);
  assert.ok(unread.readableLength < 2 * pieceBytes, `${unread.readableLength} bytes wait`);
});

for (const [encoding, unpacked] of [
  ['identity', (bytes: Buffer) => bytes],
  ['gzip', (bytes: Buffer) => gunzipSync(bytes)],
  ['br', (bytes: Buffer) => brotliDecompressSync(bytes)],
] as const) {
  test(`a large answer arrives whole as ${encoding}`, async (t) => {
    const body = noise(5 * megabyte + 1);
    const get = await serving(t, () => body, 'application/json');
    const reply = await get(encoding);
    const isPlain = encoding === 'identity';
    assert.equal(reply.headers['content-length'], isPlain ? String(body.length) : undefined);
    assert.equal(reply.headers['content-encoding'], isPlain ? undefined : encoding);
    assert.ok(Buffer.from(body).equals(unpacked(await buffer(reply))));
  });
}

test('a large pprof, which is gzip, is sent as it is with its length', async (t) => {
  const body = noise(megabyte);
  const get = await serving(t, () => body, '');
  const reply = await get('gzip, br');
  assert.deepEqual(
    [reply.headers['content-length'], reply.headers['content-encoding']],
    [String(body.length), undefined],
  );
  assert.ok(Buffer.from(body).equals(await buffer(reply)));
});

for (const encoding of ['identity', 'gzip', 'br']) {
  test(`memory does not grow with the answer while its client does not read: ${encoding}`, async (t) => {
    const body = noise(40 * megabyte);
    const get = await serving(t, () => body, 'application/json');
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const reply = await get(encoding);
    await standsStill();
    const grown = process.memoryUsage().arrayBuffers - before;
    reply.destroy();
    assert.ok(grown < 8 * megabyte, `${(grown / megabyte).toFixed(1)} MiB more`);
  });

  test(`a client that leaves in the middle of an answer leaves nothing behind: ${encoding}`, async (t) => {
    let bodies = 0;
    const freed = new Set<number>();
    const registry = new FinalizationRegistry<number>((number) => freed.add(number));
    const get = await serving(
      t,
      () => {
        const body = noise(8 * megabyte);
        registry.register(body.buffer, bodies++);
        return body;
      },
      'application/json',
    );
    const reply = await get(encoding);
    await once(reply, 'readable');
    reply.destroy();
    const isFreed = async (): Promise<boolean> => {
      collectGarbage();
      return freed.size === bodies;
    };
    await eventually(isFreed, 10_000, 'end of the answer that nobody takes');
  });
}

/** Resolves when this process has nothing more to do: it has used next to no CPU for a while. */
async function standsStill(): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    const before = process.cpuUsage();
    await delay(40);
    const { user, system } = process.cpuUsage(before);
    quiet = user + system < 4000 ? quiet + 1 : 0;
  }
}
