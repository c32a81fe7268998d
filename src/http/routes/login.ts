import type { FastifyReply, FastifyRequest } from 'fastify';
import { FlameherdError } from '../../model/errors.ts';
import { wantsPage } from '../accept.ts';
import { credentialsOf, identify, identifyToken } from '../access.ts';
import { bounds } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import type { LoginOptions } from '../deps.ts';
import { toFlameherdError } from '../error-reply.ts';
import { loginPage, sendDoorPage } from '../login-page.ts';
import { safePlace } from '../login-place.ts';
import { LimitedError } from '../rate-limits.ts';
import { checkOwnPage } from '../request-origin.ts';
import { cameByHttps, sessionCookie, sessionIdIn } from '../session-cookie.ts';
import { pagesDirOf } from './pages.ts';

type WithLogin = HttpContext & { readonly login: LoginOptions };

/** Logging in and out, for browsers; programs send their token. Where nobody is asked who it is, or a proxy asks, it leads on. */
export function loginRoutes(app: HttpApp, context: HttpContext): void {
  const { authenticator, login } = context.options;
  if (!authenticator) {
    app.get('/login', { schema: { hide: true } }, (request, reply) => reply.redirect(nextOf(request.query)));
    return;
  }
  if (!login) return;
  const whole = { ...context, login };
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: bounds.loginBytes },
    (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  const config = { access: 'anyone' } as const;
  app.get('/login', { config, schema: { hide: true } }, async (request, reply) => {
    const next = nextOf(request.query);
    const known = await identify(authenticator, context.door, request).catch(() => undefined);
    // Who sends a token with each request is let in already, and has no session: the page would be of no use to it.
    return known ? reply.redirect(next) : sendLogin(whole, reply, 200, next, undefined);
  });
  app.post('/login', { config, bodyLimit: bounds.loginBytes, schema: { hide: true } }, (request, reply) =>
    logIn(whole, request, reply),
  );
  app.post('/logout', { config, bodyLimit: bounds.loginBytes, schema: { hide: true } }, async (request, reply) => {
    checkOwnPage(request.headers, context.options.externalUrl);
    const isHttps = endSession(whole, request);
    void reply.header('Set-Cookie', sessionCookie('', isHttps, 0));
    return wantsPage(request.headers.accept) ? reply.redirect('/login', 303) : reply.code(204).send();
  });
}

async function logIn(context: WithLogin, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { door, login, options } = context;
  // Else a foreign page could log its reader in as somebody else, who then sees what the reader does here.
  checkOwnPage(request.headers, options.externalUrl);
  const { token, next } = formOf(request);
  const place = safePlace(next);
  if (token === '') return await sendLogin(context, reply, 400, place, 'There is no token.');
  try {
    if (!options.authenticator) throw new Error('a login needs somebody to ask');
    await identifyToken(options.authenticator, { limits: door.limits, ip: request.ip }, credentialsOf(request, token));
  } catch (thrown) {
    const error = toFlameherdError(thrown, request);
    if (error.code === 'internal') throw thrown;
    if (error instanceof LimitedError) void reply.header('Retry-After', error.retryAfterSeconds);
    return await sendLogin(context, reply, error.status, place, noticeOf(error));
  }
  const isHttps = endSession(context, request);
  void reply.header('Set-Cookie', sessionCookie(login.sessions.begin(token), isHttps, login.sessions.maxLifeMs));
  return reply.redirect(place, 303);
}

/** The hint of a refused token speaks of headers, which nobody sends by hand. */
function noticeOf({ code, message, hint }: FlameherdError): string {
  return code === 'unauthorized' || hint === undefined ? `${message}.` : `${message}. ${hint}.`;
}

/** A token as it was copied: with blanks around it, or the word before it. */
function formOf({ body, headers }: FastifyRequest): { readonly token: string; readonly next: string | undefined } {
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '') || typeof body !== 'object') {
    throw new FlameherdError('bad_parameter', 'body: must be the form of the login page', {
      hint: 'programs need no login: they send Authorization: Bearer TOKEN',
    });
  }
  const { token = '', next } = body as Readonly<Record<string, string | undefined>>;
  return { token: token.trim().replace(/^bearer\s+/i, ''), next };
}

/** Ends the session that a request names, if any; answers whether it came by https. */
function endSession({ door, login }: WithLogin, { raw, headers }: FastifyRequest): boolean {
  const isHttps = cameByHttps(raw, door.externalUrl);
  const id = sessionIdIn(headers.cookie, isHttps);
  if (id !== undefined) login.sessions.end(id);
  return isHttps;
}

async function sendLogin(
  { options, login }: WithLogin,
  reply: FastifyReply,
  status: number,
  next: string,
  notice: string | undefined,
): Promise<FastifyReply> {
  const body = loginPage({ next, notice, audience: login.audience });
  return await sendDoorPage(reply, pagesDirOf(options), { status, title: 'Log in · flameherd', body });
}

function nextOf(query: unknown): string {
  return safePlace((query as Readonly<Record<string, unknown>>)['next']);
}
