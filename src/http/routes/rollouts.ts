import { Type } from 'typebox';
import { responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { bounds } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { parameters, text, timeParameter } from '../parameters.ts';
import { rolloutsSchema } from '../rollout-schemas.ts';
import { readWindow } from '../window.ts';

const rolloutsParameters = parameters({
  namespace: text('The namespace of the workload.', bounds.labelValueLength),
  workload: text('The name of the workload.', bounds.labelValueLength),
  workload_kind: Type.Optional(
    text('Deployment, StatefulSet, … Default: each kind that has a workload of the name.', bounds.labelValueLength),
  ),
  from: timeParameter('Where the window begins (default: with the first profile that is stored)'),
  to: timeParameter('Where the window ends, itself not included (default: now)'),
});

/** What was rolled out when: the revisions of a workload, and the times in which two of them ran side by side. */
export function rolloutRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/rollouts',
    {
      schema: {
        tags: ['catalogue'],
        summary: 'The revisions of a workload, and the roll-outs between them',
        querystring: rolloutsParameters,
        response: responses.json(rolloutsSchema),
      },
    },
    (request, reply) => {
      const { query } = request;
      const { namespace, workload, workload_kind: workloadKind, from, to } = query;
      const isWhole = from === undefined && to === undefined;
      // The engine begins with what is stored.
      const bounded = from === undefined ? { ...query, from: '0' } : query;
      const window = isWhole ? undefined : readWindow(bounded, context.deps.now());
      return answerWith(context, request, reply, { kind: 'rollouts', namespace, workload, workloadKind, window });
    },
  );
}
