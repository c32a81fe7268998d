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
  if (!response.ok) throw serverError(response.status, await response.text());
  return response;
}

function serverError(status: number, text: string): ServerError {
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string; hint?: string };
    return new ServerError(status, problem.detail ?? problem.title ?? `HTTP ${status}`, problem.hint);
  } catch {
    return new ServerError(status, `HTTP ${status}: ${text.slice(0, 300)}`, undefined);
  }
}
