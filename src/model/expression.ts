import { RE2JS } from 're2js';
import { FlameherdError, messageOf } from './errors.ts';

/**
 * RE2 takes time linear in the text, times the size of the expression's program at worst. Both bounds together keep one
 * test of a name below a millisecond or so, whatever is asked.
 */
export interface ExpressionBounds {
  /** In UTF-16 units. */
  readonly length: number;
  /** Instructions of the compiled program: `a{1000}` has about 1,000. */
  readonly programSize: number;
}

export const questionBounds: ExpressionBounds = { length: 1024, programSize: 4096 };
/** What a profile's own `drop_frames` and `keep_frames` may be: lists of functions, longer than what people type. */
export const headerBounds: ExpressionBounds = { length: 16_384, programSize: 16_384 };

/** A compiled expression that may match anywhere in a text, as Go's `regexp.MatchString`; `.` matches no line end. */
export interface Expression {
  readonly programSize: number;
  test(text: string): boolean;
}

/** Compiles what a question gives as a parameter. Throws `bad_parameter`, which names the parameter, the value, and the bounds. */
export function compileExpression(parameter: string, value: string, bounds = questionBounds): Expression {
  const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value.length > bounds.length) {
    throw new FlameherdError(
      'bad_parameter',
      `${parameter}: ${shown} has ${value.length} characters; at most ${bounds.length} are allowed`,
      { hint: 'match a part that the names have in common: an expression may match anywhere in a name' },
    );
  }
  const pattern = compiled(parameter, value, shown);
  const programSize = pattern.programSize();
  if (programSize > bounds.programSize) {
    throw new FlameherdError(
      'bad_parameter',
      `${parameter}: ${shown} compiles to ${programSize} instructions; at most ${bounds.programSize} are allowed`,
      { hint: 'use * or + instead of counted repetitions such as {1000}' },
    );
  }
  return { programSize, test: (text) => pattern.test(text) };
}

function compiled(parameter: string, value: string, shown: string): RE2JS {
  try {
    return RE2JS.compile(value);
  } catch (error) {
    throw new FlameherdError('bad_parameter', `${parameter}: ${shown} is no RE2 expression: ${messageOf(error)}`, {
      hint: 'expressions are RE2, as in go tool pprof: no look-ahead, no back-references; they match anywhere in a name',
    });
  }
}
