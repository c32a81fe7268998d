import { closeSync, openSync, readSync } from 'node:fs';

const headerLength = 32;
const kindNames = ['cpu', 'heap', 'goroutine', 'block', 'mutex'] as const;
export type ScrapedKind = (typeof kindNames)[number];

interface Body {
  readonly file: number;
  readonly at: number;
  readonly length: number;
}

/** Where the bodies of workload files lie, so that many of them can be served without being in memory. */
export class RecordIndex implements Disposable {
  readonly #files: number[] = [];
  /** By `service/pod/kind`: each scrape's body, in order of time. */
  readonly #bodies = new Map<string, Body[]>();

  constructor(paths: readonly string[]) {
    for (const path of paths) this.#read(openSync(path, 'r'));
  }

  /** The body of a pod's scrape, counted from 0; its last one again and again once all were asked for. */
  body(service: number, pod: number, kind: ScrapedKind, scrape: number): Buffer | undefined {
    const bodies = this.#bodies.get(`${service}/${pod}/${kind}`);
    const found = bodies?.[Math.min(scrape, bodies.length - 1)];
    if (!found) return undefined;
    const body = Buffer.alloc(found.length);
    readSync(found.file, body, 0, found.length, found.at);
    return body;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) closeSync(file);
  }

  #read(file: number): void {
    this.#files.push(file);
    const header = Buffer.alloc(headerLength);
    for (let at = 0; readSync(file, header, 0, headerLength, at) === headerLength; ) {
      const length = header.readUInt32LE(0);
      const key = `${header.readUInt16LE(4)}/${header[6]}/${kindNames[header[7] ?? 0]}`;
      const bodies = this.#bodies.get(key) ?? [];
      bodies.push({ file, at: at + headerLength, length });
      this.#bodies.set(key, bodies);
      at += headerLength + length;
    }
  }
}
