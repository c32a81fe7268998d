import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chartFolder, root, type ValueSet } from './chart.ts';

/** Helm, for tests and for `npm run deploy:render`. The HELM of the environment, the one on the PATH, or one in the cache. */

const cache = join(root, 'node_modules/.cache/helm');
const module = 'helm.sh/helm/v3/cmd/helm@v3.22.0';
const run = promisify(execFile);

/** What Helm asks of a cluster; renderings without one are for this. */
const kubeVersion = '1.34.0';
/** What optional objects of the chart want to be served. */
export const optionalApis = [
  'monitoring.coreos.com/v1/ServiceMonitor',
  'monitoring.coreos.com/v1/PrometheusRule',
  'gateway.networking.k8s.io/v1/HTTPRoute',
] as const;

/** The program, or undefined where there is none. */
export const helmProgram: string | undefined = [process.env['HELM'], 'helm', join(cache, 'helm')].find(
  (program) => program !== undefined && spawnSync(program, ['version']).status === 0,
);

/** For `test(name, { skip: noHelm }, …)`. */
export const noHelm: string | false =
  helmProgram === undefined ? 'no helm: HELM names one, or Go builds one by npm run deploy:render' : false;

/** The program; where there is none, Go builds it into the cache, which takes minutes. */
export async function installedHelm(): Promise<string> {
  if (helmProgram !== undefined) return helmProgram;
  mkdirSync(cache, { recursive: true });
  process.stderr.write(`building ${module}: this takes minutes, once\n`);
  await run('go', ['install', module], { env: { ...process.env, GOBIN: cache, GOFLAGS: '' } });
  const program = join(cache, 'helm');
  if (!existsSync(program)) throw new Error(`go install ${module} left no ${program}`);
  return program;
}

export interface RenderOptions {
  /** `--set` and the like. */
  readonly args?: readonly string[];
  /** What the cluster serves besides Kubernetes' own; all that the chart knows by default. */
  readonly apis?: readonly string[];
}

/** What `helm template` prints for these values. Throws with Helm's message. */
export async function rendered(
  helm: string,
  { file, release, namespace }: Pick<ValueSet, 'release' | 'namespace'> & { readonly file?: string },
  { args = [], apis = optionalApis }: RenderOptions = {},
): Promise<string> {
  const values = file === undefined ? [] : ['--values', file];
  const served = apis.flatMap((api) => ['--api-versions', api]);
  const asked = ['--namespace', namespace, '--kube-version', kubeVersion, ...values, ...served, ...args];
  const { stdout } = await run(helm, ['template', release, chartFolder, ...asked], { maxBuffer: 16 << 20 });
  return stdout;
}

/** The documents of a rendering, each without the line that names its template. */
export function documentsOf(text: string): string[] {
  return text
    .split(/^---\n/m)
    .map((document) => document.replace(/^# Source: .*\n/, '').trim())
    .filter((document) => document !== '')
    .map((document) => `${document}\n`);
}
