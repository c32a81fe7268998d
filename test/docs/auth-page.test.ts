import { test } from 'node:test';
import { permissions } from '../../src/auth/permission.ts';
import { askedAccess } from '../../src/auth/rbac-words.ts';
import { assertGeneratedPart } from '../support/golden.ts';
import { injected } from '../support/http-fakes.ts';

interface Operation {
  readonly summary: string;
  readonly 'x-permission': string;
}

const page = new URL('../../docs/AUTH.md', import.meta.url);

test('docs/AUTH.md lists what each route needs, as the OpenAPI document says it', async (t) => {
  const { app } = await injected(t, { reload: async () => ({ live: [], needRestart: [] }) });
  const { paths } = (await app.inject('/api/v1/openapi.json')).json<{
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  }>();
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const needed = operation['x-permission'];
      return `| \`${method.toUpperCase()} ${path}\` | ${needed} | ${rightFor(needed)} |\n`;
    }),
  );
  assertGeneratedPart(
    page,
    'routes',
    `| route | needs | with \`auth.mode: kubernetes\` |\n|---|---|---|\n${rows.toSorted().join('')}`,
  );
});

function rightFor(needed: string): string {
  const permission = permissions.find((known) => known === needed);
  if (permission) {
    const { verb, resource } = askedAccess(permission, undefined);
    return `\`${verb} ${resource}\``;
  }
  return needed === 'local' ? '`get status`, or from the machine itself' : '';
}
