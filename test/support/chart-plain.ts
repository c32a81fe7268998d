import { parse } from 'yaml';
import { capabilityNames } from '../../src/kubernetes/capabilities.ts';
import { documentsOf, rendered } from './helm.ts';

/** Plain YAML for who has no Helm, made from the chart: by path below `deploy/`. */
export async function plainFiles(helm: string): Promise<Readonly<Record<string, string>>> {
  const render = async (args: readonly string[]): Promise<Document[]> => {
    const text = await rendered(helm, { release: 'flameherd', namespace: 'flameherd' }, { args });
    return documentsOf(text).map((each) => ({ text: each, ...(parse(each) as ObjectHead) }));
  };
  const sets = (values: readonly string[]): string[] => values.flatMap((value) => ['--set', value]);
  const main = await render(sets(['rbac.portForward=true']));
  const wide = await render(sets([...everyRight, 'rbac.userRoles=true']));
  const single = await render(
    sets([...everyRight, 'rbac.scope=namespaces', 'rbac.namespaces={shop}', 'rbac.authReviews=false']),
  );
  const namespaces = await render(sets(['rbac.scope=namespaces', 'rbac.namespaces={shop,bank}']));
  const token = await render(
    sets(['rbac.portForward=true', 'config.auth.mode=token', 'auth.token.existingSecret=flameherd-tokens']),
  );
  const byCapability = rights(wide, single);
  return {
    'flameherd.yaml': withHeader(mainHeader, [namespaceText, ...installed(main)]),
    ...byCapability,
    ...kustomized('kustomize/base', main),
    ...kustomized('kustomize/namespaces', namespaces),
    ...kustomized('kustomize/token', token),
    // A kustomization takes no file from outside of its folder.
    'kustomize/port-forward/port-forward.yaml': byCapability['rbac/port-forward.yaml'] ?? '',
  };
}

interface ObjectHead {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
}
type Document = ObjectHead & { readonly text: string };

const everyRight = [
  ...['portForward', 'podProxy', 'ephemeral', 'events'].map((name) => `rbac.${name}=true`),
  `config.transports.ephemeral.image=registry.example.com/x@sha256:${'0'.repeat(64)}`,
  'config.auth.mode=kubernetes',
];

const mainHeader = `One collector for the cluster: its namespace, account, configuration and StatefulSet, with the rights to find targets, to read
Services and to agree on who scrapes. deploy/rbac holds these and all further rights, a file for each: port-forward.yaml reaches
pods that listen on 127.0.0.1 only. What is missing is named by \`flameherd status\`.

  kubectl apply -f deploy/flameherd.yaml -f deploy/rbac/port-forward.yaml
  kubectl -n flameherd port-forward statefulset/flameherd 4280

Made from deploy/helm/flameherd by npm run deploy:render.`;

const namespaceText = `apiVersion: v1
kind: Namespace
metadata:
  name: flameherd
  labels: { pod-security.kubernetes.io/enforce: restricted }
`;

const capabilityHeaders: Readonly<Record<string, string>> = {
  discovery: `What flameherd may read to find its targets in all namespaces. Every rule but that of pods is optional: without it that
source of annotations is off, and /api/v1/status and \`flameherd doctor\` print the rule again.`,
  services: 'Services and their endpoints: annotations on a Service opt the pods behind it in.',
  'port-forward': `A way to pods that listen on 127.0.0.1 only. \`create\` is asked for since Kubernetes 1.35, \`get\` by all. It reaches every TCP
port of the pods.`,
  'pod-proxy': `A way to pods through the API server, for collectors without a route to them (transports.podProxy). It reaches every TCP port
of the pods.`,
  ephemeral: `The last way to a pod: a container of ours is added to it and run in (transports.ephemeral). pods/exec runs any command in any
container of the pods, so grant it only where that is wanted.`,
  events:
    'An Event on each pod that gets an ephemeral container, and on each workload that grows (`growth.kubernetesEvents`).',
  leases: 'The Lease by which one collector scrapes, in the namespace that flameherd runs in.',
  auth: `Who calls the API and what they may is asked of the API server (auth.mode: kubernetes, or header with authorize: kubernetes).`,
  users: `Roles for people and programs that call the API (auth.mode: kubernetes). Bind them in the namespaces whose profiles they may see:
  kubectl -n shop create rolebinding profiles --clusterrole=flameherd-read --group=shop-developers
To ask for the status and metrics, and to reload, counts with a ClusterRoleBinding only: these have no namespace.`,
};

/** `rbac/X.yaml` for all namespaces and `rbac/X-namespaced.yaml` for one. */
function rights(wide: readonly Document[], single: readonly Document[]): Record<string, string> {
  const files: Record<string, string> = {};
  const account = wide.filter(({ kind }) => kind === 'ServiceAccount');
  const named = (documents: readonly Document[], name: string): Document[] =>
    documents.filter(({ kind, metadata }) => /Role(Binding)?$/.test(kind) && metadata.name === `flameherd-${name}`);
  for (const name of new Set(['discovery', ...capabilityNames, 'auth'])) {
    const header = capabilityHeaders[name] ?? '';
    const first = name === 'discovery' ? account : [];
    files[`rbac/${name}.yaml`] = withHeader(header, [...first, ...named(wide, name)].map(bare));
    if (['leases', 'auth'].includes(name)) continue;
    files[`rbac/${name}-namespaced.yaml`] = withHeader(
      `${header.replace(' in all namespaces.', ' in one namespace.')}\nApply it in each namespace of \`discovery.namespaces.only\`:\n  kubectl apply -n shop -f ${name}-namespaced.yaml\nThe ServiceAccount stands in the namespace flameherd runs in: change it below if that is another one.`,
      named(single, name).map((document) => bare(document).replace(/^ {2}namespace: shop\n/m, '')),
    );
  }
  const users = ['read', 'operate', 'upload', 'admin', 'metrics'].flatMap((name) => named(wide, name));
  files['rbac/users.yaml'] = withHeader(capabilityHeaders['users'] ?? '', users.map(bare));
  return files;
}

/** A kustomization's objects; the configuration is a file of its own, so that an overlay can replace it. */
function kustomized(folder: string, documents: readonly Document[]): Record<string, string> {
  const config = documents.find(({ kind }) => kind === 'ConfigMap')?.data?.['config.yaml'] ?? '';
  const others = documents.filter(({ kind }) => kind !== 'ConfigMap');
  return {
    [`${folder}/config.yaml`]: config,
    [`${folder}/flameherd.yaml`]: withHeader('Made from deploy/helm/flameherd by npm run deploy:render.', [
      namespaceText,
      ...installed(others),
    ]),
  };
}

/** Without the right to forward ports, which is a file to apply, and without what only Helm uses. */
function installed(documents: readonly Document[]): string[] {
  return documents.filter(({ metadata }) => metadata.name !== 'flameherd-port-forward').map(({ text }) => plain(text));
}

function plain(text: string): string {
  return text
    .replaceAll(/^ +(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '')
    .replace(/^ +annotations:\n +checksum\/config: .*\n/m, '');
}

function bare({ text }: Document): string {
  return text.replace(/^ {2}labels:\n( {4}.*\n)+/m, '');
}

function withHeader(header: string, documents: readonly string[]): string {
  const comment = header.split('\n').map((line) => `# ${line}`.trimEnd());
  return `${comment.join('\n')}\n${documents.join('---\n')}`;
}
