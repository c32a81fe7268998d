import type { Answer } from './engine.ts';

/** JSON as our answers need it: int64 as integers with all their digits (`JSON.stringify` refuses `bigint`). */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | JsonText
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A value that is written already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Well-formed JSON: a lone surrogate is escaped, `undefined` members are left out. A number that is not finite is a fault. */
export function writeJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
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

export const jsonType = 'application/json; charset=utf-8';

/** JSON text as an answer. No `<` is left in it, so that it may stand inside a page: outside of strings JSON has none. */
export function jsonAnswer(text: string): Answer {
  const body = new TextEncoder().encode(text.replaceAll('<', String.raw`\u003c`));
  return { kind: 'answer', contentType: jsonType, body };
}

function writeCompound(value: Exclude<JsonValue, string | number | bigint | boolean | null | undefined>): string {
  if (value instanceof JsonText) return value.text;
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(',')}}`;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} has no form in JSON`);
  // Whole numbers of 1e21 and above would come as 1e+21: valid, but without their digits.
  return Number.isInteger(value) && Math.abs(value) >= 1e21 ? BigInt(value).toString() : String(value);
}
