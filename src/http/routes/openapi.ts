import { Type } from 'typebox';
import { responses } from '../answer-schemas.ts';
import type { HttpApp } from '../context.ts';
import { parameters } from '../parameters.ts';

/** The contract as OpenAPI, made of the schemas that check the requests. */
export function openapiRoutes(app: HttpApp): void {
  let document: string | undefined;
  app.get(
    '/api/v1/openapi.json',
    {
      schema: {
        tags: ['operations'],
        summary: 'This document',
        querystring: parameters({}),
        response: responses.json(Type.Unknown()),
      },
    },
    (_, reply) => {
      document ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(document);
    },
  );
}
