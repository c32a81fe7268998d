import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Served } from './cluster-messages.ts';
import { type SampleShape, shapeOfPath } from './program-values.ts';
import type { Program } from './programs.ts';

interface PodFacts {
  readonly namespace: string;
  readonly workload: string;
  readonly name: string;
  readonly address: string;
  readonly program: Program;
}

/** A process with profiles that count on from one to the next. */
export class SoakPod implements PodFacts {
  readonly namespace: string;
  readonly workload: string;
  readonly name: string;
  readonly address: string;
  readonly program: Program;
  isGone = false;
  isProfiling = false;
  firstAskedMs: number | undefined;
  readonly #serials = new Map<string, number>();

  constructor({ namespace, workload, name, address, program }: PodFacts) {
    this.namespace = namespace;
    this.workload = workload;
    this.name = name;
    this.address = address;
    this.program = program;
  }

  get isReplacement(): boolean {
    return this.name.endsWith('-again');
  }

  nextSerial({ kind }: SampleShape): number {
    const serial = (this.#serials.get(kind) ?? 0) + 1;
    this.#serials.set(kind, serial);
    return serial;
  }
}

interface PodsServer {
  /** Whether all are answered 503. */
  isQuiet: boolean;
  readonly served: readonly Served[];
  /** The port of a server of its own on 127.0.0.1, for a pod that listens nowhere else. */
  loopbackOf(pod: SoakPod): Promise<number>;
}

/** Serves pprof for pods by the address at which they are asked, on port 6060 of all that this machine has. */
export async function servePods(pods: ReadonlyMap<string, SoakPod>): Promise<PodsServer> {
  const served: Served[] = [];
  const state: PodsServer = {
    isQuiet: false,
    served,
    loopbackOf: (of) =>
      listen(
        serverOf(() => of),
        0,
        '127.0.0.1',
      ),
  };
  await listen(
    serverOf((request) => pods.get(request.socket.localAddress ?? '')),
    6060,
    '0.0.0.0',
  );
  return state;

  function serverOf(podOf: (request: IncomingMessage) => SoakPod | undefined): Server {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://pod');
      const shape = shapeOfPath.get(pathname.replace('/debug/pprof/', ''));
      const pod = podOf(request);
      if (state.isQuiet || !pod || pod.isGone) {
        response.writeHead(503).end();
        return;
      }
      pod.firstAskedMs ??= Date.now();
      if (!shape) {
        response.writeHead(404, { 'x-go-pprof': '1' }).end('Unknown profile\n');
        return;
      }
      const note = (serial: number): void => {
        served.push({ pod: pod.name, kind: shape.kind, serial, ms: Date.now() });
      };
      if (shape.kind === 'cpu') profileCpu(pod, shape, Number(searchParams.get('seconds')), response, note);
      else answer(pod, shape, response, note);
    });
    // As Go's server does it: a connection that is idle is never closed from that end.
    server.keepAliveTimeout = 0;
    return server;
  }
}

function answer(pod: SoakPod, shape: SampleShape, response: ServerResponse, note: (serial: number) => void): void {
  const serial = pod.nextSerial(shape);
  const body = pod.program.body(shape, serial);
  response.on('finish', () => note(serial));
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length });
  response.end(body);
}

/** Takes as long as it is asked to, one at a time, and ends when nobody waits for it any more. */
function profileCpu(
  pod: SoakPod,
  shape: SampleShape,
  seconds: number,
  response: ServerResponse,
  note: (serial: number) => void,
): void {
  if (pod.isProfiling) {
    response.writeHead(500, { 'x-go-pprof': '1' });
    response.end('Could not enable CPU profiling: cpu profiling already in use\n');
    return;
  }
  pod.isProfiling = true;
  const timer = setTimeout(() => answer(pod, shape, response, note), 1000 * seconds);
  response.on('close', () => {
    clearTimeout(timer);
    pod.isProfiling = false;
  });
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
