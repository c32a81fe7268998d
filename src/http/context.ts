import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { Caller, NamespaceScope } from '../auth/caller.ts';
import type { AccessOptions, RouteAccess } from './access.ts';
import type { HttpDeps, HttpOptions } from './deps.ts';
import type { CallerLimits } from './rate-limits.ts';
import type { Seen } from './seen.ts';
import type { Slots } from './slots.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; `read` unless it says otherwise. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Who sends it. */
    caller: Caller;
    /** The namespaces of which it may see anything: answers name, count and add up nothing else. */
    scope: NamespaceScope;
    /** Of the session by which it was let in, of who has logged in. */
    sessionId: string | undefined;
  }
}

/** A listener whose handlers are typed by their TypeBox schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What every route group is given. */
export interface HttpContext {
  /** What is the same for everybody. */
  readonly deps: Omit<HttpDeps, keyof Seen>;
  /** What the sender of a request may see of the rest. */
  readonly seenBy: (request: Pick<FastifyRequest, 'scope'>) => Seen;
  readonly options: HttpOptions;
  /** What is known of callers beside what the authenticator tells. */
  readonly door: AccessOptions & { readonly limits: CallerLimits };
  /** Counts bytes of bodies. */
  readonly uploadBytes: Slots;
  /** One CPU profile of this process at a time. */
  readonly selfProfileSlots: Slots;
  /** Aborts when closing begins: for what is long and of use to nobody then. */
  readonly draining: AbortSignal;
  /** Aborts when the time to drain is over. */
  readonly shutdown: AbortSignal;
}
