import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { checkedProxyUrl } from './access-dispatcher.ts';
import { KubernetesError } from './errors.ts';

/**
 * A connection to `host:port` through an HTTP proxy (CONNECT), which is the caller's once it is there. User and password may
 * stand in the proxy's URL. Rejects with a `KubernetesError`, with what broke the connection, or when the signal aborts.
 */
export async function openTunnel(proxyUrl: string, target: URL, signal: AbortSignal): Promise<Socket> {
  const proxy = new URL(checkedProxyUrl(proxyUrl));
  const port = target.port || (target.protocol === 'https:' || target.protocol === 'wss:' ? '443' : '80');
  const authority = `${target.hostname}:${port}`;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const ask = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = ask({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    agent: false,
    signal,
    headers: {
      host: authority,
      ...(proxy.username === ''
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
  });
  request.end();
  const [response, socket] = (await once(request, 'connect')) as [IncomingMessage, Socket];
  if (response.statusCode === 200) return socket;
  socket.destroy();
  throw new KubernetesError({
    kind: 'unavailable',
    message: `the proxy ${proxy.host} answered ${response.statusCode} to CONNECT ${authority}`,
  });
}
