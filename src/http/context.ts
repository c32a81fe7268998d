import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { HttpDeps, HttpOptions } from './deps.ts';
import type { Slots } from './slots.ts';

/** What an authenticated caller may do: `admin` may do all that `read` may, and upload, pause and reload. */
export type Role = 'read' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Who may call the route; `read` unless it says otherwise. `local` is a reader, or whoever connects from this machine:
     * the daemon scrapes itself without a token.
     */
    role?: Role | 'anyone' | 'local';
  }
  interface FastifyRequest {
    /** What a token has proved; undefined where none was asked for. */
    provenRole: Role | undefined;
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
