import { constants, createGunzip, gzipSync } from 'node:zlib';

/** zlib behind a gunzip stream of Node, to be used again and again, into a buffer of the caller's. */
export interface InflateEngine {
  /** Call before each stream. */
  reset(): void;
  /**
   * Inflates what is left of `input` from `inputAt` into `room` bytes of `output`. Says how much of both is left; with no
   * room left there may be more to come.
   */
  write(input: Uint8Array, inputAt: number, output: Uint8Array, outputAt: number, room: number): InflateStep;
}

export type InflateStep =
  | { readonly kind: 'wrote'; readonly inputLeft: number; readonly roomLeft: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** The parts of Node's stream that have no documented name, as they have been since Node 10; npm's own `tar` uses them. */
interface NodeInflate {
  readonly _writeState: Uint32Array;
  readonly _handle: {
    onerror: (message: string, errno: number, code: string) => void;
    reset(): void;
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputLength: number,
      output: Uint8Array,
      outputAt: number,
      room: number,
    ): void;
  };
}

/** Undefined where this Node does not have what it takes, which is tried out. */
export function openInflateEngine(): InflateEngine | undefined {
  try {
    const engine = engineOf(createGunzip() as unknown as NodeInflate);
    const output = new Uint8Array(8);
    const step = engine.write(gzipSync('ok'), 0, output, 0, output.length);
    const works = step.kind === 'wrote' && step.inputLeft === 0 && step.roomLeft === 6 && output[1] === 0x6b;
    return works ? engine : undefined;
  } catch {
    return undefined;
  }
}

function engineOf({ _handle: handle, _writeState: state }: NodeInflate): InflateEngine {
  let failure: InflateStep | undefined;
  handle.onerror = (message, _errno, code) => {
    failure = { kind: 'failed', code, message };
  };
  return {
    reset: () => handle.reset(),
    write: (input, inputAt, output, outputAt, room) => {
      failure = undefined;
      handle.writeSync(constants.Z_FINISH, input, inputAt, input.length - inputAt, output, outputAt, room);
      return failure ?? { kind: 'wrote', roomLeft: state[0] ?? 0, inputLeft: state[1] ?? 0 };
    },
  };
}
