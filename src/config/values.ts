import { type TUnsafe, Type } from 'typebox';
import { Format } from 'typebox/format';
import { parseByteSize } from '../model/byte-size.ts';
import { parseDuration } from '../model/duration.ts';
import { FlameherdError } from '../model/errors.ts';
import type { Bytes, DurationMs } from '../model/units.ts';

/** Kinds of text in the configuration that stand for something else, and what each becomes. */

export interface Address {
  readonly host: string;
  /** 0 means any free one. */
  readonly port: number;
}

interface TextValue {
  /** Told in errors and in the JSON Schema. */
  readonly allowed: string;
  readonly parse: (text: string) => unknown;
}

export const textValues: Readonly<Record<string, TextValue>> = {
  duration: { allowed: 'a duration such as 500ms, 90s, 1h30m or 7d', parse: parseDuration },
  'optional-duration': {
    allowed: 'a duration such as 90s, or empty',
    parse: (text) => (text === '' ? null : parseDuration(text)),
  },
  'byte-size': { allowed: 'a size such as 512MiB, 20GiB or 64MB', parse: parseByteSize },
  'optional-byte-size': {
    allowed: 'a size such as 512MiB, or empty',
    parse: (text) => (text === '' ? null : parseByteSize(text)),
  },
  address: { allowed: 'HOST:PORT such as 127.0.0.1:4280 or [::1]:4280; port 0 is any free one', parse: parseAddress },
  'optional-address': { allowed: 'HOST:PORT, or empty', parse: (text) => (text === '' ? null : parseAddress(text)) },
  regex: { allowed: 'a regular expression', parse: parseRegex },
};

for (const [name, value] of Object.entries(textValues)) Format.Set(name, (text) => value.parse(text) !== undefined);

/** In the file a text such as `1h30m`; in `Config` milliseconds. */
export function duration(fallback: string, description: string): TUnsafe<DurationMs> {
  return Type.Unsafe<DurationMs>({ type: 'string', format: 'duration', default: fallback, description });
}

/** Empty means null: as the key it refines. */
export function optionalDuration(description: string): TUnsafe<DurationMs | null> {
  return Type.Unsafe<DurationMs | null>({ type: 'string', format: 'optional-duration', default: '', description });
}

/** In the file a text such as `512MiB`; in `Config` bytes. */
export function byteSize(fallback: string, description: string): TUnsafe<Bytes> {
  return Type.Unsafe<Bytes>({ type: 'string', format: 'byte-size', default: fallback, description });
}

/** Empty means null: not known. */
export function optionalByteSize(description: string): TUnsafe<Bytes | null> {
  return Type.Unsafe<Bytes | null>({ type: 'string', format: 'optional-byte-size', default: '', description });
}

export function address(fallback: string, description: string): TUnsafe<Address> {
  return Type.Unsafe<Address>({ type: 'string', format: 'address', default: fallback, description });
}

/** Empty means null: decided by where the daemon runs. */
export function optionalAddress(description: string): TUnsafe<Address | null> {
  return Type.Unsafe<Address | null>({ type: 'string', format: 'optional-address', default: '', description });
}

export function regex(fallback: string, description: string): TUnsafe<RegExp> {
  return Type.Unsafe<RegExp>({ type: 'string', format: 'regex', default: fallback, description });
}

/** Reads `HOST:PORT`, the host of an IPv6 address in brackets; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseRegex(text: string): RegExp | undefined {
  try {
    return new RegExp(text, 'u');
  } catch {
    return undefined;
  }
}

/** The parsed form of a checked text. Throws when the text was never checked. */
export function parseText(format: string, text: string): unknown {
  const value = textValues[format]?.parse(text);
  if (value === undefined)
    throw new FlameherdError('bad_config', `${JSON.stringify(text)} is not ${textValues[format]?.allowed}`);
  return value;
}
