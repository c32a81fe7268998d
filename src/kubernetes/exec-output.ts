import { cleanMessage } from '../model/clean-text.ts';
import type { Bytes, DurationMs } from '../model/units.ts';
import type { ChannelSocket, SocketEnd } from './channel-socket.ts';
import { errorFromStatus } from './errors.ts';
import type { ExecResult } from './exec.ts';
import { ExecError, execStatusError } from './exec-error.ts';

const stdoutChannel = 1;
const stderrChannel = 2;
const statusChannel = 3;
const maxStderrBytes: Bytes = 4096;
const maxStatusBytes: Bytes = 64 << 10;
/** The status comes last, then the server closes; one that does not is not waited for. */
const statusGraceMs: DurationMs = 1000;

/** Takes what a command writes until its status is there. Ends the socket in every case. */
export function collectExec(
  socket: ChannelSocket,
  { maxBytes, signal }: { readonly maxBytes: Bytes; readonly signal: AbortSignal },
): Promise<ExecResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
  const stdout = new BoundedBytes(maxBytes);
  const stderr = new BoundedBytes(maxStderrBytes);
  const status = new BoundedBytes(maxStatusBytes);
  let grace: NodeJS.Timeout | undefined;
  const stop = (): void => {
    reject(signal.reason);
    socket.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  socket.start({
    message(channel, payload) {
      if (channel === stdoutChannel && !stdout.add(payload)) {
        reject(new ExecError('too_large', `the command wrote more than ${maxBytes} bytes`));
        socket.destroy();
      }
      if (channel === stderrChannel) stderr.add(payload);
      if (channel !== statusChannel || payload.length === 0) return;
      status.add(payload);
      grace ??= setTimeout(() => socket.destroy(), statusGraceMs);
    },
    end(how) {
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
      try {
        const exitCode = exitCodeOf(status.text(), how);
        resolve({ stdout: stdout.whole(), stderr: cleanMessage(stderr.text(), maxStderrBytes), exitCode });
      } catch (error) {
        reject(error);
      }
    },
  });
  if (signal.aborted) stop();
  return promise;
}

interface WireExecStatus {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

function exitCodeOf(text: string, how: SocketEnd): number {
  if (text === '') throw withoutStatus(how);
  let status: WireExecStatus;
  try {
    status = JSON.parse(text) as WireExecStatus;
  } catch (cause) {
    throw new ExecError('no_status', 'the status of the command cannot be read', cause);
  }
  if (status.status === 'Success') return 0;
  const code = Number(status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message ?? Number.NaN);
  if (Number.isInteger(code)) return code;
  throw execStatusError(errorFromStatus(status, 500));
}

function withoutStatus(how: SocketEnd): ExecError {
  if (how === 'closed') return new ExecError('no_status', 'the connection was closed before the command had ended');
  const what = how === 'silent' ? 'fell silent' : 'broke';
  return new ExecError('reset', `the connection through the API server ${what} before the command had ended`);
}

/** Keeps the first bytes of a stream. */
class BoundedBytes {
  readonly #max: Bytes;
  readonly #chunks: Buffer[] = [];
  #size: Bytes = 0;

  constructor(max: Bytes) {
    this.#max = max;
  }

  /** False when there were more than fit: what is over is dropped. */
  add(chunk: Buffer): boolean {
    const kept = chunk.subarray(0, this.#max - this.#size);
    if (kept.length > 0) this.#chunks.push(kept);
    this.#size += kept.length;
    return kept.length === chunk.length;
  }

  whole(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  text(): string {
    return new TextDecoder().decode(this.whole());
  }
}
