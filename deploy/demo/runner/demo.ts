import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { DemoUrls } from './folder.ts';
import { portNear } from './ports.ts';
import { ownEnvironment, Programs } from './programs.ts';
import { alertsPage, findPrometheus } from './prometheus.ts';

const here = resolve(import.meta.dirname, '..');
const repository = resolve(here, '../..');
const main = join(repository, 'src/main.ts');

export interface Demo extends AsyncDisposable {
  readonly urls: DemoUrls;
  /** Rejects when a part of it ends by itself. */
  readonly broken: Promise<never>;
}

/**
 * Starts the shop, the daemon with an empty store, and Prometheus where it is installed, all on 127.0.0.1, with their files in `folder`,
 * which is emptied. They listen where docker-compose.yml has them, or on free ports where somebody else does.
 */
export async function startDemo(folder: string): Promise<Demo> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const programs = new Programs(folder);
  try {
    const urls = await startAll(folder, programs);
    return { urls, broken: programs.broken, [Symbol.asyncDispose]: () => programs[Symbol.asyncDispose]() };
  } catch (error) {
    await programs[Symbol.asyncDispose]();
    throw error;
  }
}

async function startAll(folder: string, programs: Programs): Promise<DemoUrls> {
  const checkout = await startShop(programs, 'checkout', await portNear(6061));
  const search = await startShop(programs, 'search', await portNear(6062));
  const config = join(folder, 'flameherd.yml');
  await copyWith('flameherd.yml', config, { 'http://checkout:6060': checkout, 'http://search:6060': search });
  const [apiPort, opsPort] = [await portNear(4280), await portNear(4281)];
  const api = `http://127.0.0.1:${apiPort}`;
  const ops = `127.0.0.1:${opsPort}`;
  const servedAt = ['--data', join(folder, 'data'), '--listen', `127.0.0.1:${apiPort}`, '--ops-listen', ops];
  await programs.start({
    name: 'flameherd',
    command: process.execPath,
    // The flags of `npm start`.
    args: ['--max-semi-space-size=4', main, 'serve', '--config', config, ...servedAt],
    env: { MALLOC_ARENA_MAX: '1' },
    readyUrl: `http://${ops}/-/ready`,
  });
  const prometheus = await startPrometheus(folder, programs, { api, ops, config });
  return { api, checkout, search, prometheus, alerts: prometheus && (await alertsPage(prometheus)) };
}

async function startShop(programs: Programs, name: string, port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  await programs.start({
    name,
    command: process.execPath,
    args: ['--max-old-space-size=512', join(here, 'shop/main.ts')],
    env: { SHOP_SERVICE: name, SHOP_LISTEN: `127.0.0.1:${port}` },
    readyUrl: `${url}/healthy`,
  });
  return url;
}

async function startPrometheus(
  folder: string,
  programs: Programs,
  { api, ops, config }: { readonly api: string; readonly ops: string; readonly config: string },
): Promise<string | undefined> {
  const command = findPrometheus(repository);
  if (command === undefined) return undefined;
  const rules = await promisify(execFile)(
    process.execPath,
    [main, 'rules', 'print', '--config', config, '--base-url', api],
    { env: ownEnvironment() },
  );
  await writeFile(join(folder, 'rules.yml'), rules.stdout);
  await copyWith('prometheus/prometheus.yml', join(folder, 'prometheus.yml'), { 'flameherd:4281': ops });
  const port = await portNear(9090);
  const url = `http://127.0.0.1:${port}`;
  await programs.start({
    name: 'prometheus',
    command,
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    readyUrl: `${url}/-/ready`,
  });
  return url;
}

/** What docker-compose.yml mounts, with addresses of this machine in the place of its names. */
async function copyWith(name: string, to: string, addresses: Readonly<Record<string, string>>): Promise<void> {
  let text = await readFile(join(here, name), 'utf8');
  for (const [from, address] of Object.entries(addresses)) text = text.replaceAll(from, address);
  await writeFile(to, text);
}
