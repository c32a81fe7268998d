import type { Endpoint, Target, TransportName } from '../model/target.ts';
import { type DurationMs, hour, minute, second, type UnixMs } from '../model/units.ts';
import { FetchError, type FetchReply, type FetchRequest, type Transport } from './transports/transport.ts';

/** How a target is reached and why, or why it cannot be. */
export type TransportChoice =
  | { readonly kind: 'chosen'; readonly transport: Pick<Transport, 'name' | 'fetch'>; readonly reason: string }
  | { readonly kind: 'missing'; readonly message: string };

export interface TransportBookOptions {
  /** Those that the configuration enables. */
  readonly transports: readonly Transport[];
  /** Why a transport cannot be used for this target just now (it is off, a right is missing), with what to do; else undefined. */
  readonly missing?: (name: TransportName, target: Target) => string | undefined;
  readonly now?: () => UnixMs;
}

/** What was learnt of one port of one source that refused directly. */
interface Entry {
  readonly name: TransportName;
  reason: string;
  /** Whether what answered was pprof. */
  proven: boolean;
  recheckMs: UnixMs;
  recheckAfterMs: DurationMs;
}

/** A port that refused by every way: the ways after direct are left alone for a while, for each costs the API server a stream. */
interface Nowhere {
  readonly message: string;
  readonly untilMs: UnixMs;
  readonly forMs: DurationMs;
}

/** Tried in this order after a refused direct connection. */
const afterDirect: readonly TransportName[] = ['port-forward', 'pod-proxy', 'ephemeral'];
/**
 * A program that had not begun to listen refuses as one that listens on 127.0.0.1 only. So direct is tried again after a
 * minute, then after twice as long each time, to an hour at most: a refused connection costs nothing worth saving.
 */
const firstRecheckMs: DurationMs = minute;
const longestRecheckMs: DurationMs = hour;
/** Of the time of a scrape: what a try of direct may take while another way is known to work. */
const recheckTimeoutMs: DurationMs = 2 * second;
/** How long the ways after direct are left alone when all of them refused: at first, and at most, twice as long each time. */
const firstNowhereMs: DurationMs = 30 * second;
const longestNowhereMs: DurationMs = 16 * minute;
/** With less time left another way is not begun. */
const leastTimeMs: DurationMs = 100;

/**
 * Which transport each process is reached by, and why.
 *
 * `auto` asks directly. Only where the connection is *refused* it goes on, in the same scrape and with the time that is left:
 * port-forward, then what else is enabled. A time-out may be a NetworkPolicy, so it is told and never passed by. What
 * answered is remembered with its reason until the process is gone, or refuses too; where nothing did, the ways after
 * direct are tried ever less often, for each try is a stream of the API server.
 */
export class TransportBook {
  readonly #transports: readonly Transport[];
  readonly #missing: (name: TransportName, target: Target) => string | undefined;
  readonly #now: () => UnixMs;
  /** By source, then by port. */
  readonly #entries = new Map<string, Map<number, Entry>>();
  readonly #nowhere = new Map<string, Map<number, Nowhere>>();

  constructor({ transports, missing = () => undefined, now = Date.now }: TransportBookOptions) {
    this.#transports = transports;
    this.#missing = missing;
    this.#now = now;
  }

