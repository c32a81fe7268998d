import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Set in the process that has a network and mounts of its own. */
const mark = 'FLAMEHERD_SOAK_ISOLATED';

/**
 * Runs this program again with a network and mounts of its own, where addresses of pods are addresses of this machine, and
 * ends with it. Returns where that is so already. Needs Linux and root.
 */
export function isolate(): void {
  if (process.env[mark] === '1') {
    run('ip', ['link', 'set', 'lo', 'up']);
    run('ip', ['route', 'add', 'local', '10.32.0.0/16', 'dev', 'lo']);
    return;
  }
  const args = ['--net', '--mount', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status, error } = spawnSync('unshare', args, { stdio: 'inherit', env: { ...process.env, [mark]: '1' } });
  if (error) throw new Error('the soak needs unshare (util-linux), ip (iproute2), ext4 and root', { cause: error });
  process.exit(status ?? 1);
}

/** A file system of a fixed size, so that a full disk is a full disk: ext4 in a file. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #image: string;
  #fills = 0;

  constructor(folder: string, megabytes: number) {
    this.path = join(folder, 'disk');
    this.#image = join(folder, 'disk.img');
    mkdirSync(this.path);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, megabytes * 1e6);
    run('mkfs.ext4', ['-q', '-m', '0', this.#image]);
    run('mount', ['-o', 'loop', this.#image, this.path]);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Takes what is free, until the kernel says ENOSPC. Again and again, for others may give back what they had. */
  async fill(): Promise<void> {
    // At once, without writing it.
    spawnSync('fallocate', ['--length', String(this.freeBytes), `${this.#ballast}-${this.#fills++}`]);
    const file = await open(this.#ballast, 'a');
    try {
      for (const size of [1 << 20, 1 << 12]) await writeUntilFull(file, Buffer.alloc(size, 'x'));
    } finally {
      await file.close();
    }
  }

  /** Makes room again. */
  free(): void {
    for (const name of readdirSync(this.path)) if (name.startsWith('ballast')) rmSync(join(this.path, name));
  }

  [Symbol.dispose](): void {
    spawnSync('umount', [this.path]);
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, block: Buffer): Promise<void> {
  for (;;) {
    try {
      const { bytesWritten } = await file.write(block);
      if (bytesWritten < block.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error ?? status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr || String(error)}`);
}
