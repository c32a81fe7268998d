import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { WebSocket } from 'ws';
import { ChannelSocket } from '../../src/kubernetes/channel-socket.ts';

/** A websocket of which only the heartbeat's part is real. */
class StillSocket extends EventEmitter {
  isPaused = true;
  pings = 0;

  ping(): void {
    this.pings++;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  terminate(): void {
    this.emit('close', 1006);
  }
}

function start(t: TestContext): {
  still: StillSocket;
  socket: ChannelSocket;
  ends: string[];
  frames: string[];
  wait: (seconds: number) => void;
} {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const still = new StillSocket();
  const socket = new ChannelSocket(still as unknown as WebSocket);
  const ends: string[] = [];
  const frames: string[] = [];
  socket.start({
    message: (channel, payload) => frames.push(`${channel} ${payload.toString()}`),
    end: (how) => ends.push(how),
  });
  return { still, socket, ends, frames, wait: (seconds) => t.mock.timers.tick(seconds * 1000) };
}

test('it pings every 10 s, and 30 s without a word from the server are silence', (t) => {
  const { still, ends, wait } = start(t);
  wait(30);
  assert.deepEqual([still.pings, ends], [3, []]);
  wait(10);
  assert.deepEqual([still.pings, ends], [3, ['silent']]);
  wait(60);
  assert.equal(still.pings, 3);
});

test('a pong or a frame begins the wait anew', (t) => {
  const { still, ends, wait } = start(t);
  for (let round = 0; round < 10; round++) {
    wait(30);
    still.emit(round % 2 === 0 ? 'pong' : 'message', Buffer.from([0]), true);
  }
  assert.deepEqual([still.pings, ends], [30, []]);
});

test('while it does not read, silence is its own doing', (t) => {
  const { still, socket, ends, wait } = start(t);
  wait(20);
  socket.pause();
  wait(600);
  socket.resume();
  wait(30);
  assert.deepEqual([still.pings, ends], [5, []]);
});

test('text frames and empty frames are no data', (t) => {
  const { still, frames } = start(t);
  still.emit('message', Buffer.from('\u0001text'), false);
  still.emit('message', Buffer.alloc(0), true);
  still.emit('message', Buffer.from('\u0001data'), true);
  assert.deepEqual(frames, ['1 data']);
});

test('how it ended is told by the close code', (t) => {
  for (const [code, how] of [
    [1000, 'closed'],
    [1005, 'closed'],
    [1006, 'broken'],
  ] as const) {
    const { still, ends } = start(t);
    still.emit('close', code);
    assert.deepEqual(ends, [how]);
    t.mock.timers.reset();
  }
});
