import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What only whoever runs the cluster can do to it: test/e2e/README.md. */
export type Hook =
  | readonly ['restart-apiserver']
  /** Packets to a pod's port, but for those of its own loopback, get lost. */
  | readonly ['drop-packets', containerId: string, port: string]
  | readonly ['pass-packets', containerId: string, port: string]
  /** A node that hangs: nothing in the container runs until it is thawed. */
  | readonly ['freeze-container' | 'thaw-container', containerId: string]
  /** SIGKILL. */
  | readonly ['kill-container', containerId: string]
  /** The next pod gets this address. */
  | readonly ['next-address', ip: string]
  /** A folder of root's on the one node, removed with the cluster; prints its path. */
  | readonly ['node-folder', name: string]
  /** A static program as an image that the cluster's nodes have. */
  | readonly ['image', name: string, binary: string]
  /** An image that is built: an OCI archive that names itself. */
  | readonly ['import-image', archive: string];

const script = process.env['E2E_HOOKS'];

/** Why tests that need a hook are left out, or false. */
export const withoutHooks: string | false = script
  ? false
  : 'E2E_HOOKS names no program that does this to the cluster: test/e2e/README.md';

/** Runs the hook to its end; throws with what it said. */
export async function hook(...args: Hook): Promise<string> {
  if (!script) throw new Error(String(withoutHooks));
  const { stdout } = await promisify(execFile)(script, [...args], { timeout: 600_000, maxBuffer: 16 << 20 });
  return stdout.trim();
}
