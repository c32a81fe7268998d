import { Type } from 'typebox';
import { responses } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { parameters } from '../parameters.ts';
import { refuseBody } from '../refuse-body.ts';
import { statusSchema } from '../status-schema.ts';

const reloadedSchema = Type.Object({
  reloaded: Type.Boolean(),
  inForce: Type.Array(Type.String(), { description: 'Keys that changed and are in force.' }),
  needRestart: Type.Array(Type.String(), { description: 'Keys that changed and are not, before a restart.' }),
});

/** What the daemon says of itself, and the order to read its configuration again. */
export function statusRoutes(app: HttpApp, { deps }: HttpContext): void {
  app.get(
    '/api/v1/status',
    {
      config: { access: 'status' },
      schema: {
        tags: ['operations'],
        summary: 'Version, uptime, discovery, scrapes, ingest and storage at a glance',
        querystring: parameters({}),
        response: responses.json(statusSchema),
      },
    },
    async (_, reply) => reply.send(await deps.status()),
  );
  const { reload } = deps;
  if (!reload) return;
  app.post(
    '/-/reload',
    {
      config: { access: 'reload' },
      onRequest: refuseBody,
      schema: {
        tags: ['operations'],
        summary: 'Read the configuration again; a bad one is refused whole and the old one stays',
        querystring: parameters({}),
        response: responses.json(reloadedSchema),
      },
    },
    async (_, reply) => {
      const { live, needRestart } = await reload();
      return reply.send({ reloaded: true, inForce: [...live], needRestart: [...needRestart] });
    },
  );
}
