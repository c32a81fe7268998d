import { Type } from 'typebox';
import { FlameherdError } from '../../model/errors.ts';
import type { UnixMs } from '../../model/units.ts';
import { responses } from '../answer-schemas.ts';
import { attach, sendBytes, whileWanted } from '../ask.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { eventAnswer, verdictAnswer } from '../growth/answers.ts';
import { growthAnswer, offWarning, storedEvent, windowMeta } from '../growth/ask-growth.ts';
import { backtestParameters, filterOf, growthParameters, readEventWindow, refuseFuture } from '../growth/parameters.ts';
import { backtestSchema, eventSchema, growthSchema } from '../growth/schemas.ts';
import { parameters, text } from '../parameters.ts';

const idParameters = Type.Object({ id: text('As the list of events, an alert or a webhook says.') });

/** What grows that should not: verdicts with the reasons, events with their profiles, and back-tests. */
export function growthRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/growth',
    {
      schema: {
        tags: ['growth'],
        summary: 'What grows and what does not, by workload, with the numbers of each gate; and the events of a time',
        querystring: growthParameters,
        response: responses.json(growthSchema),
      },
    },
    async (request, reply) => reply.send(await growthAnswer(context, request, reply, request.query)),
  );
  backtestRoute(app, context);
  eventRoutes(app, context);
}

function backtestRoute(app: HttpApp, context: HttpContext): void {
  const { now } = context.deps;
  app.get(
    '/api/v1/growth/backtest',
    {
      schema: {
        tags: ['growth'],
        summary: 'What would have been found over a stretch of stored floors, imports included',
        querystring: backtestParameters,
        response: responses.json(backtestSchema),
      },
    },
    async (request, reply) => {
      const { query } = request;
      const { growth } = context.seenBy(request);
      const nowMs = now();
      const asked = readEventWindow(query, nowMs, nowMs);
      refuseFuture('from', asked.fromMs, nowMs);
      const window = { fromMs: asked.fromMs, toMs: Math.min(asked.toMs, nowMs) };
      const found = await whileWanted(context, reply, (signal) => growth.backtest(filterOf(query), window, signal));
      const open = new Map<string, string>();
      return reply.send({
        events: found.events.map((event) =>
          eventAnswer(event, growth.event(event.id) !== undefined, found.window.toMs, found),
        ),
        verdicts: found.verdicts.map((verdict) => verdictAnswer(verdict, open, found)),
        meta: {
          ...windowMeta(growth.status, found.window),
          bucketMs: found.bucketMs,
          evaluations: found.evaluations,
          warnings: warningsOf(asked.toMs, nowMs, growth.status.enabled),
          ...(found.evaluations === 0 && {
            hint: 'no floors are stored of that time and those workloads: they are kept for growth.retention, and begin with the first profiles',
          }),
        },
      });
    },
  );
}

function warningsOf(toMs: UnixMs, nowMs: UnixMs, enabled: boolean): string[] {
  return [
    ...(enabled ? [] : [offWarning]),
    ...(toMs > nowMs ? ['the window ends now: what is to come has no floors'] : []),
  ];
}

function eventRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/growth/:id',
    {
      schema: {
        tags: ['growth'],
        summary: 'One event, with links to the profiles that are kept with it',
        params: idParameters,
        querystring: parameters({}),
        response: responses.json(eventSchema),
      },
    },
    (request, reply) => reply.send(storedEvent(context, request, request.params.id)),
  );
  app.get(
    '/api/v1/growth/:id/profile',
    {
      schema: {
        tags: ['growth'],
        summary: 'A merged profile that is kept with an event, as pprof: of when it was found, or of before it',
        params: idParameters,
        querystring: parameters({
          side: Type.Optional(
            Type.Enum(['base', 'compare'], {
              default: 'compare',
              description: 'compare: while it grew; base: before. Together for go tool pprof -diff_base.',
            }),
          ),
        }),
        response: responses.pprof,
      },
    },
    (request, reply) => {
      const { id, namespace, workload, signal, profiles } = storedEvent(context, request, request.params.id);
      const side = request.query.side ?? 'compare';
      const bytes = context.seenBy(request).growth.eventProfile(id, side);
      if (!bytes) throw noProfile(id, side, profiles !== null);
      attach(reply, `${namespace}-${workload}-${signal}-${id}-${side}.pb.gz`);
      return sendBytes(reply, 'application/octet-stream', bytes);
    },
  );
}

function noProfile(id: string, side: string, hasOther: boolean): FlameherdError {
  return new FlameherdError('not_found', `side: no ${side} profile is kept with the event ${id}`, {
    hint: hasOther
      ? 'of the time before it nothing was stored; side=compare is there'
      : 'profiles are merged shortly after an event is opened; /api/v1/diff answers until then',
  });
}
