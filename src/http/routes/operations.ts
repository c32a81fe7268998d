import { FlameherdError } from '../../model/errors.ts';
import { responses } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';

/** Probes and metrics: all that the operations listener has; they answer on the first listener too. */
export function operationsRoutes(app: HttpApp, { deps, options }: HttpContext): void {
  app.get(
    '/-/healthy',
    {
      config: { access: 'anyone' },
      schema: { tags: ['operations'], summary: 'The process lives', response: responses.text },
    },
    (_, reply) => reply.type('text/plain; charset=utf-8').send('healthy\n'),
  );
  app.get(
    '/-/ready',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['operations'],
        summary: 'It takes profiles and answers; else 503 and why',
        response: responses.text,
      },
    },
    (_, reply) => {
      const { ready, reasons } = deps.ready();
      if (!ready) throw new FlameherdError('not_ready', reasons.join('; ') || 'not ready yet');
      return reply.type('text/plain; charset=utf-8').send('ready\n');
    },
  );
  app.get(
    '/metrics',
    {
      config: { access: options.metricsAuth ? 'status' : 'anyone' },
      schema: { tags: ['operations'], summary: 'Metrics in the text format of Prometheus', response: responses.text },
    },
    async (_, reply) => {
      const { contentType, body } = await deps.metrics();
      return reply.header('Content-Type', contentType).send(body);
    },
  );
}
