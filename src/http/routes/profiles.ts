import { Type } from 'typebox';
import { parseSelector } from '../../model/matcher.ts';
import { listSchemas, responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { cursorParameter, limitParameter, parameters, queryParameter, text, windowParameters } from '../parameters.ts';
import { readWindow } from '../window.ts';

const profilesParameters = parameters({
  query: queryParameter,
  ...windowParameters,
  limit: limitParameter(sizes.profiles, 'Profiles on a page, newest first.'),
  cursor: cursorParameter,
});

/** Single stored profiles: their list, and one as pprof. */
export function profilesRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/profiles',
    {
      schema: {
        tags: ['profiles'],
        summary: 'Single profiles, newest first',
        querystring: profilesParameters,
        response: responses.json(listSchemas.profiles),
      },
    },
    (request, reply) => {
      const { query } = request;
      return answerWith(context, request, reply, {
        kind: 'profiles',
        selector: parseSelector(query.query),
        window: readWindow(query, context.deps.now()),
        limit: query.limit ?? sizes.profiles.default,
        cursor: query.cursor,
      });
    },
  );
  app.get(
    '/api/v1/profiles/:id',
    {
      schema: {
        tags: ['profiles'],
        summary: 'One profile as pprof; cumulative types hold the increase since the one before',
        params: Type.Object({ id: text('As the list of profiles or the upload says.') }),
        querystring: parameters({}),
        response: responses.pprof,
      },
    },
    (request, reply) => answerWith(context, request, reply, { kind: 'profile', id: request.params.id }),
  );
}
