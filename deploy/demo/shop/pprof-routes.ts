import type { IncomingMessage, ServerResponse } from 'node:http';
import { busyMessage, cpuProfile, heapProfile } from './pprof.ts';

const prefix = '/debug/pprof/';
const index = `profiles of this program, as of Go's net/http/pprof:
${prefix}profile?seconds=30   CPU, over 1 to 60 seconds
${prefix}heap                 memory in use
`;

/** Answers what is asked below /debug/pprof/. Gives false for other paths. */
export async function answerPprof(url: URL, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (!url.pathname.startsWith(prefix)) return false;
  switch (url.pathname.slice(prefix.length)) {
    case '':
      response.setHeader('content-type', 'text/plain; charset=utf-8').end(index);
      break;
    case 'heap':
      sendProfile(response, heapProfile());
      break;
    case 'profile':
      await answerCpu(Number(url.searchParams.get('seconds') ?? 30), request, response);
      break;
    default:
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Unknown profile\n');
  }
  return true;
}

async function answerCpu(seconds: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(seconds >= 1 && seconds <= 60)) {
    response.writeHead(400).end(`seconds: ${seconds} is not between 1 and 60\n`);
    return;
  }
  const gone = new AbortController();
  request.once('close', () => gone.abort());
  try {
    sendProfile(response, await cpuProfile(seconds, gone.signal));
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!(error instanceof Error) || error.message !== busyMessage) throw error;
    // The status that Go answers with.
    response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`${busyMessage}\n`);
  }
}

function sendProfile(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length }).end(bytes);
}
