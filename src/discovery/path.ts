import { type Annotation, named } from './annotations.ts';

export const defaultPath = '/debug/pprof';

/** A longer path is refused. */
export const maxPathLength = 256;

/** A value, and what was wrong with what was asked. */
export interface Checked<Value> {
  readonly value: Value;
  readonly warning: string | undefined;
}

/**
 * The path of an annotation when it is safe and matches the pattern, else the default with a warning. Safe is a plain
 * absolute path: segments of letters, digits and `-._~`, none of them `.` or `..`. So no annotation can name another host,
 * add a query, or hide a character that an HTTP client would read otherwise.
 */
export function checkPath(annotation: Annotation | undefined, pattern: RegExp, fallback: string): Checked<string> {
  if (!annotation) return { value: fallback, warning: undefined };
  const problem = pathProblem(annotation.value, pattern);
  if (problem) return { value: fallback, warning: `${named(annotation)} ${problem}: used ${fallback}` };
  return { value: annotation.value.replace(/\/$/, ''), warning: undefined };
}

/** What is wrong with a path; undefined when nothing is. */
export function pathProblem(path: string, pattern: RegExp): string | undefined {
  if (path.length > maxPathLength) return `is longer than ${maxPathLength} characters`;
  if (!/^(?:\/[A-Za-z0-9._~-]+)+\/?$/.test(path)) {
    return 'is no plain path such as /debug/pprof (letters, digits and -._~ between single slashes)';
  }
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) return 'has a . or .. segment';
  if (!pattern.test(path)) return `does not match discovery.pathPattern ${pattern.source}`;
  return undefined;
}
