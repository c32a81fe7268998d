import { cleanMessage } from '../../model/clean-text.ts';
import { messageOf } from '../../model/errors.ts';
import type { Endpoint, Target } from '../../model/target.ts';
import { type Bytes, type DurationMs, minute, second } from '../../model/units.ts';
import { pathProblem } from '../safety.ts';
import type { StreamBudget } from '../stream-budget.ts';
import { adviceOn, noCredentials, type TargetCredentials } from '../target-credentials.ts';
import { type AnswerBody, readAnswer, withinTime } from './exchange.ts';
import { FetchError, type FetchFailure, type FetchReply, type FetchRequest, type Transport } from './transport.ts';

/** No kind is fetched more often by an exec: it costs the kubelet a process and the API server a connection each time. */
export const ephemeralFloorMs: DurationMs = minute;

/** What a command left behind. */
export interface CommandResult {
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The sidecars of pods. Both reject with a `FetchError`, or with the signal's reason. */
export interface SidecarAccess {
  /** The name of the container to execute in, started if the pod has none. */
  ensure(target: Target, signal: AbortSignal): Promise<string>;
  exec(
    target: Target,
    container: string,
    argv: readonly string[],
    limits: { readonly signal: AbortSignal; readonly timeoutMs: DurationMs; readonly maxBytes: Bytes },
  ): Promise<CommandResult>;
  /** It did not work as expected: look at the pod again before the next fetch. */
  lost(target: Target): void;
}

export interface EphemeralOptions {
  /** Why an endpoint may not be asked, or undefined: `safetyCheck`. */
  readonly refuse: (target: Target, endpoint: Endpoint) => string | undefined;
  /** Why this target gets no sidecar, or undefined: its namespace has not opted in, … */
  readonly missing?: (target: Target) => string | undefined;
  readonly sidecars: SidecarAccess;
  readonly budget: StreamBudget;
  readonly credentials?: TargetCredentials;
}

/** The one line of JSON that the program in the sidecar writes; deploy/sidecar/README.md. */
interface FetchReport {
  readonly status: number;
  readonly contentType: string;
  readonly goPprof: boolean;
  readonly snippet: string;
}

const program = '/flameherd-sidecar';
const maxWords: Bytes = 200;

/** The exit codes of the program's `fetch` that mean a failure of the target; deploy/sidecar/README.md. */
const failureOfExit: Readonly<Record<number, FetchFailure>> = {
  3: 'refused',
  4: 'timeout',
  5: 'too_large',
  6: 'reset',
  7: 'tls',
};

/**
 * Asks the pod's own loopback by executing a program of ours in an ephemeral container of the pod: the last way, which leaves
 * an entry in the pod's spec. Nothing is run through a shell, and only known sentences of pprof servers are shown. No credential
 * of a target goes this way, for the arguments of a command stand in audit logs.
 */
export class EphemeralTransport implements Transport {
  readonly name = 'ephemeral';
  readonly #options: EphemeralOptions;
  readonly #credentials: TargetCredentials;

  constructor(options: EphemeralOptions) {
    this.#options = options;
    this.#credentials = options.credentials ?? noCredentials;
  }

  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const { refuse, budget } = this.#options;
    const refused = refuse(target, request.endpoint) ?? pathProblem(request.path);
    if (refused !== undefined) throw new FetchError('forbidden', refused);
    if (!target.pod)
      throw new FetchError('forbidden', 'the ephemeral transport reaches pods only, and this target is none');
    const { tls, authorization } = await this.#credentials.of(target, request.endpoint);
    if (tls?.rejectUnauthorized) {
      const what = 'the ephemeral transport cannot verify the certificate that scrape.tls asks for';
      throw new FetchError('tls', `${what}: use direct or port-forward`);
    }
    // While it starts it needs no stream.
    const container = await this.#start(target, request, signal);
    const node = target.labels['node'] ?? '';
    using _place = await budget.enter(node, signal);
    // What we wait for ourselves is none of the target's time.
    await budget.open(node, signal);
    const ask = (within: AbortSignal): Promise<FetchReply> => this.#ask(target, container, request, within);
    const reply = await withinTime(request, signal, ask, explain);
    return adviceOn(reply, target, { sent: false, withheld: authorization !== undefined });
  }

  missing(target: Target): string | undefined {
    return this.#options.missing?.(target);
  }

