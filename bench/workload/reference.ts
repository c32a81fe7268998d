import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Which part of the reference workload; scrapes are a minute apart. */
export interface WorkloadPart {
  readonly fromService: number;
  readonly toService: number;
  readonly pods: number;
  readonly minutes: number;
  readonly rolloutsPerDay: number;
}

/** As its authors and the peers ran it: the parts, and so the random numbers, are the same. */
export const wideParts: readonly WorkloadPart[] = [
  { fromService: 0, toService: 25, pods: 4, minutes: 60, rolloutsPerDay: 2 },
  { fromService: 25, toService: 50, pods: 4, minutes: 60, rolloutsPerDay: 2 },
];
export const longParts: readonly WorkloadPart[] = [
  { fromService: 0, toService: 2, pods: 4, minutes: 1440, rolloutsPerDay: 1.5 },
  { fromService: 2, toService: 4, pods: 4, minutes: 1440, rolloutsPerDay: 1.5 },
];

const generator = fileURLToPath(new URL('../../../shared/workload/', import.meta.url));
const cache = join(tmpdir(), 'flameherd-workload');

/** Whether the generator of the reference workload lies beside the repository. */
export const hasGenerator = existsSync(join(generator, 'gen.mjs'));

/** The file of a part. Made when it is not there yet, which takes minutes, and kept for the next run. */
export function workloadFile({ fromService, toService, pods, minutes, rolloutsPerDay }: WorkloadPart): string {
  const args = [fromService, toService, pods, 60, minutes, rolloutsPerDay].map(String);
  const file = join(cache, `w-${args.join('-')}.bin`);
  if (existsSync(file)) return file;
  const folder = join(cache, `making-${process.pid}`);
  mkdirSync(join(folder, 'ds'), { recursive: true });
  try {
    symlinkSync(join(generator, 'raw'), join(folder, 'raw'));
    const script = join(generator, 'gen.mjs');
    const made = spawnSync(process.execPath, [script, 'w', ...args], { cwd: folder, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`the generator of the workload failed: ${made.stderr}`);
    renameSync(join(folder, 'ds', 'w.bin'), file);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
