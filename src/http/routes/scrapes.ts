import type { AskedProcess } from '../../model/asked-process.ts';
import { compileMatchers, parseSelector } from '../../model/matcher.ts';
import { kindOfProfileType } from '../../model/profile-type.ts';
import type { Selector } from '../../model/selector.ts';
import { responses } from '../answer-schemas.ts';
import { answerWith } from '../ask.ts';
import { bounds, sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { limitParameter, parameters, queryParameter, windowParameters } from '../parameters.ts';
import { scrapesSchema } from '../scrape-schemas.ts';
import type { Seen } from '../seen.ts';
import { readWindow } from '../window.ts';

const scrapesParameters = parameters({
  query: queryParameter,
  ...windowParameters,
  limit: limitParameter(
    sizes.scrapedProcesses,
    'Processes, those of which most was counted first; the rest is counted.',
  ),
});

/** What a selection was made of, scrape by scrape: what was stored, what failed, what is missing. */
export function scrapeRoutes(app: HttpApp, context: HttpContext): void {
  app.get(
    '/api/v1/scrapes',
    {
      schema: {
        tags: ['query'],
        summary: 'The scrapes behind an answer, by process: stored, late, trimmed, failed and missing ones',
        querystring: scrapesParameters,
        response: responses.json(scrapesSchema),
      },
    },
    (request, reply) => {
      const { query } = request;
      const selector = parseSelector(query.query);
      return answerWith(context, request, reply, {
        kind: 'scrapes',
        selector,
        window: readWindow(query, context.deps.now()),
        limit: query.limit ?? sizes.scrapedProcesses.default,
        asked: askedProcesses(context.seenBy(request), selector),
      });
    },
  );
}

/** What the collector itself knows of the processes that are selected; conditions on labels that no target has are left to the store. */
function askedProcesses({ asked }: Pick<Seen, 'asked'>, { type, matchers }: Selector): AskedProcess[] {
  const all = [...asked(kindOfProfileType(type))];
  const ofTargets = matchers.filter(({ name }) => all.some(({ labels }) => Object.hasOwn(labels, name)));
  const meets = compileMatchers(ofTargets);
  return all.filter(({ labels }) => meets(labels)).slice(0, bounds.askedProcesses);
}
