import { Value } from 'typebox/value';
import { nearest } from '../model/near.ts';
import { type SchemaNode, schemaAt } from './keys.ts';
import { configSchema } from './schema.ts';
import { textValues } from './values.ts';

/** One thing that is wrong in the configuration. */
export interface ConfigFault {
  /** `scrape.interval`; "" for the whole. */
  readonly key: string;
  /** Names the key, what was given and what is allowed. */
  readonly message: string;
}

/** A fault of one key. */
export function faultOf(key: string, what: string): ConfigFault {
  return { key, message: `${key}: ${what}` };
}

/** Everything that is wrong in a value for the configuration; empty when it may be used. */
export function faultsIn(value: unknown): ConfigFault[] {
  const byKey = new Map<string, ConfigFault>();
  for (const { keyword, instancePath } of Value.Errors(configSchema, value)) {
    if (keyword === 'additionalProperties' || keyword === 'required') continue;
    const path = instancePath.split('/').slice(1).map(unescapePointer);
    const fault = keyword === 'boolean' ? unknownKey(path) : wrongValue(path, valueAt(value, path));
    if (!byKey.has(fault.key)) byKey.set(fault.key, fault);
  }
  return [...byKey.values()];
}

function unknownKey(path: readonly string[]): ConfigFault {
  const key = path.join('.');
  const allowed = Object.keys(schemaAt(path.slice(0, -1))?.properties ?? {});
  const [near] = nearest(path.at(-1) ?? '', allowed);
  const where = path.length > 1 ? ` in ${path.slice(0, -1).join('.')}` : '';
  return {
    key,
    message: `${key}: unknown key${near ? `, did you mean ${near}?` : ''} Allowed${where}: ${allowed.join(', ')}`,
  };
}

function wrongValue(path: readonly string[], given: unknown): ConfigFault {
  const key = path.join('.');
  const schema = schemaAt(path);
  return { key, message: `${key || 'configuration'}: ${show(given)} is not ${schema ? allowedBy(schema) : 'allowed'}` };
}

/** What a key takes, in words: `a whole number from 1 to 60`. */
export function allowedBy(schema: SchemaNode): string {
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  const format = schema.format && textValues[schema.format];
  if (format) return format.allowed;
  const { minimum, maximum } = schema;
  const range = minimum === undefined ? '' : ` from ${minimum} to ${maximum}`;
  switch (schema.type) {
    case 'integer':
      return `a whole number${range}`;
    case 'number':
      return `a number${range}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list of ${schema.items?.type === 'object' ? 'entries' : 'texts'}`;
    case 'object':
      return schema.properties
        ? `a section with ${Object.keys(schema.properties).join(', ')}`
        : 'a section of NAME: TEXT';
    default:
      return 'a text';
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], value);
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? 'nothing';
  return shown.length > 80 ? `${shown.slice(0, 77)}…` : shown;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
