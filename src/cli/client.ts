import { FlameherdError, messageOf } from '../model/errors.ts';
import { patientFetch } from './patient-fetch.ts';

export const defaultServer = 'http://127.0.0.1:4280';

export interface ServerOptions {
  /** The base URL of a running daemon. */
  readonly server: string;
  readonly token?: string | undefined;
}

type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** A failure that the server explained: its title, detail and hint are for the reader. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly hint: string | undefined;
  readonly status: number;

  constructor(status: number, message: string, hint: string | undefined) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** Asks the daemon; answers JSON as it is. Throws `ServerError`, or `not_ready` when nothing answers at the address. */
export async function askServer<T>(
  options: ServerOptions,
  method: 'GET' | 'POST',
  path: string,
  parameters: Parameters = {},
): Promise<T> {
  const response = await ask(options, method, path, parameters);
  return (await response.json()) as T;
}

/** As `askServer`, for an answer that is no JSON and may take minutes. */
export async function askServerForBytes(
  options: ServerOptions,
  method: 'GET' | 'POST',
  path: string,
  parameters: Parameters = {},
): Promise<{ readonly bytes: Uint8Array; readonly headers: Headers }> {
  const response = await ask(options, method, path, parameters, patientFetch);
  return { bytes: new Uint8Array(await response.arrayBuffer()), headers: response.headers };
}

async function ask(
  options: ServerOptions,
  method: 'GET' | 'POST',
  path: string,
  parameters: Parameters,
  send: typeof patientFetch = fetch,
): Promise<Response> {
  const url = new URL(path, options.server);
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of value === undefined ? [] : [value].flat()) url.searchParams.append(name, String(each));
  }
  let response: Response;
  try {
    response = await send(url, { method, headers: options.token ? { authorization: `Bearer ${options.token}` } : {} });
  } catch (error) {
    throw new FlameherdError(
      'not_ready',
      `no flameherd answers at ${options.server}: ${messageOf((error as Error).cause ?? error)}`,
      {
        hint: 'start one with `flameherd serve`, name another with --server URL, or reach one in a cluster by kubectl port-forward',
      },
    );
  }
  if (!response.ok) throw serverError(response.status, await response.text(), options.token !== undefined);
  return response;
}

/** What the server said, in either form of its errors; what is not ours, such as a proxy's page, is told by its first words. */
function serverError(status: number, text: string, hasToken: boolean): ServerError {
  const { detail, hint } = problemIn(text) ?? { detail: `HTTP ${status}: ${text.slice(0, 300)}`, hint: undefined };
  return new ServerError(status, detail, status === 401 ? tokenHint(hasToken) : hint);
}

interface ToldProblem {
  readonly detail: string;
  readonly hint: string | undefined;
}

function problemIn(text: string): ToldProblem | undefined {
  try {
    const { detail, title, hint } = JSON.parse(text) as { detail?: string; title?: string; hint?: string };
    const told = detail ?? title;
    return told === undefined ? undefined : { detail: told, hint };
  } catch {
    // As `go tool pprof` is answered.
    const [, detail, hint] = /^[a-z_]+: (.+)\n(?:hint: (.+)\n)?$/.exec(text) ?? [];
    return detail === undefined ? undefined : { detail, hint };
  }
}

/** The server speaks of headers, which nobody sets here. */
function tokenHint(hasToken: boolean): string {
  if (!hasToken) return 'give one by the variable FLAMEHERD_TOKEN, or by --token';
  return 'it came from --token or FLAMEHERD_TOKEN; where it is one of the cluster, make another: kubectl create token ACCOUNT --audience flameherd';
}
