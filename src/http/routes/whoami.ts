import { Type } from 'typebox';
import type { Caller } from '../../auth/caller.ts';
import { type Permission, permissions } from '../../auth/permission.ts';
import { responses } from '../answer-schemas.ts';
import type { HttpApp } from '../context.ts';
import { parameters, text } from '../parameters.ts';
import { whoamiSchema } from '../whoami-schema.ts';

/** Who the sender of a request is taken for, and what it may do: for the pages, and for whoever sets up rights. */
export function whoamiRoutes(app: HttpApp): void {
  app.get(
    '/api/v1/whoami',
    {
      config: { access: 'known' },
      schema: {
        tags: ['operations'],
        summary: 'Who asks, of which namespaces it may see anything, and what it may do',
        querystring: parameters({
          namespace: Type.Optional(
            text('What may be done in this namespace. Default: what may be done everywhere.', 253),
          ),
        }),
        response: responses.json(whoamiSchema),
      },
    },
    async ({ caller, scope, sessionId, query: { namespace } }, reply) =>
      reply.send({
        name: caller.name ?? null,
        isProven: caller.isProven,
        namespaces: scope === 'all' ? null : [...scope].sort(),
        permissions: await allowed(caller, namespace),
        in: namespace ?? null,
        hasSession: sessionId !== undefined,
      }),
  );
}

async function allowed(caller: Caller, namespace: string | undefined): Promise<Permission[]> {
  const answers = await Promise.all(permissions.map((permission) => caller.may(permission, namespace)));
  return permissions.filter((_, at) => answers[at]);
}
