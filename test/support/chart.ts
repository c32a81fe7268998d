import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { liveKeys } from '../../src/config/reload.ts';
import { configSchema } from '../../src/config/schema.ts';

/** The Helm chart: where it is, what in it is made from elsewhere, and what its renderings depend on. */

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const chartFolder = join(root, 'deploy/helm/flameherd');
export const goldenFolder = join(root, 'test/deploy/golden');
/** What the goldens and the plain YAML were made from, and what was made, as hashes. */
export const madeFromFile = join(goldenFolder, 'made-from.json');
const valuesFolder = join(root, 'test/deploy/values');

/** Values for which the chart is rendered, by name; each is a file of `test/deploy/values`. */
export interface ValueSet {
  readonly name: string;
  readonly file: string;
  readonly release: string;
  readonly namespace: string;
}

export const valueSets: readonly ValueSet[] = readdirSync(valuesFolder)
  .sort()
  .map((entry) => {
    const file = join(valuesFolder, entry);
    const [, release = 'flameherd', namespace = 'flameherd'] =
      /^# helm: (\S+) (\S+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
    return { name: entry.replace(/\.yaml$/, ''), file, release, namespace };
  });

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Files of the chart that are made from others of the project, and what should be in them. A packaged chart has no symlinks. */
export function derivedFiles(): Readonly<Record<string, string>> {
  return {
    'files/rules.yaml': read('deploy/prometheus/rules.yaml'),
    'files/dashboard.json': read('deploy/grafana/flameherd.json'),
    'files/live-keys.txt': `${liveKeys.join('\n')}\n`,
    'values.schema.json': valuesSchema(),
  };
}

/** The schema as it is, but for `config`: that is the schema of the configuration. */
function valuesSchema(): string {
  const schema = JSON.parse(read('deploy/helm/flameherd/values.schema.json')) as {
    properties: Record<string, unknown>;
  };
  const properties = { ...schema.properties, config: forValues(JSON.parse(JSON.stringify(configSchema))) };
  return `${JSON.stringify({ ...schema, properties }, null, 2)}\n`;
}

type Node = Readonly<Record<string, unknown>>;

/**
 * A schema of what is written, where everything may be left out. Formats are ours (a duration is `90s`), and Helm has others
 * of the same names.
 */
function forValues(node: Node): Node {
  const kept = Object.entries(node).filter(([name]) => !['default', 'format', 'required', 'title'].includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (name === 'items') return [name, forValues(value as Node)];
      if (name !== 'properties' && name !== 'patternProperties') return [name, value];
      return [
        name,
        Object.fromEntries(Object.entries(value as Node).map(([key, child]) => [key, forValues(child as Node)])),
      ];
    }),
  );
}

/**
 * Stands for everything that the goldens are rendered from. What is derived is left out: it is compared by itself, and the goldens
 * do not repeat it.
 */
export function sourcesHash(): string {
  const derived = new Set(Object.keys(derivedFiles()));
  const ofChart = readdirSync(chartFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !derived.has(relative(chartFolder, file)));
  return hashOf([...ofChart, ...valueSets.map(({ file }) => file), join(root, 'test/support/chart-plain.ts')]);
}

/** Stands for the plain YAML that is made from the chart, so that a change by hand is seen without Helm. */
export function plainHash(): string {
  return hashOf(plainPaths().map((path) => join(root, 'deploy', path)));
}

/** Plain YAML below `deploy/`; what people write of a kustomization is none. */
export function plainPaths(): string[] {
  const inRbac = readdirSync(join(root, 'deploy/rbac')).map((entry) => `rbac/${entry}`);
  const kustomizations = readdirSync(join(root, 'deploy/kustomize'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && !/^example|kustomization\.yaml$/.test(path))
    .map((path) => `kustomize/${path}`);
  return ['flameherd.yaml', ...inRbac, ...kustomizations].sort();
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(`${relative(root, file)}\n${readFileSync(file, 'utf8')}\n`);
  return hash.digest('hex');
}
