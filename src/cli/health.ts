import { get, type IncomingMessage } from 'node:http';
import { get as getByTls } from 'node:https';
import { text } from 'node:stream/consumers';
import { Command, InvalidArgumentError } from 'commander';
import { FlameherdError, messageOf } from '../model/errors.ts';
import { type Output, terminal } from './output.ts';
import { exitCodeOf } from './run.ts';

interface HealthFlags {
  readonly live?: boolean;
  readonly config?: string;
  readonly opsListen?: string;
  readonly timeout: number;
}

const defaultAddress = '127.0.0.1:4281';

/**
 * For health checks of images and of process supervisors: exit code 0 or 1 and a sentence why. It runs every few seconds, so it
 * reads of the configuration nothing but where the operations listener is.
 */
export function addHealthCommand(program: Command, output: Output): void {
  program
    .command('health')
    .description('ask the daemon of this machine whether it is ready: exit code 0, or 1 and why not')
    .option('--live', 'only whether the process lives: /-/healthy instead of /-/ready')
    .option('-c, --config <FILE>', 'configuration file that serve was given', process.env['FLAMEHERD_CONFIG'])
    .option('--ops-listen <HOST:PORT>', 'where serve was told to listen (default: as serve, by file and environment)')
    .option('--timeout <SECONDS>', 'how long to wait for an answer', secondsOf, 3)
    .action(async (flags: HealthFlags) => {
      const { url, warning } = await urlOf(flags, process.env);
      try {
        output.write(await ask(url, flags.timeout));
      } catch (error) {
        const reason = messageOf(error);
        throw new FlameherdError('not_ready', warning ? `${reason} (${warning})` : reason);
      }
    });
}

/** As `runCli` of the whole program, without loading the rest of it, which takes four times as long. */
export function runHealth(argv: readonly string[]): Promise<number> {
  const program = new Command('flameherd').exitOverride();
  addHealthCommand(program, terminal);
  return exitCodeOf(() => program.parseAsync([...argv]));
}

/**
 * The URL to ask, by flag, environment, file, default, as `serve` has it. A file that cannot be read is only a warning: a
 * daemon that runs goes on with what it has read before.
 */
async function urlOf(
  { live, config, opsListen }: HealthFlags,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly url: URL; readonly warning?: string }> {
  const path = live ? '/-/healthy' : '/-/ready';
  const given = opsListen ?? environment['FLAMEHERD_HTTP_OPS_LISTEN'];
  if (given) return { url: urlAt(given, path) };
  try {
    const inFile = config && given === undefined ? await fromFile(config) : undefined;
    return { url: urlAt(inFile || defaultAddress, path) };
  } catch (error) {
    return { url: urlAt(defaultAddress, path), warning: messageOf(error) };
  }
}

async function fromFile(file: string): Promise<string | undefined> {
  const { readConfigFile } = await import('../config/file.ts');
  const { http } = (await readConfigFile(file)) as { http?: { opsListen?: unknown } | null };
  return typeof http?.opsListen === 'string' ? http.opsListen : undefined;
}

/** What listens on every address is asked on loopback. */
function urlAt(address: string, path: string): URL {
  const base = `http://${address}`;
  const url = URL.canParse(base) ? new URL(path, base) : undefined;
  if (url === undefined || !/:\d+$/.test(address))
    throw new FlameherdError('bad_config', `http.opsListen: ${JSON.stringify(address)} is not HOST:PORT`);
  if (address.endsWith(':0'))
    throw new FlameherdError('bad_config', `http.opsListen: ${address} is any free port, and nobody knows which`, {
      hint: 'give serve a port, or name the one it logged: flameherd health --ops-listen 127.0.0.1:PORT',
    });
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url;
}

/** What the daemon says of itself. Throws with its reason when it is not as it should be, or when nothing answers. */
async function ask(url: URL, seconds: number): Promise<string> {
  const signal = AbortSignal.timeout(seconds * 1000);
  const response = await answerOf(url, signal).catch((error: unknown) => {
    const reason = signal.aborted ? `no answer within ${seconds} s` : messageOf(error);
    throw new FlameherdError('not_ready', `nothing answers at ${url.host}: ${reason}`);
  });
  const body = await text(response);
  if (response.statusCode === 200) return body;
  throw new FlameherdError(
    'not_ready',
    `${url.host}${url.pathname}: ${reasonIn(body) ?? `HTTP ${response.statusCode}`}`,
  );
}

/** A listener with `http.tls.ops` hangs up on plain HTTP: it is asked again, whatever name its certificate is for. */
async function answerOf(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const plain = Promise.withResolvers<IncomingMessage>();
  get(url, { signal, agent: false }, plain.resolve).once('error', plain.reject);
  return await plain.promise.catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET' || signal.aborted) throw error;
    const byTls = Promise.withResolvers<IncomingMessage>();
    const https = new URL(url);
    https.protocol = 'https:';
    const options = { signal, agent: false, rejectUnauthorized: false };
    getByTls(https, options, byTls.resolve).once('error', () => byTls.reject(error));
    return await byTls.promise;
  });
}

/** Of problem JSON: a sentence such as `the store is being opened`. */
function reasonIn(body: string): string | undefined {
  try {
    const { detail, title } = JSON.parse(body) as { readonly detail?: string; readonly title?: string };
    return detail ?? title;
  } catch {
    return undefined;
  }
}

function secondsOf(given: string): number {
  const seconds = Number(given);
  if (seconds >= 0.1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('must be a number of seconds from 0.1 to 3600');
}
