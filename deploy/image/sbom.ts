import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * `node sbom.ts OUT`: what is in the image beside its base, as CycloneDX, from package-lock.json and nothing else: the packages that the
 * daemon runs on, those whose code is in the built pages, and Node.
 */

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly object[];
}

interface Bom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** devDependencies of which something is handed out in dist/ui. */
const inPages = ['preact', 'uplot', 'speedscope'];

const out = process.argv[2];
if (out === undefined) throw new Error('node sbom.ts OUT: the file to write is missing');
const runtime = listed('--omit=dev');
const pages = listed().components.filter(({ name }) => inPages.includes(name));
const node: Component = {
  'bom-ref': `node@${process.versions.node}`,
  type: 'platform',
  name: 'node',
  version: process.versions.node,
  purl: `pkg:generic/node@${process.versions.node}`,
  licenses: [{ license: { id: 'MIT' } }],
};
const added = [...pages, node];
const { component } = runtime.metadata;
const bom = {
  ...runtime,
  // npm names it by the folder.
  metadata: { ...runtime.metadata, component: { ...component, name: nameOf('package.json') } },
  components: [...runtime.components, ...added],
  dependencies: runtime.dependencies.map((entry) =>
    entry.ref === component['bom-ref']
      ? { ...entry, dependsOn: [...entry.dependsOn, ...added.map((each) => each['bom-ref'])] }
      : entry,
  ),
};
writeFileSync(out, `${JSON.stringify(bom, null, 2)}\n`);

function listed(...flags: readonly string[]): Bom {
  const argv = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application', ...flags];
  return JSON.parse(execFileSync('npm', argv, { encoding: 'utf8', maxBuffer: 64 << 20 })) as Bom;
}

function nameOf(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { name: string }).name;
}
