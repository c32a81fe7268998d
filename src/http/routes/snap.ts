import { Type } from 'typebox';
import { FlameherdError } from '../../model/errors.ts';
import { responses } from '../answer-schemas.ts';
import { attach } from '../ask.ts';
import { bounds } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { parameters, text } from '../parameters.ts';
import { refuseBody } from '../refuse-body.ts';

const snapParameters = parameters({
  namespace: text('The namespace of the pod.', 253),
  pod: text('The pod.', 253),
  profile: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
      default: 'cpu',
      description: 'The kind: cpu, heap, goroutine, block, mutex, or one of your own.',
    }),
  ),
  seconds: Type.Optional(
    Type.Integer({ minimum: 1, maximum: bounds.snapSeconds, description: 'The length of a CPU profile.' }),
  ),
  container: Type.Optional(text('The container, where several are scraped.', 253)),
  port: Type.Optional(text('The port, a number or a declared name, where several are scraped.', 63)),
});

/** One profile of one process, now: stored like any other, and given back as it came. */
export function snapRoutes(app: HttpApp, { deps }: HttpContext): void {
  app.post(
    '/api/v1/snap',
    {
      config: { access: 'snap' },
      onRequest: refuseBody,
      schema: {
        tags: ['targets'],
        summary: 'Scrape one process now; pods that are not opted in need the right to snap any',
        querystring: snapParameters,
        response: responses.snap,
      },
    },
    async (request, reply) => {
      const { namespace, pod, profile = 'cpu', seconds, container, port } = request.query;
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort(new FlameherdError('not_ready', 'the client has gone')));
      const { caller, scope } = request;
      const anyPod = await caller.may('snapAny', namespace);
      const within = scope === 'all' ? {} : { namespaces: scope };
      const wish = { namespace, pod, profile, seconds, container, port, anyPod, ...within };
      const { bytes, id, transport, transportReason } = await deps.snap(wish, gone.signal);
      attach(reply, `${pod}-${profile}.pb.gz`);
      return reply
        .header('Content-Type', 'application/octet-stream')
        .header('X-Flameherd-Profile', id)
        .header('X-Flameherd-Transport', `${transport} (${asHeader(transportReason)})`)
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  );
}

/** Reasons name addresses and ports only; what is no visible ASCII is left out all the same. */
function asHeader(reason: string): string {
  return reason.replaceAll(/[^ -~]/g, '').slice(0, 300);
}
