import type { Bytes, DurationMs } from '../model/units.ts';
import { second } from '../model/units.ts';
import type { Heartbeat } from './channel-socket.ts';
import type { KubernetesClient } from './client.ts';
import { KubernetesError } from './errors.ts';
import { ExecError, namedContainerError } from './exec-error.ts';
import { collectExec } from './exec-output.ts';
import { IdleDeadline } from './idle-deadline.ts';
import { type PodName, podPath } from './pod-path.ts';
import { openChannelSocket } from './web-socket.ts';

export { ExecError, type ExecFailure } from './exec-error.ts';

export interface ExecOptions {
  readonly signal: AbortSignal;
  /** For all of it, the handshake included. */
  readonly timeoutMs: DurationMs;
  /** The most that is taken of stdout. */
  readonly maxBytes: Bytes;
  /** Default 10 s, and never more than `timeoutMs`. */
  readonly handshakeMs?: DurationMs;
  readonly heartbeat?: Heartbeat;
}

export interface ExecResult {
  /** In a buffer of its own, which may be transferred. */
  readonly stdout: Uint8Array;
  /** At most 4 KiB, harmless to show. */
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * Runs `argv` in a container, without a shell. Rejects with a `KubernetesError` (`not-found`: no such pod or container, or it
 * does not run), with an `ExecError`, or with the signal's reason. Giving up does not end the process: on all versions of
 * Kubernetes it runs on, so `argv` must end itself.
 */
export async function execInPod(
  client: KubernetesClient,
  pod: PodName,
  container: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { signal, timeoutMs, maxBytes, handshakeMs = 10 * second, heartbeat } = options;
  signal.throwIfAborted();
  using deadline = new IdleDeadline(signal, timeoutMs);
  try {
    const socket = await openChannelSocket(client, {
      path: `${podPath(pod)}/exec?${queryOf(container, argv)}`,
      protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
      resource: 'pods/exec',
      signal: deadline.signal,
      handshakeMs,
      heartbeat,
    });
    return await collectExec(socket, { maxBytes, signal: deadline.signal });
  } catch (error) {
    if (deadline.expired) throw new ExecError('timeout', `the command did not end within ${timeoutMs / second} s`);
    if (signal.aborted) throw signal.reason;
    throw error instanceof KubernetesError ? namedContainerError(error, container) : error;
  }
}

function queryOf(container: string, argv: readonly string[]): string {
  const commands = argv.map((word): [string, string] => ['command', word]);
  return new URLSearchParams([
    ['container', container],
    ['stdout', 'true'],
    ['stderr', 'true'],
    ...commands,
  ]).toString();
}
