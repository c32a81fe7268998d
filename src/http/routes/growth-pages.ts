import { type Static, Type } from 'typebox';
import { prefersJson } from '../accept.ts';
import { responses } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { growthAnswer, storedEvent } from '../growth/ask-growth.ts';
import { eventPage, growthPage } from '../growth/page.ts';
import { growthParameters } from '../growth/parameters.ts';
import { eventSchema, growthSchema } from '../growth/schemas.ts';
import { parameters, text } from '../parameters.ts';

const htmlType = 'text/html; charset=utf-8';

/** The pages of growth, where alerts and messages link to. The same URLs answer JSON to who asks for it. */
export function growthPageRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/growth',
    {
      schema: {
        tags: ['growth'],
        summary: 'The page that alerts link to: verdicts and events; with Accept: application/json as /api/v1/growth',
        querystring: growthParameters,
        response: responses.pageOrJson(growthSchema),
      },
    },
    async ({ query, headers }, reply) => {
      const answer = await growthAnswer(context, reply, query);
      void reply.header('Vary', 'Accept');
      if (prefersJson(headers.accept)) return reply.send(answer);
      return reply.type(htmlType).send(growthPage(answer, titleOf(query), nextPage(query, answer.nextCursor)));
    },
  );
  app.get(
    '/a/:id',
    {
      schema: {
        tags: ['growth'],
        summary: 'The page of one event; with Accept: application/json as /api/v1/growth/{id}',
        params: Type.Object({ id: text('The id of an event.') }),
        querystring: parameters({}),
        response: responses.pageOrJson(eventSchema),
      },
    },
    ({ params, headers }, reply) => {
      const event = storedEvent(context, params.id);
      void reply.header('Vary', 'Accept');
      return prefersJson(headers.accept) ? reply.send(event) : reply.type(htmlType).send(eventPage(event));
    },
  );
}

function titleOf({ namespace = '', workload = '', container = '' }: Static<typeof growthParameters>): string {
  const names = [namespace, workload, container].filter((name) => name !== '');
  return names.length === 0 ? 'What grows' : names.join('/');
}

function nextPage(query: Static<typeof growthParameters>, cursor: string | null): string | undefined {
  if (cursor === null) return undefined;
  const given = Object.entries({ ...query, cursor }).map(([name, value]): [string, string] => [name, String(value)]);
  return `/growth?${new URLSearchParams(given).toString()}`;
}
