import type { PodStream } from './pod-stream.ts';

interface Kept {
  readonly process: string;
  readonly key: string;
  readonly stream: PodStream;
}

/**
 * Idle streams by process and port, at most `limit`: the one that has been idle longest goes first. A stream in use is not in
 * here, so no two questions meet on one.
 */
export class KeptStreams {
  readonly limit: number;
  readonly #byProcess = new Map<string, Map<string, Kept>>();
  /** In the order in which they became idle. */
  readonly #idle = new Map<PodStream, Kept>();
  #evicted = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get count(): number {
    return this.#idle.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  /** Hands over the idle stream of this port of this process, if there is one and it is open. */
  take(process: string, key: string): PodStream | undefined {
    const kept = this.#byProcess.get(process)?.get(key);
    if (!kept) return undefined;
    this.drop(kept.stream);
    return kept.stream.closed ? undefined : kept.stream;
  }

  /** Keeps a stream that is open; closes it when another is kept for the same port already. */
  keep(process: string, key: string, stream: PodStream): void {
    if (stream.closed) return;
    const streams = this.#byProcess.get(process) ?? new Map<string, Kept>();
    if (this.limit === 0 || streams.has(key)) return stream.close();
    const kept: Kept = { process, key, stream };
    this.#byProcess.set(process, streams.set(key, kept));
    this.#idle.set(stream, kept);
    const oldest = this.#idle.size > this.limit ? this.#idle.keys().next().value : undefined;
    if (oldest) {
      this.#evicted++;
      this.drop(oldest);
      oldest.close();
    }
  }

  /** Knows this stream no longer; it is not closed. */
  drop(stream: PodStream): void {
    const kept = this.#idle.get(stream);
    if (!kept) return;
    this.#idle.delete(stream);
    const streams = this.#byProcess.get(kept.process);
    streams?.delete(kept.key);
    if (streams?.size === 0) this.#byProcess.delete(kept.process);
  }

  /** Closes what is kept for a process. */
  forget(process: string): void {
    for (const { stream } of this.#byProcess.get(process)?.values().toArray() ?? []) {
      this.drop(stream);
      stream.close();
    }
  }

  close(): void {
    for (const stream of this.#idle.keys().toArray()) {
      this.drop(stream);
      stream.close();
    }
  }
}
