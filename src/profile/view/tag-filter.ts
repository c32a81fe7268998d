import { FlameherdError } from '../../model/errors.ts';
import { compileExpression } from '../../model/expression.ts';
import type { PprofLabel } from '../../model/frame.ts';
import type { TextTests } from './frame-test.ts';
import { inferredUnit, inUnit, unitsByKey } from './label-units.ts';

/** A condition on the pprof labels of a sample. */
export interface TagFilter {
  /** Ranges look at numbers only, others at texts only. */
  readonly isRange: boolean;
  /** Whether each label set matches, 1 or 0. */
  matches(labelSets: readonly (readonly PprofLabel[])[], tests: TextTests): Uint8Array;
}

type LabelTest = (labels: readonly PprofLabel[]) => boolean;

/**
 * Reads `tagfocus` and `tagignore`, as google/pprof's internal/driver/driver_focus.go:
 *
 *     32kb  :64kb  4mb:  12kb:64mb    a number in this range, ends included
 *     bytes=32kb:                     the same, of this key only
 *     cart,eu                         for each expression, a text label whose `key:value` matches it
 *     route=cart,pay                  a text of this key that matches one of the expressions
 *
 * Throws `bad_parameter`.
 */
export function tagFilter(parameter: string, value: string): TagFilter {
  const equals = value.indexOf('=');
  const key = equals < 0 ? '' : value.slice(0, equals);
  const wanted = value.slice(equals + 1);
  const range = numberRange(parameter, wanted);
  if (range) {
    return { isRange: true, matches: (labelSets) => bits(labelSets, rangeTest(key, range, unitsByKey(labelSets))) };
  }
  const expressions = wanted.split(',').map((part) => compileExpression(parameter, part));
  return {
    isRange: false,
    matches: (labelSets, tests) =>
      bits(labelSets, (labels) => {
        const texts = labels.flatMap((label) =>
          'text' in label && (key === '' || label.key === key)
            ? [key === '' ? `${label.key}:${label.text}` : label.text]
            : [],
        );
        const isMet = (expression: (typeof expressions)[number]): boolean =>
          texts.some((text) => tests.matches(expression, text));
        return key === '' ? expressions.every(isMet) : expressions.some(isMet);
      }),
  };
}

function bits(labelSets: readonly (readonly PprofLabel[])[], test: LabelTest): Uint8Array {
  return Uint8Array.from(labelSets, (labels) => (test(labels) ? 1 : 0));
}

/** Whether a number in a unit lies in a range. */
type NumberTest = (value: number, unit: string) => boolean;

/** A number has its own unit, else that of its key. */
function rangeTest(key: string, isInRange: NumberTest, units: ReadonlyMap<string, string>): LabelTest {
  return (labels) =>
    labels.some((label) => {
      if ('text' in label || (key !== '' && label.key !== key)) return false;
      return isInRange(Number(label.number), label.unit || units.get(label.key) || inferredUnit(label.key));
    });
}

const end = /[+-]?\d+(?:[A-Za-z]+)?/.source;
const rangeForm = new RegExp(`^(?:(?<from>${end}):(?<to>${end})|(?<only>${end})|(?<least>${end}):|:(?<most>${end}))$`);

/** Undefined for what is no range and so an expression, such as ends in units that do not go together. */
function numberRange(parameter: string, text: string): NumberTest | undefined {
  const found = rangeForm.exec(text)?.groups;
  if (!found) return undefined;
  const { from, to, only, least, most } = found;
  const first = bound(parameter, from ?? only ?? least ?? most ?? '');
  const { unit } = first;
  const last = to === undefined ? first : bound(parameter, to, unit);
  if (last.unit !== unit) return undefined;
  const min = most === undefined ? first.value : -Infinity;
  const max = least === undefined ? last.value : Infinity;
  return (value, valueUnit) => {
    const scaled = inUnit(value, valueUnit, unit);
    return scaled.unit === unit && scaled.value >= min && scaled.value <= max;
  };
}

/** One end of a range in a unit; without one, in its own. */
function bound(parameter: string, text: string, unit?: string): ReturnType<typeof inUnit> {
  const [, digits = '', own = ''] = /^([+-]?\d+)(.*)$/.exec(text) ?? [];
  const number = BigInt(digits.replace('+', ''));
  if (number !== BigInt.asIntN(64, number)) {
    throw new FlameherdError('bad_parameter', `${parameter}: ${digits} is beyond the 64-bit numbers that labels hold`, {
      hint: 'leave an end open instead: bytes=32kb:',
    });
  }
  return inUnit(Number(number), own, unit ?? own);
}
