import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A port of a pod or Service on 127.0.0.1 of this machine, until it is disposed of. */
export async function forwardPort(
  namespace: string,
  target: string,
  port: number,
): Promise<AsyncDisposable & { readonly url: string }> {
  const child = spawn('kubectl', ['-n', namespace, 'port-forward', target, `:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // What it says later is read too, or it would end.
  child.stdout.on('data', (chunk: Buffer) => {
    const [, local] = /127\.0\.0\.1:(\d+) -> /.exec(chunk.toString()) ?? [];
    if (local !== undefined) resolve(`http://127.0.0.1:${local}`);
  });
  child.once('exit', (code) => reject(new Error(`kubectl port-forward ${target} ended with ${code}`)));
  return {
    url: await promise,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