  forget(target: Target): void {
    this.#options.sidecars.lost(target);
  }

  /** Waits as long as for an answer; what was begun goes on, so the next scrape finds it. */
  async #start(target: Target, { timeoutMs }: FetchRequest, signal: AbortSignal): Promise<string> {
    const patience = AbortSignal.timeout(timeoutMs);
    try {
      return await this.#options.sidecars.ensure(target, AbortSignal.any([signal, patience]));
    } catch (error) {
      if (signal.aborted) throw new FetchError('aborted', 'the scrape was called off', error);
      if (patience.aborted) {
        const waited = `after ${timeoutMs / second} s`;
        throw new FetchError('forward', `no sidecar yet ${waited}: it is being started, the next scrape looks again`);
      }
      throw error instanceof FetchError ? error : explain(error);
    }
  }

  async #ask(target: Target, container: string, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const { sidecars } = this.#options;
    request.began?.();
    const { timeoutMs, maxBytes } = request;
    const limits = { signal, timeoutMs, maxBytes };
    const result = await sidecars.exec(target, container, fetchCommand(request), limits).catch((error: unknown) => {
      // Whatever it was, the container may be gone; looking costs one GET.
      sidecars.lost(target);
      throw error;
    });
    return await this.#read(target, request, result);
  }

  async #read(target: Target, request: FetchRequest, result: CommandResult): Promise<FetchReply> {
    const { exitCode, stdout, stderr } = result;
    const report = readReport(stderr);
    const failure = failureOfExit[exitCode];
    if (failure) throw new FetchError(failure, `${where(request)}: ${failureWords[failure]}`);
    if (exitCode !== 0 || !report) {
      this.#options.sidecars.lost(target);
      const code = `exit code ${exitCode}${report ? '' : ' and no report'}`;
      throw new FetchError('forward', `the sidecar's fetch failed with ${code}: is the image of this version?`);
    }
    if (request.mayGrow && !request.mayGrow(stdout.length)) {
      const given = `given up at ${stdout.length} bytes`;
      throw new FetchError('too_large', `${given}: all answers under way together exceed their budget`);
    }
    if (report.status === 200) {
      return { kind: 'body', status: 200, contentType: report.contentType.toLowerCase(), bytes: stdout };
    }
    const headers = { 'content-type': report.contentType, 'x-go-pprof': report.goPprof ? '1' : '0' };
    return await readAnswer({ status: report.status, headers, body: bodyOf(report.snippet) }, request, 'known');
  }
}

function explain(error: unknown): FetchError {
  return new FetchError('other', cleanMessage(messageOf(error), maxWords), error);
}

const failureWords: Readonly<Partial<Record<FetchFailure, string>>> = {
  refused: 'nothing listens there, neither on 127.0.0.1 nor on ::1',
  timeout: 'no whole answer in time',
  too_large: 'the answer is longer than scrape.maxBody',
  reset: 'the connection was broken off, or what came is no HTTP',
  tls: 'the TLS handshake failed: is it plain HTTP?',
};

function fetchCommand({ endpoint, path, timeoutMs, maxBytes, overMaxBytes }: FetchRequest): string[] {
  const url = `${endpoint.scheme}://localhost:${endpoint.port}${path}`;
  const limits = ['--max-bytes', String(maxBytes), '--timeout', `${timeoutMs}ms`];
  return [program, 'fetch', '--url', url, ...limits, ...(overMaxBytes === 'cut' ? ['--cut'] : [])];
}

function where({ endpoint }: FetchRequest): string {
  return `${endpoint.scheme}://localhost:${endpoint.port} in the pod`;
}

/** What it says of itself; undefined when it is no line of ours. Whoever owns the pod could have put another program there. */
function readReport(stderr: string): FetchReport | undefined {
  try {
    const { status, contentType, goPprof, snippet } = JSON.parse(stderr) as Partial<FetchReport>;
    if (typeof status !== 'number' || !Number.isInteger(status) || status < 0 || status > 999) return undefined;
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    return { status, contentType: text(contentType), goPprof: goPprof === true, snippet: text(snippet) };
  } catch {
    return undefined;
  }
}

function bodyOf(text: string): AnswerBody {
  return {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(Buffer.from(text));
    },
    destroy: () => {},
  };
}
