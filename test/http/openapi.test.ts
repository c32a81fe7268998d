import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantsPprof } from '../../src/http/error-reply.ts';
import { injected } from '../support/http-fakes.ts';

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The routes of API.md that this version has. */
const contract = [
  'get /api/v1/merge',
  'get /pprof/{namespace}/{workload}/{alias}',
  'get /api/v1/diff',
  'get /api/v1/query_range',
  'get /api/v1/scrapes',
  'get /api/v1/profile-types',
  'get /api/v1/labels',
  'get /api/v1/label/{name}/values',
  'get /api/v1/series',
  'get /api/v1/profiles',
  'get /api/v1/profiles/{id}',
  'post /api/v1/profiles',
  'get /api/v1/rollouts',
  'get /api/v1/growth',
  'get /api/v1/growth/backtest',
  'get /api/v1/growth/{id}',
  'get /api/v1/growth/{id}/profile',
  'get /growth',
  'get /a/{id}',
  'post /api/v1/snap',
  'get /api/v1/targets',
  'get /api/v1/explain',
  'get /api/v1/pause',
  'post /api/v1/pause',
  'delete /api/v1/pause',
  'get /api/v1/sidecars',
  'get /api/v1/status',
  'get /api/v1/openapi.json',
  'get /api/v1/whoami',
  'get /runbooks/{alert}',
  'get /-/healthy',
  'get /-/ready',
  'post /-/reload',
  'get /metrics',
  'get /debug/pprof/',
  'get /debug/pprof/profile',
  'get /debug/pprof/heap',
  'get /',
  'get /explore',
  'get /diff',
  'get /rollouts',
  'get /targets',
  'get /status',
].sort();

test('the OpenAPI document holds every route of the contract, each with a summary and errors, and no other', async (t) => {
  const { app } = await injected(t, { reload: async () => ({ live: [], needRestart: [] }) });
  const document = (await app.inject('/api/v1/openapi.json')).json<OpenApi>();
  assert.equal(document.openapi, '3.1.0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
  assert.deepEqual(operations.map(({ name }) => name).sort(), contract);
  for (const { name, operation } of operations) {
    assert.ok(operation.summary, `${name} has a summary`);
    assert.ok(operation.responses['4XX']?.content?.['application/problem+json'], `${name} has errors`);
  }
});

test('where errors are plain text for go tool pprof the document says so, and nowhere else', async (t) => {
  const { app } = await injected(t, { reload: async () => ({ live: [], needRestart: [] }) });
  const { paths } = (await app.inject('/api/v1/openapi.json')).json<OpenApi>();
  const asText = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      ['4XX', '5XX'].every((status) => responses[status]?.content?.['text/plain']) ? [`${method} ${path}`] : [],
    ),
  );
  const expected = contract.filter((route) => {
    const [method = '', path = ''] = route.split(' ');
    return wantsPprof(method.toUpperCase(), path.replaceAll(/[{}]/g, ''));
  });
  assert.ok(expected.includes('get /api/v1/diff'));
  assert.deepEqual(asText.sort(), expected);
});

test('its parameters are the ones that are checked', async (t) => {
  const { app } = await injected(t);
  const { paths } = (await app.inject('/api/v1/openapi.json')).json<OpenApi>();
  const merge = paths['/api/v1/merge']?.['get']?.parameters ?? [];
  assert.equal(
    merge.map(({ name, required }) => `${name}${required ? '!' : ''}`).join(' '),
    'query! from to start end seconds format aggregate focus ignore hide show show_from tagfocus tagignore ' +
      'preset granularity collapse_recursion function root at max_nodes limit sort',
  );
  const range = paths['/api/v1/query_range']?.['get']?.parameters ?? [];
  assert.deepEqual(
    range.map(({ name, required }) => `${name}${required ? '!' : ''}`),
    ['query!', 'from', 'to', 'start', 'end', 'seconds', 'step', 'group_by', 'limit', 'function'],
  );
  const short = paths['/pprof/{namespace}/{workload}/{alias}']?.['get']?.parameters ?? [];
  assert.deepEqual(
    short.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
    ['namespace', 'workload', 'alias'],
  );
});
