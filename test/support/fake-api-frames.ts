import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { PodListener, StreamFault } from './fake-api-streams.ts';

/** A frame of a channel protocol: the channel, then the payload. */
export function frameOf(channel: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([channel]), payload]);
}

export function send(websocket: WebSocket, channel: number, payload: Uint8Array, done?: () => void): void {
  websocket.send(frameOf(channel, payload), () => done?.());
}

/** In frames of 32 KiB, as the kubelet copies. */
export function sendPieces(websocket: WebSocket, channel: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 32_768) send(websocket, channel, bytes.subarray(at, at + 32_768));
}

/** A Status as JSON, or text as it is. */
export function refuseUpgrade(socket: Duplex, code: number, body: unknown): void {
  const [type, text] = typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)];
  const head = `HTTP/1.1 ${code} Refused\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`;
  socket.end(head + text);
}

/** The status of a command that ended. */
export function exitStatus(exitCode: number): unknown {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** What containerd says of a port on which nothing listens, with all that it tells about the node. */
export function refusedText(port: number): string {
  const sandbox = '5f'.repeat(32);
  return (
    `error forwarding port ${port} to pod ${sandbox}, uid : failed to execute portforward in network namespace ` +
    `"/var/run/netns/cni-4b7c2a": failed to connect to localhost:${port} inside namespace "${sandbox}", ` +
    `IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6 [::1]:${port}: connect: connection refused `
  );
}

/** Copies both ways between the websocket and the pod's server, each way no faster than the other side takes it. */
export function pump(
  websocket: WebSocket,
  {
    port,
    listener,
    before,
    fault,
  }: { port: number; listener: PodListener | undefined; before: Buffer; fault: StreamFault | undefined },
): void {
  const fail = (text: string) => {
    send(websocket, 1, Buffer.concat([before, Buffer.from(text)]));
    websocket.close(1000);
  };
  if (listener === undefined) return fail(refusedText(port));
  const target = connect({ port: listener.port, host: listener.host ?? '127.0.0.1', allowHalfOpen: true });
  let early = before;
  let sent = 0;
  const forward = (bytes: Buffer) => {
    const payload = Buffer.concat([early, bytes]);
    early = Buffer.alloc(0);
    sent += bytes.length;
    target.pause();
    send(websocket, 0, payload, () => target.resume());
    if (fault?.kind === 'drop' && sent >= fault.afterBytes) websocket.terminate();
  };
  const size = fault?.kind === 'frames' ? fault.bytes : 0;
  let held = Buffer.alloc(0);
  target.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    if (held.length < size) return;
    forward(held);
    held = Buffer.alloc(0);
  });
  target.on('end', () => {
    if (held.length > 0) forward(held);
    websocket.close(1000);
  });
  target.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') fail(refusedText(port));
    else
      fail(
        `error forwarding port ${port} to pod x, uid : read tcp4 127.0.0.1:1->127.0.0.1:${port}: read: connection reset by peer`,
      );
  });
  websocket.on('message', (data) => {
    const bytes = data as Buffer;
    if (bytes[0] !== 0 || target.destroyed) return;
    if (target.write(bytes.subarray(1))) return;
    websocket.pause();
    target.once('drain', () => websocket.resume());
  });
  websocket.on('close', () => target.destroy());
}

/** Error text and a close frame on a connection that stays open afterwards, as one does while a node tears its end down. */
export function linger(
  request: IncomingMessage,
  socket: Duplex,
  { text, answered, release }: Extract<StreamFault, { kind: 'linger' }>,
): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: v4.channel.k8s.io\r\n\r\n`,
  );
  for (const channel of [0, 1]) socket.write(rawFrame(0x82, frameOf(channel, Buffer.from([0, 0]))));
  socket.write(rawFrame(0x82, frameOf(1, Buffer.from(text))));
  socket.write(rawFrame(0x88, Buffer.from([0x03, 0xe8])));
  // The first that comes is the answer to the close frame: the client was told nothing that it could send before.
  socket.once('data', answered);
  socket.on('error', () => {});
  void release.then(() => socket.destroy());
}

function rawFrame(head: number, payload: Buffer): Buffer {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([head, ...length]), payload]);
}
