import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

/** One service of a compose file, as far as tests look at it. */
export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

export interface ComposeFile {
  readonly file: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

const repository = resolve(import.meta.dirname, '../..');
const loader = resolve(import.meta.dirname, '../demo/compose-spec');

export function readCompose(name: string): ComposeFile {
  const file = resolve(repository, name);
  return { file, ...(parse(readFileSync(file, 'utf8'), { merge: true }) as Omit<ComposeFile, 'file'>) };
}

export interface Bind {
  /** On this machine. */
  readonly source: string;
  /** In the container. */
  readonly target: string;
  readonly mode: string;
}

/** What a service is given of this machine's files. */
export function bindsOf({ file }: ComposeFile, { volumes = [] }: ComposeService): Bind[] {
  return volumes
    .map((text) => text.split(':'))
    .filter(([source = '']) => source.startsWith('.'))
    .map(([source = '', target = '', mode = '']) => ({ source: resolve(dirname(file), source), target, mode }));
}

/** Ports as `IP:PORT:CONTAINER-PORT`. */
export function portsOf({ ports = [] }: ComposeService): { ip: string; host: number; container: number }[] {
  return ports.map((text) => {
    const [ip = '', host, container] = text.split(':');
    return { ip, host: Number(host), container: Number(container) };
  });
}

/**
 * What the compose specification's own loader says is wrong with a file; "" when it takes it. The reason to skip stands in `skip`, for
 * `test(name, { skip }, …)`: no Go, or no module of it to be had.
 */
export function composeLoader(): { readonly skip: string | false; faultsOf(file: string): string } {
  const env = { ...process.env, GOFLAGS: '', GOTOOLCHAIN: 'local' };
  const go = (args: readonly string[]) => spawnSync('go', [...args], { cwd: loader, env, encoding: 'utf8' });
  const { status, stderr } = go(['build', '-o', '/dev/null', '.']);
  const skip = status === 0 ? false : `the loader of compose files cannot be built: ${stderr ?? 'no go on the PATH'}`;
  return {
    skip,
    faultsOf: (file) => go(['run', '.', file]).stderr,
  };
}
