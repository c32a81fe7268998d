import { type Static, Type } from 'typebox';
import type { LabelSet } from '../../model/labels.ts';
import { compileMatchers } from '../../model/matcher.ts';
import { countTargets, type ScrapeStatus, type TargetStatus } from '../../model/target.ts';
import { responses, targetsSchema } from '../answer-schemas.ts';
import { sizes } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { moment } from '../json.ts';
import { cursorParameter, foreignCursor, limitParameter, matchParameters, parameters, text } from '../parameters.ts';
import { readMatch } from './lists.ts';

const filterLabels = [
  'namespace',
  'workload',
  'workload_kind',
  'container',
  'service_name',
  'pod',
  'node',
  'revision',
] as const;
const label = Type.Optional(text('Only targets with exactly this value of the label.', 1024));

const targetsParameters = parameters({
  health: Type.Optional(Type.Enum(['unknown', 'up', 'down'], { description: 'Only active targets of this health.' })),
  state: Type.Optional(
    Type.Enum(['active', 'unresolved', 'held', 'candidate'], { description: 'Only targets in this state.' }),
  ),
  namespace: label,
  workload: label,
  workload_kind: label,
  container: label,
  service_name: label,
  pod: label,
  node: label,
  revision: label,
  ...matchParameters,
  limit: limitParameter(sizes.targets, 'Targets on a page, by namespace, workload, pod and source.'),
  cursor: cursorParameter,
});
type TargetsQuery = Static<typeof targetsParameters>;

/** Every source, with its health and what was wrong; candidates and held ones too. */
export function targetRoutes(app: HttpApp, { seenBy }: HttpContext): void {
  app.get(
    '/api/v1/targets',
    {
      schema: {
        tags: ['targets'],
        summary: 'Every source: labels, health, transport, last error, last and next scrape, warnings',
        querystring: targetsParameters,
        response: responses.json(targetsSchema),
      },
    },
    (request, reply) => {
      const { query } = request;
      const matching = seenBy(request).targets().filter(targetFilter(query));
      const { page, nextCursor } = pageOf(matching, query.limit ?? sizes.targets.default, query.cursor);
      return reply.send({ targets: page.map(targetAnswer), counts: countTargets(matching), nextCursor });
    },
  );
}

function targetFilter(query: TargetsQuery): (status: TargetStatus) => boolean {
  const matches = compileMatchers(readMatch(query));
  return ({ target, health }) =>
    (query.health === undefined || (target.state.kind === 'active' && health === query.health)) &&
    (query.state === undefined || target.state.kind === query.state) &&
    filterLabels.every((name) => query[name] === undefined || target.labels[name] === query[name]) &&
    matches(target.labels);
}

/** Targets in a fixed order after the cursor, which is the key of the last one on the page before. */
function pageOf(statuses: readonly TargetStatus[], limit: number, cursor: string | undefined) {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const rest = statuses
    .map((status) => ({ status, key: sortKey(status.target.labels, status.target.source) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const last = rest.length > limit ? rest[limit - 1] : undefined;
  return {
    page: rest.slice(0, limit).map(({ status }) => status),
    nextCursor: last ? Buffer.from(last.key).toString('base64url') : null,
  };
}

function sortKey(labels: LabelSet, source: string): string {
  return JSON.stringify(['namespace', 'workload', 'pod'].map((name) => labels[name] ?? '').concat(source));
}

function decodeCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (key.startsWith('["')) return key;
  throw foreignCursor(cursor);
}

function targetAnswer({ target, health, transport, transportReason, scrapes }: TargetStatus) {
  const { source, discoverer, labels, state, terminating, warnings } = target;
  return {
    source,
    discoverer,
    labels,
    health,
    state: state.kind,
    reason: state.kind === 'active' ? '' : state.reason,
    transport: transport ?? null,
    transportReason,
    terminating,
    warnings: [...warnings, ...scrapes.flatMap(ofScrape)],
    scrapes: scrapes.map(scrapeAnswer),
  };
}

function ofScrape({ kind, warnings }: ScrapeStatus): string[] {
  return warnings.map((warning) => `${kind}: ${warning}`);
}

function scrapeAnswer({ kind, url, health, lastError, lastScrapeMs, nextScrapeMs, ...numbers }: ScrapeStatus) {
  return {
    kind,
    url,
    health,
    lastError,
    ...moment('lastScrape', lastScrapeMs),
    ...moment('nextScrape', nextScrapeMs),
    durationMs: numbers.durationMs ?? null,
    bytes: numbers.bytes ?? null,
    samples: numbers.samples ?? null,
    seconds: numbers.seconds ?? null,
    intervalMs: numbers.intervalMs,
  };
}
