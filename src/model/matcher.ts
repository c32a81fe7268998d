import { RE2JS } from 're2js';
import { FlameherdError, messageOf } from './errors.ts';
import { type LabelSet, labelValue } from './labels.ts';
import { type Matcher, readMatchers, readSelector, type Selector } from './selector.ts';

/** A test of one label value; the regular expression is compiled once, and is linear in the length of the value. */
export function compileMatcher({ among, ...matcher }: Matcher): (labelValue: string) => boolean {
  const test = compileOperator(matcher);
  return among === undefined ? test : (given) => among.has(given) && test(given);
}

function compileOperator({ operator, value }: Omit<Matcher, 'among'>): (labelValue: string) => boolean {
  if (operator === '=') return (given) => given === value;
  if (operator === '!=') return (given) => given !== value;
  const pattern = compileRegex(value);
  return operator === '=~' ? (given) => pattern.matches(given) : (given) => !pattern.matches(given);
}

/** Whether a label set meets every condition. For many label sets, compile first. */
export function compileMatchers(matchers: readonly Matcher[]): (labels: LabelSet) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher) }));
  return (labels) => tests.every(({ name, test }) => test(labelValue(labels, name)));
}

/** As `readSelector`, and throws `bad_query` where an expression is not RE2. */
export function parseSelector(text: string): Selector {
  const selector = readSelector(text);
  checkExpressions(selector.matchers);
  return selector;
}

/** As `readMatchers`, and throws `bad_query` where an expression is not RE2. */
export function parseMatchers(text: string): Matcher[] {
  const matchers = readMatchers(text);
  checkExpressions(matchers);
  return matchers;
}

function checkExpressions(matchers: readonly Matcher[]): void {
  for (const { operator, value } of matchers) if (operator === '=~' || operator === '!~') compileRegex(value);
}

function compileRegex(value: string): RE2JS {
  try {
    return RE2JS.compile(value, RE2JS.DOTALL);
  } catch (error) {
    throw new FlameherdError('bad_query', `query: ${JSON.stringify(value)} is no RE2 expression: ${messageOf(error)}`, {
      hint: 'expressions are RE2, as in PromQL: no look-ahead, no back-references; they match the whole value',
    });
  }
}
