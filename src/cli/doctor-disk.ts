import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import { formatByteSize } from '../model/byte-size.ts';
import { FlameherdError, messageOf } from '../model/errors.ts';
import type { Bytes } from '../model/units.ts';
import type { Finding } from './finding.ts';

/** File systems on which SQLite's locks cannot be trusted, by the magic number of statfs. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x65735546, 'FUSE (sshfs, s3fs, gcsfuse …)'],
  [0x00c36400, 'CephFS'],
  [0x01021997, '9p'],
]);

/** SQLite sorts and rebuilds there what does not fit into memory. */
const leastTemporary: Bytes = 64 * 1024 ** 2;

/** The folder of the store, what lies in it, and the one for temporary files. */
export async function examineDisk({ data, storage }: Pick<Config, 'data' | 'storage'>): Promise<Finding[]> {
  const folder = resolve(data);
  return [...(await dataFolder(folder, storage)), ...(await store(folder)), await temporary()];
}

async function dataFolder(folder: string, storage: Config['storage']): Promise<Finding[]> {
  const what = 'disk';
  const at = await nearestExisting(folder);
  try {
    await access(at, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [
      {
        what,
        verdict: 'bad',
        detail: `${at} cannot be written to: ${messageOf(error)}`,
        hint: writableHint(error, at),
      },
    ];
  }
  const { bavail, bsize, type } = await statfs(at);
  const network = networkFileSystems.get(type);
  const hint = 'SQLite needs the locks of a local file system or a block volume: ReadWriteOnce, not ReadWriteMany';
  return [
    room(folder, bavail * bsize, await bytesIn(folder), storage),
    ...(network === undefined ? [] : [{ what, verdict: 'bad', detail: `${folder} is on ${network}`, hint } as const]),
  ];
}

function room(folder: string, free: Bytes, used: Bytes, { minFree, maxBytes }: Config['storage']): Finding {
  const told = `${folder}: ${formatByteSize(free)} free`;
  if (free <= minFree) {
    const hint = `nothing is stored below storage.minFree = ${formatByteSize(minFree)}: free some, or lower storage.retention and storage.maxBytes, which removes the oldest`;
    return { what: 'disk', verdict: 'bad', detail: told, hint };
  }
  const mayGrowTo = free + used - minFree;
  if (mayGrowTo >= maxBytes) return { what: 'disk', verdict: 'good', detail: told };
  return {
    what: 'disk',
    verdict: 'note',
    detail: `${told}, and the store may grow to storage.maxBytes = ${formatByteSize(maxBytes)}`,
    hint: `the disk is full before the oldest is removed: set storage.maxBytes to ${formatByteSize(Math.floor((0.9 * mayGrowTo) / 1024 ** 2) * 1024 ** 2)} or less`,
  };
}

/** Who we are and whose the folder is says what to do about it. */
function writableHint(error: unknown, folder: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EROFS')
    return `${folder} is mounted read-only: mount a volume there, or choose another folder by the key data`;
  const user = process.getuid?.();
  return `user ${user} may not write there: in Kubernetes set securityContext.fsGroup: ${user} in the pod; elsewhere chown it, or choose another folder by --data or the key data`;
}

/** The folder, or the nearest one above it that is there: it is made below that. */
async function nearestExisting(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  const above = dirname(folder);
  return isThere || above === folder ? folder : nearestExisting(above);
}

async function bytesIn(folder: string): Promise<Bytes> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Whether this version can read what is there. */
async function store(folder: string): Promise<Finding[]> {
  const what = 'store';
  const meta = await stat(join(folder, 'meta.db')).catch(() => undefined);
  if (!meta) return [];
  const { statStore } = await import('../store-tools.ts');
  try {
    const { files, series, damagedHours } = statStore(folder);
    const good: Finding = { what, verdict: 'good', detail: `${files.length} files, ${series} series` };
    if (damagedHours.length === 0) return [good];
    const hint = 'flameherd store verify says what; the rest is used';
    return [good, { what, verdict: 'note', detail: `${damagedHours.length} hours are damaged`, hint }];
  } catch (error) {
    const hint =
      error instanceof FlameherdError ? error.hint : 'restore a backup, or move the folder away to begin anew';
    // A store of an earlier version is brought up to date by the daemon.
    const isOld = error instanceof FlameherdError && error.code === 'not_ready';
    return [{ what, verdict: isOld ? 'note' : 'bad', detail: messageOf(error), hint }];
  }
}

async function temporary(): Promise<Finding> {
  const what = 'temporary';
  const folder = tmpdir();
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const detail = `${folder}: ${formatByteSize(free)} free`;
    if (free >= leastTemporary) return { what, verdict: 'good', detail };
    const hint = `large lists are sorted there: give it ${formatByteSize(leastTemporary)} or more (an emptyDir at /tmp)`;
    return { what, verdict: 'note', detail, hint };
  } catch (error) {
    const hint =
      'with a read-only root file system mount an emptyDir at /tmp, or set TMPDIR to a folder that can be written to';
    return { what, verdict: 'bad', detail: `${folder} cannot be written to: ${messageOf(error)}`, hint };
  }
}
