import { type Static, Type } from 'typebox';
import type { ExplainSubject } from '../../discovery/discoverer.ts';
import { FlameherdError } from '../../model/errors.ts';
import { explanationSchema, responses } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { parameters, text } from '../parameters.ts';

const defaultKind = 'Deployment';
const explainParameters = parameters({
  namespace: text('The namespace of the pod or workload.', 253),
  pod: Type.Optional(text('The name of a pod; or give workload.', 253)),
  kind: Type.Optional(text(`The kind of the workload, such as StatefulSet (default: ${defaultKind}).`, 253)),
  workload: Type.Optional(text('The name of a workload; or give pod.', 253)),
});

/** Why a pod or workload is or is not scraped. */
export function explainRoutes(app: HttpApp, { deps }: HttpContext): void {
  app.get(
    '/api/v1/explain',
    {
      schema: {
        tags: ['targets'],
        summary: 'Why a pod or workload is or is not scraped: each rule, in order, with its verdict',
        querystring: explainParameters,
        response: responses.json(explanationSchema),
      },
    },
    async ({ query, scope }, reply) =>
      reply.send(await deps.explain(subjectOf(query), scope === 'all' ? undefined : scope)),
  );
}

function subjectOf({ namespace, pod, kind, workload }: Static<typeof explainParameters>): ExplainSubject {
  if (pod !== undefined && workload === undefined && kind === undefined) return { namespace, pod };
  if (pod === undefined && workload !== undefined) return { namespace, workloadKind: kind ?? defaultKind, workload };
  const problem = pod === undefined ? 'workload: is missing' : 'pod: cannot be given together with kind or workload';
  throw new FlameherdError('bad_parameter', `${problem}; allowed is either pod, or workload with kind`, {
    hint: '?namespace=shop&pod=checkout-5d4f-x2x, or ?namespace=shop&kind=StatefulSet&workload=db',
  });
}
