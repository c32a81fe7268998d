import { nearest } from '../model/near.ts';
import { type ConfigKey, configKeys } from './keys.ts';

export interface EnvironmentValues {
  /** By dotted key. Texts that are no number or boolean stay texts, so that the check can name them. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** Variables that are read elsewhere or set by others: Kubernetes makes `FLAMEHERD_PORT…` for a Service of our name. */
const foreign = /^FLAMEHERD_(SERVICE_(HOST|PORT)|PORT)(_|$)|^FLAMEHERD_(CONFIG|SERVER|TOKEN)$/;

/**
 * What the environment says: `FLAMEHERD_HTTP_LISTEN` is `http.listen`. Lists are written with commas, labels as
 * `name=value,…`, targets as `name=URL,…`.
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): EnvironmentValues {
  const byVariable = new Map(configKeys.map((key) => [key.variable, key]));
  const values: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const [name, text = ''] of Object.entries(environment)) {
    if (!name.startsWith('FLAMEHERD_') || foreign.test(name)) continue;
    const key = byVariable.get(name);
    if (key) values[key.path] = valueOf(key, text);
    else warnings.push(unknownVariable(name, [...byVariable.keys()]));
  }
  return { values, warnings };
}

function unknownVariable(name: string, known: readonly string[]): string {
  const [near] = nearest(name, known);
  return `environment: ${name} names no key of the configuration and is ignored${near ? `; did you mean ${near}?` : ''}`;
}

function valueOf({ path, schema }: ConfigKey, text: string): unknown {
  if (path === 'targets') return parts(text).map(targetOf);
  switch (schema.type) {
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return { true: true, false: false }[text] ?? text;
    case 'array':
      return parts(text);
    case 'object':
      return Object.fromEntries(parts(text).map(splitPair));
    default:
      return text;
  }
}

/** `URL`, or `name=URL` where the name comes before a scheme. */
export function targetOf(text: string): Readonly<Record<string, string>> {
  const named = /^([^=/:]+)=(.*)$/.exec(text);
  return named ? { name: named[1] ?? '', url: named[2] ?? '' } : { url: text };
}

function splitPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function parts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
