import { type Static, Type } from 'typebox';
import { FlameherdError } from '../../model/errors.ts';
import { parseMatchers } from '../../model/matcher.ts';
import type { Matcher } from '../../model/selector.ts';
import type { UnixMs } from '../../model/units.ts';
import { listSchemas, responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { bounds, sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { cursorParameter, limitParameter, matchParameters, parameters, text, windowParameters } from '../parameters.ts';
import { readWindow } from '../window.ts';

const listParameters = parameters({
  ...matchParameters,
  ...windowParameters,
  limit: limitParameter(sizes.listed, 'Entries on a page.'),
  cursor: cursorParameter,
});

const lists = [
  { path: '/api/v1/profile-types', kind: 'profile-types', summary: 'The profile types in the window' },
  { path: '/api/v1/labels', kind: 'labels', summary: 'The names of labels in the window, of series and of samples' },
  { path: '/api/v1/series', kind: 'series', summary: 'The label sets in the window, with their profile types' },
] as const;

/** What there is: profile types, labels, their values, series. */
export function listRoutes(app: HttpApp, context: HttpContext): void {
  for (const { path, kind, summary } of lists) {
    app.get(
      path,
      {
        schema: {
          tags: ['catalogue'],
          summary,
          querystring: listParameters,
          response: responses.json(listSchemas[kind]),
        },
      },
      (request, reply) =>
        answerWith(context, request, reply, { kind, ...listQuestion(request.query, context.deps.now()) }),
    );
  }
  app.get(
    '/api/v1/label/:name/values',
    {
      schema: {
        tags: ['catalogue'],
        summary: 'The values of one label of series or samples in the window',
        params: Type.Object({ name: text('The name of the label.') }),
        querystring: listParameters,
        response: responses.json(listSchemas['label-values']),
      },
    },
    (request, reply) =>
      answerWith(context, request, reply, {
        kind: 'label-values',
        name: request.params.name,
        ...listQuestion(request.query, context.deps.now()),
      }),
  );
}

function listQuestion(query: Static<typeof listParameters>, nowMs: UnixMs) {
  return {
    matchers: readMatch(query),
    window: readWindow(query, nowMs),
    limit: query.limit ?? sizes.listed.default,
    cursor: query.cursor,
  };
}

/** The matchers of `match[]` or `match`; none means all. A profile type has no place here. */
export function readMatch(query: { readonly 'match[]'?: readonly string[]; readonly match?: string }): Matcher[] {
  const [brackets, ...more] = query['match[]'] ?? [];
  if (more.length > 0 || (brackets !== undefined && query.match !== undefined)) {
    throw new FlameherdError('bad_parameter', 'match[]: given more than once; allowed is one', {
      hint: 'put all conditions into one: {namespace="shop",workload=~"a|b"}',
    });
  }
  const given = brackets ?? query.match;
  if (given === undefined) return [];
  const matchers = parseMatchers(given);
  if (matchers.length > bounds.matchers) {
    throw new FlameherdError('bad_query', `match[]: ${matchers.length} conditions; allowed are ${bounds.matchers}`);
  }
  return matchers;
}
