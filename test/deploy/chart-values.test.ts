import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Schema from 'typebox/schema';
import { parse } from 'yaml';
import { chartFolder, valueSets } from '../support/chart.ts';

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
}

const schema = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8')) as Node;
const defaults = parse(readFileSync(join(chartFolder, 'values.yaml'), 'utf8')) as unknown;

for (const { name, file } of [{ name: 'values.yaml', file: join(chartFolder, 'values.yaml') }, ...valueSets]) {
  test(`the schema of the chart takes ${name}`, () => {
    const [isValid, errors] = Schema.Errors(schema, parse(readFileSync(file, 'utf8')));
    assert.ok(isValid, JSON.stringify(errors));
  });
}

test('values.yaml has each value of the schema, and no other', () => {
  assert.deepEqual(keysOf(defaults, schema), keysOfSchema(schema));
});

test('each value has a comment that says what it is', () => {
  const lines = readFileSync(join(chartFolder, 'values.yaml'), 'utf8').split('\n');
  const undocumented = lines.filter((line, i) => {
    const isValue = /^ *[A-Za-z]+: *[^ ]/.test(line);
    const isInside =
      /^(livenessProbe|readinessProbe|startupProbe|resources|podSecurityContext|containerSecurityContext):/;
    const top = lines.slice(0, i + 1).findLast((each) => /^[a-zA-Z]/.test(each)) ?? '';
    return isValue && !isInside.test(top) && !/^ *# /.test(lines[i - 1] ?? '') && !line.includes('grafana_dashboard');
  });
  assert.deepEqual(undocumented, []);
});

const refused: readonly [what: string, values: object][] = [
  ['a value that there is not', { persistance: { enabled: false } }],
  ['a value that there is not, further down', { rbac: { portforward: true } }],
  ['a second pod', { replicas: 2 }],
  ['a digest that is none', { image: { digest: 'latest' } }],
  ['a scope that is none', { rbac: { scope: 'namespace' } }],
  ['more namespaces than are watched', { rbac: { namespaces: Array.from({ length: 51 }, (_, i) => `n${i}`) } }],
  ['a namespace that is no name', { rbac: { namespaces: ['Shop'] } }],
  ['a misspelt key of the configuration', { config: { scrape: { intervall: '30s' } } }],
  ['a configuration of the wrong type', { config: { scrape: { cpuSeconds: '10' } } }],
  ['a mode of authentication that there is not', { config: { auth: { mode: 'basic' } } }],
  ['a secret among the values', { auth: { token: { value: 'admin:s3cret' } } }],
  ['a budget of two pods', { podDisruptionBudget: { maxUnavailable: 2 } }],
  ['a size that is none', { persistence: { size: '30 GB' } }],
  ['less time to end than a scrape may take', { terminationGracePeriodSeconds: 10 }],
];
for (const [what, values] of refused) {
  test(`the schema of the chart refuses ${what}`, () => {
    assert.equal(Schema.Check(schema, values), false);
  });
}

test('every object of the schema says which keys it takes, but for those that Kubernetes or another program reads', () => {
  const open = (node: Node & { readonly additionalProperties?: unknown }, path: string): string[] => {
    const here = node.type === 'object' && node.properties && node.additionalProperties !== false ? [path] : [];
    return [
      ...here,
      ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => open(child, `${path}.${name}`)),
    ];
  };
  assert.deepEqual(open(schema, ''), ['.global']);
});

/** Dotted keys of a tree of values, as deep as the schema names them. */
function keysOf(value: unknown, node: Node, path = ''): string[] {
  if (path === 'config' || !node.properties) return [path];
  return Object.entries(value as object)
    .flatMap(([name, child]) => keysOf(child, node.properties?.[name] ?? {}, path === '' ? name : `${path}.${name}`))
    .filter((key) => !key.startsWith('resources.'))
    .sort();
}

function keysOfSchema(node: Node, path = ''): string[] {
  if (path === 'config' || !node.properties) return [path];
  return Object.entries(node.properties)
    .flatMap(([name, child]) => keysOfSchema(child, path === '' ? name : `${path}.${name}`))
    .filter((key) => !key.startsWith('resources.'))
    .sort();
}
