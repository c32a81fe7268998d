import type { ContainerRecord, PodRecord } from '../kubernetes/records.ts';
import type { Endpoint } from '../model/target.ts';
import { type Bytes, type DurationMs, second } from '../model/units.ts';
import type { WorkloadRecord } from './cluster-view.ts';

/** Ports to be asked whether they serve pprof: once per (workload, container, image). */
export interface ProbeRequest {
  readonly key: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** The prefix under which an index is looked for. */
  readonly path: string;
  readonly ports: readonly number[];
}

export type ProbeResult =
  | { readonly kind: 'found'; readonly port: number; readonly asked: readonly number[] }
  | { readonly kind: 'none'; readonly asked: readonly number[] };

/** What one GET answered; any failure is undefined. Never follows a redirect, never sends a credential. */
export type ProbeFetch = (
  endpoint: Endpoint,
  path: string,
  limits: { readonly timeoutMs: DurationMs; readonly maxBytes: Bytes },
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: Uint8Array } | undefined>;

export const probeTimeoutMs: DurationMs = second;
export const probeMaxBytes: Bytes = 4096;
/** Ports of one container that are asked. */
export const maxProbedPorts = 8;

/** Names the program: all pods of one image of a workload answer alike. */
export function probeKey(
  pod: PodRecord,
  workload: WorkloadRecord,
  { name, imageDigest, image }: ContainerRecord,
): string {
  return [pod.namespace, workload.kind, workload.name, name, imageDigest || image].join('/');
}

/** Asks each port in turn, one GET each, until one answers with a pprof index. */
export async function probe(request: ProbeRequest, fetch: ProbeFetch, signal: AbortSignal): Promise<ProbeResult> {
  const { scheme, host, path } = request;
  const asked: number[] = [];
  for (const port of request.ports.slice(0, maxProbedPorts)) {
    if (signal.aborted) break;
    asked.push(port);
    const limits = { timeoutMs: probeTimeoutMs, maxBytes: probeMaxBytes };
    const reply = await fetch({ scheme, host, port }, `${path}/`, limits, signal);
    if (reply && isPprofIndex(reply.status, reply.body)) return { kind: 'found', port, asked };
  }
  return { kind: 'none', asked };
}

/**
 * Whether an answer is the index of a pprof server: Go's page, which names itself and links to the kinds, or a like one.
 * A login page or a catch-all answer is none.
 */
export function isPprofIndex(status: number, body: Uint8Array): boolean {
  if (status !== 200) return false;
  const text = new TextDecoder().decode(body.subarray(0, probeMaxBytes)).toLowerCase();
  const kinds = ['goroutine', 'heap', 'profile', 'allocs', 'mutex', 'block', 'threadcreate'];
  const linked = kinds.filter((kind) => new RegExp(`href=["']?[^"'>]*\\b${kind}\\b`).test(text));
  return text.includes('pprof') && linked.length >= 2;
}
