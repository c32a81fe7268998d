import type { Expression } from '../../model/expression.ts';
import type { Frame } from '../../model/frame.ts';
import type { StackTree } from '../stack-tree.ts';

/** Instructions of a matcher between two checks: some milliseconds at worst. */
const checkedWork = 2_000_000;

/**
 * Tests texts against expressions, each pair once: functions share names, and files and binaries repeat in thousands of
 * frames.
 */
export class TextTests {
  readonly #check: () => void;
  readonly #known = new Map<Expression, Map<string, boolean>>();
  #work = 0;

  constructor(check: () => void) {
    this.#check = check;
  }

  matches(expression: Expression, text: string): boolean {
    const known = this.#known.get(expression) ?? new Map<string, boolean>();
    if (known.size === 0) this.#known.set(expression, known);
    let matches = known.get(text);
    if (matches === undefined) {
      this.#work += 100 + expression.programSize * (text.length + 1);
      if (this.#work > checkedWork) {
        this.#work = 0;
        this.#check();
      }
      matches = expression.test(text);
      known.set(text, matches);
    }
    return matches;
  }

  /** Whether the name or the file of a frame's function matches; never for a frame without symbols. */
  matchesFunction(expression: Expression, frame: Frame): boolean {
    const { function: fn } = frame;
    return fn !== undefined && (this.matches(expression, nameOf(frame)) || this.matches(expression, fn.file));
  }

  /** Whether the file of the frame's binary matches; never for a frame without a mapping. */
  matchesMapping(expression: Expression, { mapping }: Frame): boolean {
    return mapping !== undefined && this.matches(expression, mapping.file);
  }

  matchesAny(expression: Expression, frame: Frame): boolean {
    return this.matchesFunction(expression, frame) || this.matchesMapping(expression, frame);
  }
}

/** The name that filters see: the function's, else its system name; '' without either. */
export function nameOf(frame: Frame): string {
  return frame.function ? frame.function.name || frame.function.systemName : '';
}

/** A byte for each frame of a tree: `bitsOf` is asked once for each. The root's is 0. */
export function frameBits(tree: StackTree, check: () => void, bitsOf: (frame: Frame) => number): Uint8Array {
  const bits = new Uint8Array(tree.frameCount);
  for (let id = 1; id < tree.frameCount; id++) {
    if (id % 4096 === 0) check();
    bits[id] = bitsOf(tree.frameAt(id));
  }
  return bits;
}
