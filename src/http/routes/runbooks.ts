import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { FlameherdError } from '../../model/errors.ts';
import { responses } from '../answer-schemas.ts';
import type { HttpApp } from '../context.ts';
import { parameters, text } from '../parameters.ts';

/** They come with the program, from the source and from what was built of it alike. */
const folder = new URL('../../../docs/runbooks/', import.meta.url);

/** The page of each alert, where the rules that are printed link to: as of this version, and without the internet. */
export function runbookRoutes(app: HttpApp): void {
  app.get(
    '/runbooks/:alert',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['operations'],
        summary: 'What an alert means, how sure it is and what to look at first, as markdown',
        params: Type.Object({ alert: text('The name of the alert.') }),
        querystring: parameters({}),
        response: responses.text,
      },
    },
    async ({ params: { alert } }, reply) =>
      reply.type('text/plain; charset=utf-8').send(await pageOf(alert.replace(/\.md$/, ''))),
  );
}

async function pageOf(alert: string): Promise<string> {
  // A name, and no path.
  if (!/^[A-Za-z]{1,64}$/.test(alert)) throw noPage(alert);
  try {
    return await readFile(new URL(`${alert}.md`, folder), 'utf8');
  } catch {
    throw noPage(alert);
  }
}

function noPage(alert: string): FlameherdError {
  return new FlameherdError('not_found', `alert: there is no page for ${JSON.stringify(alert.slice(0, 64))}`, {
    hint: 'flameherd rules print lists the alerts; rules of another version link to pages of that version',
  });
}
