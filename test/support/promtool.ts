import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Programs of Prometheus's own, for tests of what is made for it. */
export type PrometheusTools =
  | { readonly kind: 'found'; readonly promtool: string; readonly prometheus: string; readonly skip: false }
  | { readonly kind: 'missing'; readonly skip: string };

/** The first that knows `keep_firing_for`. */
const leastVersion = [2, 42] as const;
const programs = ['promtool', 'prometheus'] as const;
const cache = resolve(import.meta.dirname, '../../node_modules/.cache/prometheus');
const lockTimeoutMs = 180_000;

let found: Promise<PrometheusTools> | undefined;

/**
 * promtool and prometheus: those on the PATH, else those of the distribution's package, which needs no root to be unpacked into
 * `node_modules/.cache`. Where there is no such package, `skip` says why, for `test(name, { skip: tools.skip }, …)`; in CI, where
 * nobody reads of skipped tests, it throws.
 */
export async function prometheusTools(): Promise<PrometheusTools> {
  found ??= find();
  const tools = await found;
  if (tools.kind === 'missing' && isCi(process.env['CI'])) throw new Error(`in CI nothing is skipped: ${tools.skip}`);
  return tools;
}

/**
 * Runs `promtool COMMAND FILE…` in a folder with these files, which are written as JSON, a part of YAML. Files whose names end in
 * `.part` are there for the others and not named.
 */
export function runPromtool(
  tools: PrometheusTools,
  command: readonly string[],
  files: Readonly<Record<string, unknown>>,
): { readonly status: number | null; readonly text: string } {
  if (tools.kind === 'missing') throw new Error(tools.skip);
  const folder = mkdtempSync(join(tmpdir(), 'flameherd-promtool-'));
  try {
    for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
    const named = Object.keys(files).filter((name) => !name.endsWith('.part'));
    const { status, stdout, stderr } = spawnSync(tools.promtool, [...command, ...named], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, text: `${stdout}\n${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As CI systems set it. */
export function isCi(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}

async function find(): Promise<PrometheusTools> {
  const reasons: string[] = [];
  for (const folder of [...onPath(), cache]) {
    const tools = toolsIn(folder);
    if (typeof tools !== 'string') return tools;
    reasons.push(tools);
  }
  const failure = await underLock(unpackPackage);
  const tools = failure ?? toolsIn(cache);
  if (typeof tools !== 'string') return tools;
  return { kind: 'missing', skip: [...reasons.filter((reason) => reason !== ''), tools].join('; ') };
}

/** Folders of the PATH that have both programs. */
function onPath(): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.filter((folder) => programs.every((name) => existsSync(join(folder, name))));
}

/** The programs of a folder, or why they cannot be used; "" when there are none. */
function toolsIn(folder: string): PrometheusTools | string {
  if (!programs.every((name) => existsSync(join(folder, name)))) return '';
  const promtool = join(folder, 'promtool');
  const { stdout, stderr, error } = spawnSync(promtool, ['--version'], { encoding: 'utf8' });
  const [, major = '0', minor = '0'] = /version (\d+)\.(\d+)/.exec(stdout + stderr) ?? [];
  const isRecent =
    Number(major) > leastVersion[0] || (Number(major) === leastVersion[0] && Number(minor) >= leastVersion[1]);
  if (isRecent) return { kind: 'found', promtool, prometheus: join(folder, 'prometheus'), skip: false };
  return error
    ? `${promtool} does not run: ${error.message}`
    : `${promtool} is ${major}.${minor}, and ${leastVersion.join('.')} is needed`;
}

/** Test files run side by side: one of them unpacks, the others wait for it. */
async function underLock(work: () => string | undefined): Promise<string | undefined> {
  const lock = `${cache}.lock`;
  mkdirSync(resolve(cache, '..'), { recursive: true });
  const givenUpMs = Date.now() + lockTimeoutMs;
  while (!takeLock(lock)) {
    if (Date.now() > givenUpMs) return `${lock} was held for too long; remove it`;
    await delay(200);
  }
  try {
    return existsSync(cache) ? undefined : work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    // Left behind by a run that was killed.
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > lockTimeoutMs / 2) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Fills the cache by one rename, so that it is whole or not there. Answers why it could not. */
function unpackPackage(): string | undefined {
  const folder = mkdtempSync(`${cache}-`);
  try {
    const failure = download(folder);
    if (failure !== undefined) return failure;
    const file = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '';
    const unpacked = run('dpkg-deb', ['-x', join(folder, file), join(folder, 'package')], folder);
    if (unpacked !== undefined) return unpacked;
    const programsOf = join(folder, 'package/usr/bin');
    chmodSync(programsOf, 0o755);
    renameSync(programsOf, cache);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With the machine's lists of packages, else with lists of our own: a bare machine has none, and only root may fetch them. */
function download(folder: string): string | undefined {
  if (run('apt-get', ['download', 'prometheus'], folder) === undefined) return undefined;
  const state = join(folder, 'apt');
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(state, part), { recursive: true });
  const own = [
    `Dir::State=${state}`,
    `Dir::State::lists=${join(state, 'lists')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(state, 'cache')}`,
  ].flatMap((option) => ['-o', option]);
  // One source that fails does not matter as long as another one has the package.
  const updated = run('apt-get', [...own, 'update'], folder);
  const downloaded = run('apt-get', [...own, 'download', 'prometheus'], folder);
  return downloaded === undefined ? undefined : [updated, downloaded].filter(Boolean).join('; ');
}

/** What went wrong, or undefined. */
function run(program: string, args: readonly string[], cwd: string): string | undefined {
  const { status, stderr, error } = spawnSync(program, [...args], {
    cwd,
    encoding: 'utf8',
    timeout: lockTimeoutMs / 2,
  });
  if (status === 0) return undefined;
  const told = args.filter((arg) => arg !== '-o' && !arg.includes('=')).join(' ');
  return `${program} ${told}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}
