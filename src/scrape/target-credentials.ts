import { createSecureContext, type SecureContext } from 'node:tls';
import { messageOf } from '../model/errors.ts';
import type { Endpoint, Target } from '../model/target.ts';
import type { UnixMs } from '../model/units.ts';
import { FetchError, type FetchReply } from './transports/transport.ts';
import { WatchedFile } from './watched-file.ts';

/** Which pods an entry is for; a ServiceAccount of `*` is any of the namespace. Nothing that a tenant writes matters. */
interface PodMatch {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** An entry of `scrape.tls`. Empty texts mean none. */
export interface TlsRule extends PodMatch {
  readonly caFile: string;
  readonly serverName: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly insecure: boolean;
}

/** An entry of `scrape.auth`: a bearer token, or a name and a password. */
export interface AuthRule extends PodMatch {
  readonly bearerFile: string;
  readonly username: string;
  readonly passwordFile: string;
  readonly allowPlain: boolean;
}

export interface TlsSettings {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
}

/** What one question to one target is asked with. */
export interface Credentials {
  readonly tls: TlsSettings | undefined;
  /** The value of the Authorization header. */
  readonly authorization: string | undefined;
  /** Whether the header may go over a connection whose other end was not verified. */
  readonly allowPlain: boolean;
}

export interface TargetCredentials {
  /** Throws `FetchError` when a file that they need is empty or was never readable: nothing is asked with less than is configured. */
  of(target: Target, endpoint: Endpoint): Promise<Credentials>;
  /** Files that cannot be read, each in a sentence. */
  problems(): readonly string[];
}

const none: Credentials = { tls: undefined, authorization: undefined, allowPlain: false };
export const noCredentials: TargetCredentials = { of: async () => none, problems: () => [] };

/** What targets are asked with, by the configuration. Files are read again when they change; the first entry that fits counts. */
export function targetCredentials(
  rules: { readonly tls: readonly TlsRule[]; readonly auth: readonly AuthRule[] },
  now: () => UnixMs,
): TargetCredentials {
  const files = new Map<string, WatchedFile>();
  const fileAt = (path: string): WatchedFile => {
    const file = files.get(path) ?? new WatchedFile(path, now);
    files.set(path, file);
    return file;
  };
  const textOf = async (path: string): Promise<string> => {
    const file = fileAt(path);
    const text = await file.text();
    if (text === undefined) throw new FetchError('other', `not asked: ${file.problem ?? path}`);
    if (text.trim() === '') throw new FetchError('other', `not asked: ${path} is empty`);
    return text;
  };
  const tls = rules.tls.map((rule) => ({ rule, settings: tlsOf(rule, textOf) }));
  return {
    async of(target, { scheme }) {
      const found = scheme === 'https' ? tls.find(({ rule }) => isFor(rule, target)) : undefined;
      const auth = rules.auth.find((rule) => isFor(rule, target));
      return {
        tls: await found?.settings(),
        authorization: auth && (await authorizationOf(auth, textOf)),
        allowPlain: auth?.allowPlain ?? false,
      };
    },
    problems: () => [...files.values()].flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  };
}

/** Static targets have no pod, so no entry fits them. */
function isFor({ namespace, serviceAccount }: PodMatch, { pod, serviceAccount: own }: Target): boolean {
  if (pod === undefined || pod.namespace !== namespace) return false;
  return serviceAccount === '*' || (own !== undefined && own === serviceAccount);
}

/** The settings of an entry, made anew only when a file of it has changed. */
function tlsOf(rule: TlsRule, textOf: (path: string) => Promise<string>): () => Promise<TlsSettings> {
  let made: { readonly from: string; readonly settings: TlsSettings } | undefined;
  return async () => {
    const [ca, cert, key] = await Promise.all(
      [rule.caFile, rule.certFile, rule.keyFile].map(async (path) => (path === '' ? '' : textOf(path))),
    );
    const from = [ca, cert, key].join('\0');
    if (made?.from !== from) made = { from, settings: settingsOf(rule, { ca, cert, key }) };
    return made.settings;
  };
}

function settingsOf(
  { namespace, serverName, insecure }: TlsRule,
  pem: { readonly [Part in 'ca' | 'cert' | 'key']: string | undefined },
): TlsSettings {
  try {
    const given = Object.fromEntries(Object.entries(pem).filter(([, text]) => text));
    const secureContext = createSecureContext(given);
    return { secureContext, rejectUnauthorized: !insecure, ...(serverName ? { servername: serverName } : {}) };
  } catch (error) {
    throw new FetchError('tls', `not asked: scrape.tls for namespace ${namespace}: ${messageOf(error)}`, error);
  }
}

async function authorizationOf(rule: AuthRule, textOf: (path: string) => Promise<string>): Promise<string> {
  if (rule.bearerFile === '') {
    const password = (await textOf(rule.passwordFile)).replace(/\r?\n$/, '');
    return `Basic ${Buffer.from(`${rule.username}:${password}`).toString('base64')}`;
  }
  const token = (await textOf(rule.bearerFile)).trim();
  if (!/^[!-~]+$/.test(token)) {
    throw new FetchError('other', `not asked: ${rule.bearerFile} holds no bearer token: one line of visible ASCII`);
  }
  return `Bearer ${token}`;
}

/** The header for a connection that anybody might answer: undefined where its other end is not verified, unless its entry allows that. */
export function authorizationOverAny(
  { authorization, tls, allowPlain }: Credentials,
  { scheme }: Endpoint,
): string | undefined {
  const isVerified = scheme === 'https' && tls?.rejectUnauthorized === true;
  return allowPlain || isVerified ? authorization : undefined;
}

/** What became of the credentials of a question. */
export interface Told {
  readonly sent: boolean;
  /** There were some, and they were not sent over this connection. */
  readonly withheld: boolean;
}

/** An answer of 401 or 403 with what to do about it. */
export function adviceOn(reply: FetchReply, target: Target, { sent, withheld }: Told): FetchReply {
  if (reply.kind !== 'status' || (reply.status !== 401 && reply.status !== 403)) return reply;
  return { ...reply, advice: adviceFor(target, { sent, withheld }) };
}

function adviceFor({ pod, serviceAccount }: Target, { sent, withheld }: Told): string {
  if (pod === undefined) return 'the target asks for credentials; static targets are asked without any';
  const entry = `namespace: ${pod.namespace}, serviceAccount: ${serviceAccount || "'*'"}`;
  if (sent) return `the credentials of scrape.auth for { ${entry} } were refused`;
  if (withheld) {
    return `the credentials of scrape.auth for { ${entry} } were not sent: only over https verified by scrape.tls, over port-forward into a pod's own network, or with allowPlain: true`;
  }
  return `the target asks for credentials: configure scrape.auth: [{ ${entry}, bearerFile: … }], or username and passwordFile`;
}
