import { type TSchema, Type } from 'typebox';
import { FlameherdError } from '../model/errors.ts';
import { bounds, longestSeconds } from './bounds.ts';

/**
 * Parameters that several routes share. Each schema is the check, the type and the documentation; the description is also
 * the hint of the error.
 */

const timeForms = 'RFC 3339, Unix time in s, ms, µs or ns, now, or now-90m';

/** A text of at least one character. */
export function text(description: string, maxLength: number = bounds.queryLength): ReturnType<typeof Type.String> {
  return Type.String({ minLength: 1, maxLength, description });
}

export const queryParameter = text(
  'A profile type or its alias, then matchers: cpu{namespace="shop",workload=~"check.*"}. Aliases: cpu, heap, inuse_objects, allocs, alloc_objects, goroutine, block, mutex, block_count, mutex_count, samples.',
);

export const timeParameter = (what: string) => Type.Optional(text(`${what}: ${timeForms}.`, 64));

/** `[from, to)`; read by `readWindow`. */
export const windowParameters = {
  from: timeParameter('Where the window begins (default: an hour before its end)'),
  to: timeParameter('Where the window ends, itself not included (default: now)'),
  start: timeParameter('Another name of from'),
  end: timeParameter('Another name of to'),
  seconds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: longestSeconds,
      description: 'The last N seconds before the end of the window; not together with from.',
    }),
  ),
};

export const matchParameters = {
  'match[]': Type.Optional(
    Type.Array(text('Label matchers: {namespace="shop",workload=~"check.*"}.'), {
      maxItems: 1,
      description: 'Label matchers, once: {namespace="shop",workload=~"check.*"}. All conditions must be met.',
    }),
  ),
  match: Type.Optional(text('The same as match[], for shells that dislike brackets.')),
};

export function limitParameter(
  { default: standard, max }: { readonly default: number; readonly max: number },
  what: string,
) {
  return Type.Optional(Type.Integer({ minimum: 1, maximum: max, default: standard, description: what }));
}

export const cursorParameter = Type.Optional(text('Continues after a page: its nextCursor.', bounds.queryLength));

/** For a cursor that was made up. */
export function foreignCursor(cursor: string): FlameherdError {
  return new FlameherdError('bad_parameter', `cursor: ${JSON.stringify(cursor)} is none of ours`, {
    hint: 'give the nextCursor of the answer before, unchanged',
  });
}

/** The schema of all parameters of a route: what is not named is an error. */
export function parameters<Properties extends Record<string, TSchema>>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false });
}
