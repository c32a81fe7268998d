import { writeFile } from 'node:fs/promises';
import { startProxy } from './cuttable-proxy.ts';
import { type Daemon, eventually, startDaemon, temporaryFolder } from './daemon.ts';
import { inNamespace, kubeconfigOf, removeClusterWide, shipped } from './e2e-manifests.ts';
import { pod } from './e2e-pods.ts';
import { kubectl, kubectlApply, temporaryNamespace } from './kubectl.ts';

type Cleaner = { after(cleanUp: () => Promise<void>): void };

/** Two namespaces with a pod each that is scraped, and the shipped roles for who asks. */
export interface AuthLab {
  /** Where flameherd's own account is. */
  readonly home: string;
  readonly shop: string;
  readonly bank: string;
  /** The name of a shipped ClusterRole here. */
  readonly role: (name: string) => string;
}

export async function authLab(t: Cleaner, name: string): Promise<AuthLab> {
  const [home, shop, bank] = [
    await temporaryNamespace(t, `${name}-home`),
    await temporaryNamespace(t, `${name}-shop`),
    await temporaryNamespace(t, `${name}-bank`),
  ];
  const rights = inNamespace(
    ['discovery', 'auth', 'users'].flatMap((file) => shipped(`rbac/${file}.yaml`)),
    home,
  );
  t.after(() => removeClusterWide(rights));
  const annotations = {
    'flameherd.dev/scrape': 'true',
    'flameherd.dev/profiles': 'heap',
    'flameherd.dev/port': '6060',
  };
  await kubectlApply(
    ...rights,
    ...[shop, bank].map((namespace) =>
      pod({
        namespace,
        name: `app-of-${namespace}`,
        annotations,
        containers: [{ args: ['-addr=:6060', '-cpu=0.01'] }],
      }),
    ),
  );
  return { home, shop, bank, role: (role) => `flameherd-${role}-${home}` };
}

/** A ServiceAccount that is bound to a ClusterRole, everywhere or in one namespace. */
export async function bound(
  { home, role }: AuthLab,
  name: string,
  to: readonly { readonly role: string; readonly namespace?: string }[],
  t: Cleaner,
): Promise<void> {
  const subjects = [{ kind: 'ServiceAccount', name, namespace: home }];
  const bindings = to.map((grant) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: grant.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name: `${home}-${name}-${grant.role}`, ...(grant.namespace && { namespace: grant.namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role(grant.role) },
    subjects,
  }));
  t.after(() => removeClusterWide(bindings));
  await kubectlApply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: home } }, ...bindings);
}

/** A daemon by the rights that are shipped, whose API server can be cut off. */
export interface AuthDaemon {
  readonly daemon: Daemon;
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
  readonly ask: (
    path: string,
    token: string | undefined,
    init?: RequestInit,
  ) => Promise<{ readonly status: number; readonly text: string }>;
}

export async function startAuthDaemon(t: Cleaner, lab: AuthLab, env: NodeJS.ProcessEnv = {}): Promise<AuthDaemon> {
  const folders: (() => Promise<void>)[] = [];
  const folder = await temporaryFolder({ after: (remove) => folders.push(remove) });
  const kubeconfig = JSON.parse(await kubeconfigOf(lab.home, 'flameherd')) as {
    clusters: { cluster: { server: string; 'tls-server-name'?: string } }[];
  };
  const [first] = kubeconfig.clusters;
  if (!first) throw new Error('the kubeconfig names a cluster');
  const { hostname, port } = new URL(first.cluster.server);
  const proxy = await startProxy({ host: hostname, port: Number(port || 443) });
  first.cluster.server = `https://127.0.0.1:${proxy.port}`;
  first.cluster['tls-server-name'] ??= hostname;
  await writeFile(`${folder}/kubeconfig`, JSON.stringify(kubeconfig));
  const daemon = await startDaemon(`${folder}/data`, ['--kubernetes', '--force', '--no-self', '--interval', '5s'], {
    KUBECONFIG: `${folder}/kubeconfig`,
    FLAMEHERD_AUTH_MODE: 'kubernetes',
    FLAMEHERD_AUTH_FAILURES_PER_MINUTE: '10000',
    FLAMEHERD_DISCOVERY_NAMESPACES_INCLUDE: `${lab.shop},${lab.bank}`,
    ...env,
  });
  t.after(async () => {
    await daemon.kill();
    await proxy[Symbol.asyncDispose]();
    for (const remove of folders) await remove();
  });
  return {
    daemon,
    cut: () => proxy.cut(),
    mend: () => proxy.mend(),
    async ask(path, token, init = {}) {
      const headers = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
      const response = await fetch(new URL(path, daemon.url), { headers, redirect: 'manual', ...init });
      return { status: response.status, text: await response.text() };
    },
  };
}

/** Waits until a profile of each of the namespaces is stored. */
export async function untilStored({ ask }: AuthDaemon, token: string, namespaces: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const { text } = await ask('/api/v1/label/namespace/values', token);
      return namespaces.every((namespace) => text.includes(`"${namespace}"`));
    },
    60_000,
    `profile of ${namespaces.join(' and ')}`,
  );
}

/** Takes away a binding that `bound` made. */
export async function unbind({ home }: AuthLab, name: string, role: string, namespace: string): Promise<void> {
  await kubectl('-n', namespace, 'delete', 'rolebinding', `${home}-${name}-${role}`);
}
