import { randomBytes } from 'node:crypto';
import { sha256Of } from '../model/digest.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';

export interface SessionOptions {
  /** Not used for so long, a session is over. */
  readonly idleMs: DurationMs;
  /** It is over after so long whatever comes. */
  readonly maxLifeMs: DurationMs;
  readonly now: () => UnixMs;
  /** Sessions in all; beyond it the one not used for longest ends. */
  readonly bound?: number;
  /** Sessions of one token: whoever has it cannot push out those of others. */
  readonly boundOfToken?: number;
}

interface Session {
  readonly token: string;
  readonly beganMs: UnixMs;
  usedMs: UnixMs;
}

/**
 * Who has logged in. A session is a random id, which its browser keeps, and the token it was begun with, which is looked at anew with
 * each request: a session is never worth more than its token. Kept in memory only, so that a restart ends all; of an id only
 * the SHA-256 is kept.
 */
export class Sessions {
  readonly maxLifeMs: DurationMs;
  readonly #idleMs: DurationMs;
  readonly #now: () => UnixMs;
  readonly #bound: number;
  readonly #boundOfToken: number;
  /** By the digest of the id, the one not used for longest first. */
  readonly #sessions = new Map<string, Session>();

  constructor({ idleMs, maxLifeMs, now, bound = 10_000, boundOfToken = 100 }: SessionOptions) {
    this.#idleMs = idleMs;
    this.maxLifeMs = maxLifeMs;
    this.#now = now;
    this.#bound = bound;
    this.#boundOfToken = boundOfToken;
  }

  get count(): number {
    this.#sweep();
    return this.#sessions.size;
  }

  /** Begins one with a token that was found good, and gives its id: 256 random bits as 43 characters. */
  begin(token: string): string {
    this.#sweep();
    const ofToken = [...this.#sessions].filter(([, session]) => session.token === token);
    if (ofToken.length >= this.#boundOfToken) this.#sessions.delete(ofToken[0]?.[0] ?? '');
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= this.#bound && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomBytes(32).toString('base64url');
    const nowMs = this.#now();
    this.#sessions.set(digest(id), { token, beganMs: nowMs, usedMs: nowMs });
    return id;
  }

  /** The token of a session, which is used by that; undefined when there is none, or it is over. */
  tokenOf(id: string): string | undefined {
    this.#sweep();
    const key = digest(id);
    const session = this.#sessions.get(key);
    if (!session) return undefined;
    this.#sessions.delete(key);
    if (this.#isOver(session)) return undefined;
    session.usedMs = this.#now();
    this.#sessions.set(key, session);
    return session.token;
  }

  end(id: string): void {
    this.#sessions.delete(digest(id));
  }

  #isOver({ beganMs, usedMs }: Session): boolean {
    const nowMs = this.#now();
    return nowMs - usedMs >= this.#idleMs || nowMs - beganMs >= this.maxLifeMs;
  }

  /** Those not used for longest come first: what is over further on is found when it is asked for. */
  #sweep(): void {
    for (const [key, session] of this.#sessions) {
      if (!this.#isOver(session)) return;
      this.#sessions.delete(key);
    }
  }
}

/** The id is random: to find an entry by its digest tells nothing of ids by the time it takes. */
function digest(id: string): string {
  return sha256Of(id).toString('base64url');
}
