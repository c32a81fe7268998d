import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A folder with the source of test/fixtures/programs/hot-call. */
export class HotCallProgram implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'flameherd-hot-call-'));

  constructor() {
    const source = resolve(import.meta.dirname, '../fixtures/programs/hot-call/main.go');
    writeFileSync(join(this.#folder, 'main.go'), readFileSync(source));
  }

  /** The CPU profile that the program takes of itself in about a second. */
  profile(): Uint8Array {
    this.#go(['build', '-o', 'hot-call', 'main.go']);
    const file = join(this.#folder, 'own.pb.gz');
    const { status, stderr } = spawnSync(join(this.#folder, 'hot-call'), [file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(file);
  }

  /** What the compiler says of calls that this profile makes hot. Throws when `go build` does not take it. */
  buildWith(profile: Uint8Array): string {
    writeFileSync(join(this.#folder, 'given.pgo'), profile);
    return this.#go(['build', '-pgo=given.pgo', '-gcflags=-m -d=pgodebug=1', '-o', 'optimised', 'main.go']);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #go(args: readonly string[]): string {
    const env = { ...process.env, GOFLAGS: '', GO111MODULE: 'off' };
    const { status, stderr } = spawnSync('go', [...args], { cwd: this.#folder, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stderr;
  }
}

/** The weighted calls that the compiler reads from a profile (`go tool preprofile`), as text. */
export function weightedCalls(profile: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-preprofile-'));
  try {
    const [input, output] = [join(folder, 'in'), join(folder, 'out')];
    writeFileSync(input, profile);
    const { status, stderr } = spawnSync('go', ['tool', 'preprofile', '-i', input, '-o', output], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(output, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
