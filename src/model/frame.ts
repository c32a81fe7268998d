/** A function of the profiled program, as pprof names it. */
export interface FunctionName {
  readonly name: string;
  readonly systemName: string;
  readonly file: string;
  /** The line where the function begins; 0 when unknown. `go build -pgo` needs it. */
  readonly startLine: number;
}

/** The binary or library a frame came from. */
export interface MappingName {
  readonly file: string;
  readonly buildId: string;
}

/**
 * One line of a stack trace as a person reads it. A location with inlined functions is several frames: the innermost has
 * `inlined` set, and so has every one but the outermost.
 *
 * A location without symbols is one frame without `function`; its `address` is relative to the file
 * (`address - mapping.start + mapping.offset`), so that two processes of one binary agree on it.
 */
export interface Frame {
  readonly function: FunctionName | undefined;
  readonly line: number;
  readonly column: number;
  readonly inlined: boolean;
  /** Symbols of several functions were folded into one by the linker. */
  readonly folded: boolean;
  readonly mapping: MappingName | undefined;
  /** Only where there is no function; 0n elsewhere. */
  readonly address: bigint;
}

/** A pprof label of a sample: a string, or a number with a unit. */
export type PprofLabel =
  | { readonly key: string; readonly text: string }
  | { readonly key: string; readonly number: bigint; readonly unit: string };

/** What a sample counts: frames from the root to the leaf, and the labels the program put on it. */
export interface StackTrace {
  readonly frames: readonly Frame[];
  /** Sorted by key, then by value. */
  readonly labels: readonly PprofLabel[];
}

/** The value of a label as a person reads it: a number without its unit. */
export function labelText(label: PprofLabel): string {
  return 'text' in label ? label.text : String(label.number);
}

/** A function's name as views show and key it: its name, else its system name, else the address in its file. */
export function frameName(frame: Frame): string {
  if (frame.function) return frame.function.name || frame.function.systemName || '?';
  return `0x${frame.address.toString(16)} (${frame.mapping?.file ?? ''})`;
}
