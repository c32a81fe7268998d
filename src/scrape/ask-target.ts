import { messageOf } from '../model/errors.ts';
import type { Target, TransportName } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import type { Permit } from './admission.ts';
import { classifyReply } from './classify.ts';
import { reasonOfFetch, type ScrapeFailure } from './failure.ts';
import type { KindState } from './kind-state.ts';
import { pathWithSeconds, secondsWithin, timeoutOf } from './request.ts';
import type { ScrapeContext } from './scrape-context.ts';
import { FetchError, type FetchReply, type FetchRequest } from './transports/transport.ts';
import type { Wish } from './wish.ts';

/** One kind of one target, and whether it is asked out of turn. */
export interface Asking {
  readonly target: Target;
  readonly kind: KindState;
  readonly wish: Wish | undefined;
}

export interface ProfileAnswer {
  readonly kind: 'profile';
  readonly bytes: Uint8Array;
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
  readonly seconds: number | undefined;
  readonly transport: TransportName;
  readonly transportReason: string;
}

export type Answer = ProfileAnswer | ({ readonly kind: 'failed' } & ScrapeFailure) | { readonly kind: 'aborted' };

/** Asks one target for one kind, by the transport that is its own just now, and judges what came. Never rejects. */
export async function askTarget(
  { now, choose, cpuDuty, maxBodyBytes }: ScrapeContext,
  { target, kind, wish }: Asking,
  permit: Permit,
  signal: AbortSignal,
): Promise<Answer> {
  const choice = choose(target);
  if (choice.kind === 'missing') return { kind: 'failed', reason: 'forward', message: choice.message };
  const spec = wish?.spec ?? kind.spec;
  const wanted = wish ? undefined : kind.seconds;
  const seconds = wanted === undefined ? wish?.spec.seconds : secondsWithin(cpuDuty, wanted, spec.intervalMs);
  const path = pathWithSeconds(spec.path, seconds);
  let startMs = now();
  let reply: FetchReply;
  try {
    const request: FetchRequest = {
      endpoint: spec.endpoint,
      path,
      timeoutMs: timeoutOf(seconds),
      maxBytes: maxBodyBytes,
      mayGrow: (bytes) => permit.mayGrow(bytes),
      began: () => {
        startMs = now();
      },
    };
    reply = await choice.transport.fetch(target, request, signal);
  } catch (error) {
    const reason = error instanceof FetchError ? reasonOfFetch(error.failure) : 'other';
    return reason === undefined ? { kind: 'aborted' } : { kind: 'failed', reason, message: messageOf(error) };
  }
  const verdict = classifyReply(path, reply);
  if (verdict.kind === 'failed') return verdict;
  // `auto` may have learnt of a better one just now.
  const after = choose(target);
  const { transport, reason: transportReason } = after.kind === 'chosen' ? after : choice;
  return { ...verdict, startMs, endMs: now(), seconds, transport: transport.name, transportReason };
}
