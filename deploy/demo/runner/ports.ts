import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** `preferred` when nobody listens there on 127.0.0.1, else any port that is free. */
export async function portNear(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? Promise.reject(new Error('no port of 127.0.0.1 is free'));
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}
