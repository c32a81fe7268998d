import { request as httpRequest, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AskedProxy } from './fake-api-paths.ts';
import { type Request, type Response, sendJson, sendStatus } from './fake-api-responses.ts';
import type { PodListener, StreamFault } from './fake-api-streams.ts';
import type { KubeObject } from './kubernetes-object-store.ts';

interface ProxyCall {
  readonly request: Request;
  readonly response: Response;
  readonly asked: AskedProxy;
  readonly listener: PodListener | undefined;
  readonly pod: KubeObject | undefined;
  readonly fault: StreamFault | undefined;
}

/** What the API server makes of pods/proxy: it asks the pod's own address, and tells in a Status why it could not. */
export function proxyToPod({ request, response, asked, listener, pod, fault }: ProxyCall): void {
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'status') return sendStatus(response, fault);
  const { namespace, pod: name, scheme, port, path } = asked;
  const root = `/api/v1/namespaces/${namespace}/pods/${scheme === 'https' ? 'https:' : ''}${name}:${port}/proxy`;
  if (pod === undefined) return sendJson(response, notFound(name), 404);
  const { podIP = '' } = pod['status'] as { podIP?: string };
  const unreachable = (why: string) =>
    sendStatus(response, { code: 503, reason: 'ServiceUnavailable', message: `error trying to reach service: ${why}` });
  const refused = `dial tcp ${podIP.includes(':') ? `[${podIP}]` : podIP}:${port}: connect: connection refused`;
  if (listener === undefined || listener.onLoopback) return unreachable(refused);
  const { authorization: _ours, ...headers } = request.headers as IncomingHttpHeaders;
  const ask = scheme === 'https' ? httpsRequest : httpRequest;
  const target = { host: listener.host ?? '127.0.0.1', port: listener.port, path, headers, agent: false };
  const outgoing = ask({ ...target, rejectUnauthorized: false }, (incoming) => {
    const location = incoming.headers.location;
    const rewritten = location?.startsWith('/') ? { location: `${root}${location}` } : {};
    const answer = response as ServerResponse;
    // What concerns one connection only is not passed on.
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...passed } = incoming.headers;
    answer.writeHead(incoming.statusCode ?? 500, { ...passed, ...rewritten });
    incoming.pipe(answer);
    incoming.on('error', () => answer.destroy());
  });
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    if (response.headersSent) (response as ServerResponse).destroy();
    else if (error.code === 'ECONNREFUSED') unreachable(refused);
    else if (error.code === 'EPROTO') unreachable('tls: first record does not look like a TLS handshake');
    else unreachable('EOF');
  });
  response.on('close', () => outgoing.destroy());
  outgoing.end();
}

function notFound(name: string): unknown {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `pods "${name}" not found`,
    reason: 'NotFound',
    details: { name, kind: 'pods' },
    code: 404,
  };
}
