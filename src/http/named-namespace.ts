import type { FastifyRequest } from 'fastify';
import { includesNamespace } from '../auth/caller.ts';
import { FlameherdError } from '../model/errors.ts';
import { wantsPage } from './accept.ts';

/** Names of parameters, as far as the schema of a route says them. */
interface DeclaredParameters {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/**
 * A route that takes a namespace by a parameter of that name, in its path or its query, refuses one of which the caller may
 * read nothing: `forbidden`, whether there is such a namespace or not. A condition in a query (`{namespace="shop"}`) refuses
 * nothing, it finds nothing. A page is only the program that asks, and needs no namespace.
 */
export async function requireNamedNamespace(request: FastifyRequest): Promise<void> {
  const namespace = namedNamespace(request);
  const { scope, caller, routeOptions } = request;
  if (namespace === undefined || includesNamespace(scope, namespace)) return;
  const needed = routeOptions.config?.access ?? 'read';
  if (needed === 'anyone' || needed === 'known' || needed === 'local') return;
  // What is not known yet may be allowed all the same. What the access check has let in may be seen, too.
  if (needed !== 'read' || (await caller.may('read', namespace))) {
    request.scope = new Set([...(scope === 'all' ? [] : scope), namespace]);
    return;
  }
  throw new FlameherdError('forbidden', `${caller.name ?? 'the caller'} may not read in the namespace ${namespace}`, {
    hint: '/api/v1/whoami lists the namespaces that may be read; docs/AUTH.md tells which right that takes',
  });
}

function namedNamespace({ routeOptions, query, params, headers }: FastifyRequest): string | undefined {
  const { schema } = routeOptions;
  if (schema?.tags?.includes('pages') && wantsPage(headers.accept)) return undefined;
  const given = [
    [schema?.querystring, query],
    [schema?.params, params],
  ] as const;
  for (const [declared, values] of given) {
    if (!(declared as DeclaredParameters | undefined)?.properties?.['namespace']) continue;
    const { namespace } = values as { readonly namespace?: unknown };
    if (typeof namespace === 'string' && namespace !== '') return namespace;
  }
  return undefined;
}
