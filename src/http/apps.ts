import swagger from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { FlameherdError } from '../model/errors.ts';
import { nearest } from '../model/near.ts';
import type { AccessCheck } from './access.ts';
import { type BaseOptions, baseApp, isPrivate } from './base-app.ts';
import type { HttpApp, HttpContext } from './context.ts';
import { pathOf, replyWithError } from './error-reply.ts';
import { requireNamedNamespace } from './named-namespace.ts';
import { diffRoutes } from './routes/diff.ts';
import { explainRoutes } from './routes/explain.ts';
import { growthRoutes } from './routes/growth.ts';
import { listRoutes } from './routes/lists.ts';
import { loginRoutes } from './routes/login.ts';
import { mergeRoutes } from './routes/merge.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { operationsRoutes } from './routes/operations.ts';
import { pageRoutes, pagesDirOf } from './routes/pages.ts';
import { pauseRoutes } from './routes/pause.ts';
import { profilesRoutes } from './routes/profiles.ts';
import { queryRangeRoutes } from './routes/query-range.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { runbookRoutes } from './routes/runbooks.ts';
import { scrapeRoutes } from './routes/scrapes.ts';
import { selfProfileRoutes } from './routes/self-profile.ts';
import { sidecarRoutes } from './routes/sidecars.ts';
import { snapRoutes } from './routes/snap.ts';
import { statusRoutes } from './routes/status.ts';
import { targetRoutes } from './routes/targets.ts';
import { uploadRoutes } from './routes/upload.ts';
import { whoamiRoutes } from './routes/whoami.ts';

const tags = [
  { name: 'pages', description: 'The web UI.' },
  { name: 'query', description: 'Merged profiles and totals over time.' },
  { name: 'catalogue', description: 'What there is.' },
  { name: 'profiles', description: 'Single profiles, and the way in for those that are not scraped.' },
  { name: 'growth', description: 'What grows that should not.' },
  { name: 'targets', description: 'What is scraped, and why or why not.' },
  { name: 'operations', description: 'Probes, metrics, status.' },
  { name: 'self', description: 'The profiles of the daemon itself.' },
];

/** The first listener: API and pages, and the operations too. */
export async function apiApp(context: HttpContext, access: AccessCheck): Promise<HttpApp> {
  const { deps, options } = context;
  const app = await baseApp(deps, {
    ...baseOptions(context, access),
    listenHost: options.listen.host,
    anyHost: false,
    hasLogin: options.login !== undefined,
    tls: options.tls,
  });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'flameherd', version: 'v1' }, tags, ...security(context) },
  });
  app.addHook('preHandler', requireNamedNamespace);
  // The document says what each operation needs, as the check has it.
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, 'x-permission': route.config?.access ?? 'read' } as FastifySchema;
  });
  const routes = namedRoutes(app);
  for (const add of [
    mergeRoutes,
    diffRoutes,
    queryRangeRoutes,
    scrapeRoutes,
    listRoutes,
    profilesRoutes,
    rolloutRoutes,
    growthRoutes,
    targetRoutes,
    explainRoutes,
    pauseRoutes,
    sidecarRoutes,
    snapRoutes,
    statusRoutes,
    operationsRoutes,
    runbookRoutes,
    whoamiRoutes,
    selfProfileRoutes,
    openapiRoutes,
  ]) {
    add(app, context);
  }
  await pageRoutes(app, context);
  await app.register((scope) => uploadRoutes(scope, context));
  await app.register(async (scope) => loginRoutes(scope, context));
  notFound(app, context, routes);
  return app;
}

/** The second listener: probes and metrics, and nothing else. */
export async function opsApp(context: HttpContext, access: AccessCheck, listenHost: string): Promise<HttpApp> {
  const app = await baseApp(context.deps, {
    ...baseOptions(context, access),
    listenHost,
    anyHost: !isPrivate(listenHost),
    hasLogin: false,
    tls: context.options.opsTls === true ? context.options.tls : undefined,
  });
  const routes = namedRoutes(app);
  operationsRoutes(app, context);
  notFound(app, context, routes);
  return app;
}

function baseOptions(
  { options, door }: HttpContext,
  access: AccessCheck,
): Omit<BaseOptions, 'listenHost' | 'anyHost' | 'hasLogin' | 'tls'> {
  return {
    externalUrl: options.externalUrl,
    access,
    limits: options.limits,
    callers: door.limits,
    isPrivate: options.authenticator !== undefined,
    pagesDir: pagesDirOf(options),
  };
}

function security({ options }: HttpContext) {
  if (!options.authenticator) return {};
  return {
    components: {
      securitySchemes: {
        bearer: { type: 'http' as const, scheme: 'bearer' },
        basic: { type: 'http' as const, scheme: 'basic', description: 'The token is the password.' },
      },
    },
    security: [{ bearer: [] }, { basic: [] }],
  };
}

/** The paths with their methods, as they are added. */
function namedRoutes(app: HttpApp): Map<string, Set<string>> {
  const routes = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const path = url.replaceAll(/:([a-z]+)/g, '{$1}');
    const methods = routes.get(path) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    routes.set(path, methods);
  });
  return routes;
}

function notFound(app: HttpApp, { deps }: HttpContext, routes: ReadonlyMap<string, ReadonlySet<string>>): void {
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url).slice(0, 200);
    const methods = routes.get(path.replace(/(.)\/$/, '$1'));
    const error = new FlameherdError('not_found', `${request.method} ${path}: no such route`, {
      hint: methods ? `it answers ${[...methods].join(', ')}` : hintFor(path, [...routes.keys()]),
    });
    return replyWithError(reply, request, error, deps.log);
  });
}

function hintFor(path: string, known: readonly string[]): string {
  const near = nearest(path, known);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  const sameRoot = known.filter((name) => rootOf(name) === rootOf(path));
  const shown = (sameRoot.length > 0 ? sameRoot : known).filter((name) => !name.endsWith('/'));
  return `there ${shown.length === 1 ? 'is' : 'are'} ${shown.join(', ')}`;
}

/** The first segment of a path: `pprof` of `/pprof/shop`. */
function rootOf(path: string): string | undefined {
  return path.split('/')[1];
}
