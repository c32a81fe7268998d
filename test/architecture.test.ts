import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

/**
 * The import table of docs/ARCHITECTURE.md: which folder may import which. A folder always may import itself. The files
 * named as entries put parts together and may import what they need.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  profile: ['model'],
  pprof: ['model', 'profile'],
  config: ['model'],
  auth: ['model', 'kubernetes'],
  observe: ['model'],
  kubernetes: ['model', 'observe'],
  discovery: ['model', 'kubernetes', 'observe'],
  sidecar: ['model', 'kubernetes', 'observe'],
  scrape: ['model', 'observe', 'ingest/messages.ts'],
  store: ['model', 'profile'],
  ingest: ['model', 'profile', 'pprof', 'store'],
  compaction: ['model', 'store'],
  query: ['model', 'profile', 'pprof', 'store'],
  growth: ['model', 'store'],
  alerting: ['model'],
  http: [
    'model',
    'auth/caller.ts',
    'auth/permission.ts',
    'auth/session.ts',
    'ingest/messages.ts',
    'query/engine.ts',
    'discovery/discoverer.ts',
    'growth/contract.ts',
  ],
  ui: [
    'model',
    'http/answer-schemas.ts',
    'http/view-schemas.ts',
    'http/growth/schemas.ts',
    'http/rollout-schemas.ts',
    'http/scrape-schemas.ts',
    'http/status-schema.ts',
    'http/whoami-schema.ts',
  ],
  cli: [
    'model',
    'config',
    'alerting',
    'kubernetes',
    'version.ts',
    'daemon.ts',
    'store-tools.ts',
    'profile-tools.ts',
    'profile-diff-tools.ts',
  ],
};

/** Files that may import past their folder's row, because putting parts together is their reason. */
const entries = new Set([
  'main.ts',
  'app.ts',
  'daemon.ts',
  'store-tools.ts',
  'profile-tools.ts',
  'profile-diff-tools.ts',
  'ingest/worker.ts',
  'compaction/worker.ts',
  'query/worker.ts',
  'growth/worker.ts',
]);
/** Files at the top and folders of the composition, which only entries import. */
const composition = new Set([
  'main.ts',
  'app.ts',
  'daemon.ts',
  'store-tools.ts',
  'profile-tools.ts',
  'profile-diff-tools.ts',
  'version.ts',
  'app',
]);

/** Each third-party package has one importing folder (docs/decisions/0002). */
const importersOf: Readonly<Record<string, readonly string[]>> = {
  '@datadog/pprof': ['observe'],
  '@fastify/ajv-compiler': ['http'],
  '@fastify/compress': ['http'],
  '@fastify/multipart': ['http'],
  '@fastify/static': ['http'],
  '@fastify/swagger': ['http'],
  '@fastify/type-provider-typebox': ['http'],
  '@kubernetes/client-node': ['kubernetes'],
  'better-sqlite3': ['store/sqlite'],
  'close-with-grace': ['daemon'],
  commander: ['cli'],
  fastify: ['http'],
  'lru-cache': ['ingest', 'store', 'discovery', 'kubernetes', 'auth'],
  'node-cron': ['app'],
  pino: ['observe'],
  piscina: ['query'],
  preact: ['ui'],
  'pprof-format': ['observe'],
  'prom-client': ['observe'],
  re2js: ['model'],
  typebox: ['config', 'http', 'ui/api'],
  undici: ['kubernetes', 'scrape'],
  uplot: ['ui/timeline'],
  vite: ['ui/build'],
  ws: ['kubernetes'],
  yaml: ['config'],
};

const source = resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^'\n]+)'/g)].map((found) => found[1] ?? '');
}

const folderOf = (file: string): string => file.split('/')[0] ?? file;
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function faultsOf(file: string, specifiers: readonly string[]): string[] {
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith('node:')) return [];
    if (builtinModules.includes(specifier)) return [`${file} imports ${specifier} without node:`];
    if (!specifier.startsWith('.')) {
      const name = packageOf(specifier);
      const allowed = importersOf[name] ?? [];
      return allowed.some((folder) => file === `${folder}.ts` || file.startsWith(`${folder}/`))
        ? []
        : [`${file} imports the package ${name}`];
    }
    const target = relative(source, resolve(join(source, dirname(file)), specifier));
    if (target.startsWith('..') || entries.has(file) || folderOf(target) === folderOf(file)) return [];
    if (composition.has(folderOf(file))) return [];
    const row = mayImport[folderOf(file)] ?? [];
    const sqlite = target.startsWith('store/sqlite') && folderOf(file) !== 'store';
    return !sqlite && (row.includes(folderOf(target)) || row.includes(target)) ? [] : [`${file} imports ${target}`];
  });
}

test('every folder imports only what the import table allows', () => {
  assert.deepEqual(
    files.flatMap((file) => faultsOf(file, importsOf(file))),
    [],
  );
});

test('the table refuses what it should', () => {
  assert.deepEqual(faultsOf('model/labels.ts', ['../store/profile-store.ts']), [
    'model/labels.ts imports store/profile-store.ts',
  ]);
  assert.deepEqual(faultsOf('query/merge.ts', ['../store/sqlite/reader.ts']), [
    'query/merge.ts imports store/sqlite/reader.ts',
  ]);
  assert.deepEqual(faultsOf('scrape/loop.ts', ['fastify', 'fs']), [
    'scrape/loop.ts imports the package fastify',
    'scrape/loop.ts imports fs without node:',
  ]);
  assert.deepEqual(faultsOf('store/sqlite/reader.ts', ['better-sqlite3', '../../model/labels.ts', 'node:fs']), []);
});

test('every folder of src is in the table and opens with a README', () => {
  const folders = readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  assert.deepEqual(
    folders.filter((name) => !(name in mayImport) && !composition.has(name)),
    [],
  );
  for (const name of folders) {
    const lines = readFileSync(join(source, name, 'README.md'), 'utf8')
      .trim()
      .split('\n').length;
    assert.ok(lines >= 5 && lines <= 25, `src/${name}/README.md has ${lines} lines`);
  }
});

test('docs/ARCHITECTURE.md shows the same import table', () => {
  const page = readFileSync(resolve(source, '../docs/ARCHITECTURE.md'), 'utf8');
  const rows = Object.fromEntries(
    [...page.matchAll(/^\| `([a-z]+)\/` \| ([^|]*) \|/gm)].map((row) => [
      row[1],
      row[2]?.match(/[a-z-]+(?:(?:\/[a-z-]+)*\.ts)?/g) ?? [],
    ]),
  );
  assert.deepEqual(rows, Object.fromEntries(Object.entries(mayImport).map(([name, row]) => [name, [...row]])));
});
