import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs kubectl; gives its standard output, throws with its standard error. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('kubectl', [...args], { maxBuffer: 64 << 20, timeout: 120_000 });
  return stdout;
}

/** Applies objects given as plain values. */
export async function kubectlApply(...objects: readonly object[]): Promise<void> {
  const child = run('kubectl', ['apply', '-f', '-']);
  child.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await child;
}

/** A namespace of its own for one suite, gone after it. */
export async function temporaryNamespace(
  t: { after(cleanUp: () => Promise<void>): void },
  name: string,
  annotations: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const namespace = `flameherd-e2e-${name}-${process.pid}`;
  await kubectlApply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, annotations, labels } });
  t.after(async () => {
    await kubectl('delete', 'namespace', namespace, '--wait=false');
  });
  return namespace;
}

export interface DeploymentOptions {
  readonly namespace: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly replicas?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly image?: string;
}

/** A program that serves pprof where `-addr` says: test/e2e/README.md. */
export const e2eImage = process.env['E2E_IMAGE'] ?? 'localhost/pprofapp:lab';

/** A Deployment of the test program. */
export function deployment(options: DeploymentOptions): object {
  const { namespace, name, args, ports, replicas = 1, annotations = {}, podAnnotations = {} } = options;
  const { image = e2eImage } = options;
  const labels = { 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: podAnnotations },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'app', image, args, ports }],
        },
      },
    },
  };
}

/** What kubectl reads of one object. */
export async function kubectlGet<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl('get', '-o', 'json', ...args)) as T;
}

export async function rolledOut(namespace: string, name: string): Promise<void> {
  await kubectl('-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=90s');
}
