import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Caller, NamespaceScope } from '../auth/caller.ts';
import type { RouteAccess } from './access.ts';
import type { HttpDeps, HttpOptions } from './deps.ts';
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
  readonly deps: HttpDeps;
  readonly options: HttpOptions;
  /** Counts bytes of bodies. */
  readonly uploadBytes: Slots;
  /** One CPU profile of this process at a time. */
  readonly selfProfileSlots: Slots;
  /** Aborts when closing begins: for what is long and of use to nobody then. */
  readonly draining: AbortSignal;
  /** Aborts when the time to drain is over. */
  readonly shutdown: AbortSignal;
}