  choose(target: Target): TransportChoice {
    if (target.transport !== 'auto') return this.#named(target.transport, target);
    const known = [...(this.#entries.get(target.source)?.values() ?? [])];
    const name = known[0]?.name ?? 'direct';
    const missing = this.#why(name, target);
    if (missing !== undefined) return { kind: 'missing', message: missing };
    const usual = target.discoverer === 'static' ? 'the configured URL' : "the pod's own address";
    const fetch: Transport['fetch'] = (asked, request, signal) => this.#auto(asked, request, signal);
    const reason = known.length > 0 ? known.map((entry) => entry.reason).join('; ') : usual;
    return { kind: 'chosen', transport: { name, fetch }, reason };
  }

  /** The source is gone, and its process with it. */
  forget(target: Target): void {
    this.#entries.delete(target.source);
    this.#nowhere.delete(target.source);
    for (const transport of this.#transports) transport.forget?.(target);
  }

  #named(name: TransportName, target: Target): TransportChoice {
    const transport = this.#transports.find((each) => each.name === name);
    const missing = this.#why(name, target);
    if (!transport || missing !== undefined) return { kind: 'missing', message: missing ?? '' };
    return { kind: 'chosen', transport, reason: 'asked for by name' };
  }

  /** Why a transport cannot be used; undefined when it can. */
  #why(name: TransportName, target: Target): string | undefined {
    const transport = this.#transports.find((each) => each.name === name);
    const missing = this.#missing(name, target) ?? transport?.missing?.(target);
    if (missing !== undefined || transport) return missing;
    const names = this.#transports.map((each) => each.name).join(', ') || 'none';
    return `transport ${name} is not enabled here; enabled: ${names}`;
  }

  async #auto(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    const entry = this.#entries.get(target.source)?.get(request.endpoint.port);
    const endMs = this.#now() + request.timeoutMs;
    if (entry) return this.#again(entry, target, request, signal, endMs);
    const direct = this.#transports.find(({ name }) => name === 'direct');
    if (!direct) throw new FetchError('forward', this.#why('direct', target) ?? 'direct is not enabled here');
    try {
      const reply = await direct.fetch(target, request, signal);
      this.#nowhere.get(target.source)?.delete(request.endpoint.port);
      return reply;
    } catch (error) {
      if (target.pod === undefined || !isRefused(error)) throw error;
      const nowhere = this.#nowhere.get(target.source)?.get(request.endpoint.port);
      if (nowhere && this.#now() < nowhere.untilMs) throw new FetchError('refused', nowhere.message, error);
      return await this.#onwards(error, target, request, signal, endMs);
    }
  }

  /** The way that is known, unless direct is due for another try and answers now. */
  async #again(
    entry: Entry,
    target: Target,
    request: FetchRequest,
    signal: AbortSignal,
    endMs: UnixMs,
  ): Promise<FetchReply> {
    const { port } = request.endpoint;
    const direct = this.#transports.find(({ name }) => name === 'direct');
    const nowMs = this.#now();
    const isSnapshot = !/[?&]seconds=/.test(request.path);
    if (direct && isSnapshot && nowMs >= entry.recheckMs) {
      entry.recheckAfterMs = Math.min(2 * entry.recheckAfterMs, longestRecheckMs);
      entry.recheckMs = nowMs + entry.recheckAfterMs;
      const reply = await quietly(
        direct.fetch(target, { ...request, timeoutMs: Math.min(recheckTimeoutMs, request.timeoutMs) }, signal),
      );
      if (reply && isPprof(reply)) {
        this.#entries.get(target.source)?.delete(port);
        return reply;
      }
    }
    const missing = this.#why(entry.name, target);
    const transport = this.#transports.find(({ name }) => name === entry.name);
    if (!transport || missing !== undefined) throw new FetchError('forward', missing ?? '');
    try {
      const reply = await transport.fetch(target, within(request, endMs - this.#now()), signal);
      if (!entry.proven && isPprof(reply)) this.#remember(target, request.endpoint, entry.name, true);
      return reply;
    } catch (error) {
      if (isRefused(error)) this.#entries.get(target.source)?.delete(port);
      throw error;
    }
  }

  /** Each transport after direct, until one is not refused. */
  async #onwards(
    refused: FetchError,
    target: Target,
    request: FetchRequest,
    signal: AbortSignal,
    endMs: UnixMs,
  ): Promise<FetchReply> {
    const tried = [refused.message];
    const advice: string[] = [];
    let loopbackRefused = false;
    for (const name of afterDirect) {
      // It would ask the same loopback, and stay in the pod for nothing.
      if (name === 'ephemeral' && loopbackRefused) continue;
      const transport = this.#transports.find((each) => each.name === name);
      const missing = this.#missing(name, target) ?? transport?.missing?.(target);
      if (!transport || missing !== undefined) {
        // What is off by default is not worth a word; what would have been the next step is.
        if (name === 'port-forward' && missing !== undefined) advice.push(missing);
        continue;
      }
      const leftMs = endMs - this.#now();
      if (leftMs < leastTimeMs) break;
      try {
        const reply = await transport.fetch(target, within(request, leftMs), signal);
        this.#nowhere.get(target.source)?.delete(request.endpoint.port);
        this.#remember(target, request.endpoint, name, isPprof(reply));
        return reply;
      } catch (error) {
        if (!(error instanceof FetchError) || error.failure === 'aborted') throw error;
        tried.push(error.message);
        if (name === 'port-forward') loopbackRefused = true;
        if (error.failure !== 'refused') throw new FetchError(error.failure, joined([...tried, ...advice]), error);
      }
    }
    const message = joined([...tried, ...advice]);
    if (tried.length > 1) this.#leaveAlone(target, request.endpoint, message);
    throw new FetchError('refused', message, refused);
  }

  #leaveAlone(target: Target, { port }: Endpoint, message: string): void {
    const ports = this.#nowhere.get(target.source) ?? new Map<number, Nowhere>();
    const forMs = Math.min(2 * (ports.get(port)?.forMs ?? firstNowhereMs / 2), longestNowhereMs);
    ports.set(port, { message, untilMs: this.#now() + forMs, forMs });
    this.#nowhere.set(target.source, ports);
  }

  #remember(target: Target, endpoint: Endpoint, name: TransportName, proven: boolean): void {
    const entries = this.#entries.get(target.source) ?? new Map<number, Entry>();
    const known = entries.get(endpoint.port);
    const nowMs = this.#now();
    entries.set(endpoint.port, {
      name,
      proven,
      reason: reasonFor(name, endpoint, proven),
      recheckMs: known?.recheckMs ?? nowMs + firstRecheckMs,
      recheckAfterMs: known?.recheckAfterMs ?? firstRecheckMs,
    });
    this.#entries.set(target.source, entries);
  }
}

/** `direct refused on 10.1.2.3:6060; pprof answers on 127.0.0.1 by port-forward`. */
function reasonFor(name: TransportName, { host, port }: Endpoint, proven: boolean): string {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const where = name === 'pod-proxy' ? 'there' : 'on 127.0.0.1';
  const what = proven ? `pprof answers ${where}` : `something answers ${where} that has sent no profile yet`;
  return `direct refused on ${address}; ${what} by ${name}`;
}

/** A 404 of Go's pprof is pprof, too: the process does not offer that kind. */
function isPprof(reply: FetchReply): boolean {
  if (reply.kind === 'status') return reply.goPprof;
  const [first, second] = reply.bytes;
  return (first === 0x1f && second === 0x8b) || (first === 0x0a && !reply.contentType.startsWith('text/'));
}

function isRefused(error: unknown): error is FetchError {
  return error instanceof FetchError && error.failure === 'refused';
}

/** One message of several, what to do in the lines after the first. */
function joined(messages: readonly string[]): string {
  const lines = messages.map((message) => message.split('\n'));
  return [lines.map(([what]) => what).join('; '), ...lines.flatMap(([, ...advice]) => advice)].join('\n');
}

function within(request: FetchRequest, leftMs: DurationMs): FetchRequest {
  return { ...request, timeoutMs: Math.max(leastTimeMs, Math.min(request.timeoutMs, Math.round(leftMs))) };
}

async function quietly(reply: Promise<FetchReply>): Promise<FetchReply | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof FetchError && error.failure !== 'aborted') return undefined;
    throw error;
  }
}
