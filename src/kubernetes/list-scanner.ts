import { KubernetesError } from './errors.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;

/** What a list says besides its items. */
export interface ListEnvelope {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/**
 * Cuts the JSON of a list into its items while it arrives, so that no page ever stands in memory as objects:
 *
 *     {"kind":"PodList","metadata":{…},"items":[ {…}, {…}, {…} ]}
 *      └──────────── envelope ────────────────┘  └─ one at a time
 */
export class ListScanner {
  readonly #maxItemBytes: number;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inItems = false;
  #inItem = false;
  #item: Buffer[] = [];
  #itemBytes = 0;
  #envelope = '';

  constructor(maxItemBytes: number) {
    this.#maxItemBytes = maxItemBytes;
  }

  /** The items that this chunk ends, each as the bytes of one JSON object. */
  *push(chunk: Buffer): Generator<Buffer, void, undefined> {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
      } else if (byte === quote) {
        this.#inString = true;
      } else if (byte === openBrace || byte === openBracket) {
        if (this.#inItems && !this.#inItem) {
          this.#inItem = true;
          start = at;
        }
        this.#depth++;
        if (byte === openBracket && this.#depth === 2) {
          this.#keepEnvelope(chunk.subarray(start, at + 1));
          start = at + 1;
          this.#inItems = /"items"\s*:\s*\[$/.test(this.#envelope);
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth--;
        if (this.#inItem && this.#depth === 2) {
          yield this.#takeItem(chunk.subarray(start, at + 1));
          start = at + 1;
        } else if (this.#inItems && this.#depth === 1) {
          this.#inItems = false;
          start = at;
        }
      } else if (byte === comma && this.#inItems && !this.#inItem) {
        start = at + 1;
      }
    }
    this.#keep(chunk.subarray(start));
  }

  /** The list's own fields, once all of it has come. Throws a `protocol` error when the answer was cut or is no JSON. */
  end(): ListEnvelope {
    if (this.#depth !== 0 || this.#envelope === '') throw unreadable('it was cut');
    try {
      return JSON.parse(this.#envelope) as ListEnvelope;
    } catch (cause) {
      throw unreadable('it is no JSON', cause);
    }
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    if (!this.#inItem) {
      if (!this.#inItems) this.#keepEnvelope(rest);
      return;
    }
    this.#itemBytes += rest.length;
    if (this.#itemBytes > this.#maxItemBytes) throw unreadable(`an item has more than ${this.#maxItemBytes} bytes`);
    this.#item.push(rest);
  }

  #takeItem(tail: Buffer): Buffer {
    const item = this.#item.length === 0 ? tail : Buffer.concat([...this.#item, tail]);
    this.#item = [];
    this.#itemBytes = 0;
    this.#inItem = false;
    return item;
  }

  #keepEnvelope(bytes: Buffer): void {
    this.#envelope += bytes.toString('latin1');
    if (this.#envelope.length > this.#maxItemBytes) throw unreadable('its head is too large');
  }
}

function unreadable(why: string, cause?: unknown): KubernetesError {
  return new KubernetesError({ kind: 'protocol', message: `the answer to a list cannot be read: ${why}`, cause });
}
