import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { FlameherdError } from '../../model/errors.ts';
import { describePause, type PauseScope } from '../../model/pause.ts';
import { pausesSchema, responses } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';

import { parameters, text } from '../parameters.ts';
import { refuseBody } from '../refuse-body.ts';
import type { Seen } from '../seen.ts';

const scopeParameters = {
  namespace: Type.Optional(text('The namespace; absent means all of them.', 253)),
  workload: Type.Optional(text('The workload, in the namespace; absent means all of them.', 253)),
};
const pauseParameters = parameters({
  ...scopeParameters,
  resume: Type.Optional(Type.Boolean({ description: 'true: lift the pause of this scope.' })),
});
const resumeParameters = parameters(scopeParameters);

/** Stopping to scrape a scope at once, and going on. Every answer lists what is paused. */
export function pauseRoutes(app: HttpApp, { deps, seenBy }: HttpContext): void {
  const path = '/api/v1/pause';
  const response = responses.json(pausesSchema);
  const paused = (request: Pick<FastifyRequest, 'scope'>) => ({ pauses: seenBy(request).pauses() });

  app.get(
    path,
    { schema: { tags: ['targets'], summary: 'What is paused', querystring: parameters({}), response } },
    (request, reply) => reply.send(paused(request)),
  );
  app.post(
    path,
    {
      config: { access: 'pause' },
      onRequest: refuseBody,
      schema: { tags: ['targets'], summary: 'Stop scraping a scope at once', querystring: pauseParameters, response },
    },
    async (request, reply) => {
      const scope = scopeOf(request.query);
      if (request.query.resume === true) await resume(deps, scope, seenBy(request));
      else await deps.pause(scope);
      return reply.send(paused(request));
    },
  );
  app.delete(
    path,
    {
      config: { access: 'pause' },
      onRequest: refuseBody,
      schema: { tags: ['targets'], summary: 'Scrape a paused scope again', querystring: resumeParameters, response },
    },
    async (request, reply) => {
      await resume(deps, scopeOf(request.query), seenBy(request));
      return reply.send(paused(request));
    },
  );
}

async function resume(deps: HttpContext['deps'], scope: PauseScope, seen: Pick<Seen, 'pauses'>): Promise<void> {
  if (await deps.resume(scope)) return;
  throw new FlameherdError('not_found', `no pause of ${describePause(scope)}`, {
    hint: `paused are: ${seen.pauses().map(describePause).join(', ') || 'none'}; a pause is lifted as it was set`,
  });
}

function scopeOf({ namespace, workload }: Static<typeof resumeParameters>): PauseScope {
  if (workload !== undefined && namespace === undefined) {
    throw new FlameherdError('bad_parameter', 'namespace: is missing; a workload is paused in its namespace');
  }
  return { namespace, workload };
}
