/**
 * JSON as our answers need it: int64 as integers with all their digits (a `JSON.stringify` refuses `bigint`), columns as
 * arrays, and no `<`, so that an answer may stand inside a page.
 */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Float64Array
  | Int32Array
  | BigInt64Array
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** Well-formed JSON: a lone surrogate is escaped, `undefined` members are left out. A number that is not finite is a fault. */
export function writeJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return writeNumber(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    default:
      return value === null ? 'null' : writeCompound(value);
  }
}

/** The same, as UTF-8. */
export function jsonBytes(value: JsonValue): Uint8Array {
  return new TextEncoder().encode(writeJson(value));
}

function writeCompound(value: Exclude<JsonValue, string | number | bigint | boolean | null | undefined>): string {
  if (value instanceof Float64Array) return `[${Array.from(value, writeNumber).join(',')}]`;
  if (value instanceof Int32Array || value instanceof BigInt64Array) return `[${value.join(',')}]`;
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${quote(name)}:${writeJson(member)}`).join(',')}}`;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.includes('<') ? quoted.replaceAll('<', String.raw`\u003c`) : quoted;
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} has no form in JSON`);
  // Whole numbers of 1e21 and above would come as 1e+21: valid, but without their digits.
  return Number.isInteger(value) && Math.abs(value) >= 1e21 ? BigInt(value).toString() : String(value);
}
