import type { IngestJob, IngestOutcome } from '../ingest/messages.ts';
import { messageOf } from '../model/errors.ts';
import type { Asking, ProfileAnswer } from './ask-target.ts';
import type { ScrapeFailure } from './failure.ts';
import { stampOf } from './request.ts';
import type { ScrapeContext } from './scrape-context.ts';
import { workloadOf } from './workload.ts';

/** Gives a profile to the ingest and takes note of what became of it. Resolves with what went wrong, or nothing. */
export async function handOver(
  { ingest, firstKnownMs, intervalOf, metrics }: ScrapeContext,
  { target, kind, wish }: Asking,
  answer: ProfileAnswer,
): Promise<ScrapeFailure | undefined> {
  const { spec } = kind;
  const { startMs, endMs, seconds, bytes, transport, transportReason } = answer;
  // The buffer is handed over below and reads as empty from then on.
  const size = bytes.length;
  const copy = wish && bytes.slice();
  const job: IngestJob = {
    source: target.source,
    labels: target.labels,
    process: target.process,
    build: target.build,
    kind: spec.kind,
    bytes,
    stampMs: kind.stampAt(stampOf(spec, { startMs, endMs, previousMs: kind.lastAnswerMs })),
    // Until its next turn a process is taken to do what it did in this one.
    intervalMs: intervalOf(target, spec),
    origin: 'scrape',
    firstKnownMs: firstKnownMs(target.labels),
    asDelta: false,
    endedMs: undefined,
  };
  const outcome = await settled(ingest(job));
  if (outcome.kind === 'refused') return { reason: 'parse', message: outcome.error.message };
  if (outcome.kind === 'dropped') {
    return {
      reason: 'dropped',
      message: `the profile was dropped: ${outcome.queuedBytes} bytes wait for ingest already`,
    };
  }
  if (outcome.kind === 'rejected')
    return { reason: 'dropped', message: `the profile was not stored: ${outcome.message}` };
  if (wish && copy) wish.outcome = { kind: 'snapped', bytes: copy, id: outcome.id, transport, transportReason };
  const { samples, warnings } = outcome;
  kind.succeeded({ endMs, durationMs: endMs - startMs, bytes: size, samples, warnings });
  metrics.scraped(workloadOf(target), spec.kind, { seconds: seconds ?? 0, bytes: size, durationMs: endMs - startMs });
  return undefined;
}

async function settled(
  outcome: Promise<IngestOutcome>,
): Promise<IngestOutcome | { readonly kind: 'rejected'; readonly message: string }> {
  try {
    return await outcome;
  } catch (error) {
    return { kind: 'rejected', message: messageOf(error) };
  }
}
