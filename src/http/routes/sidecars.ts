import { Type } from 'typebox';
import type { OpenSidecarBreaker, PodWithSidecars } from '../../model/sidecar.ts';
import { responses, sidecarsSchema } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { moment } from '../json.ts';
import { parameters, text } from '../parameters.ts';

const sidecarsParameters = parameters({
  namespace: Type.Optional(text('Only pods of this namespace.', 253)),
});

/** What ephemeral sidecars stand in which pods, whoever put them there, and what is left alone because they failed. */
export function sidecarRoutes(app: HttpApp, { seenBy }: HttpContext): void {
  app.get(
    '/api/v1/sidecars',
    {
      schema: {
        tags: ['targets'],
        summary: 'Every pod that carries an ephemeral sidecar: image, state, since when, attempts, who put it there',
        querystring: sidecarsParameters,
        response: responses.json(sidecarsSchema),
      },
    },
    (request, reply) => {
      const { query } = request;
      const { enabled, pods, breakers } = seenBy(request).sidecars();
      const wanted = pods.filter(({ namespace }) => query.namespace === undefined || namespace === query.namespace);
      return reply.send({ enabled, pods: wanted.map(podAnswer), breakers: breakers.map(breakerAnswer) });
    },
  );
}

function podAnswer({ sidecars, ...pod }: PodWithSidecars) {
  return { ...pod, sidecars: sidecars.map(({ sinceMs, ...rest }) => ({ ...rest, ...moment('since', sinceMs) })) };
}

function breakerAnswer({ scope, key, reason, sinceMs, untilMs }: OpenSidecarBreaker) {
  return { scope, key, reason, ...moment('since', sinceMs), ...moment('until', untilMs) };
}
