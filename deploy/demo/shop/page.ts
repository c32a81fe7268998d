import type { Service } from './service.ts';

/** What a person sees at `/`. */
export function shopPage({ name, leak }: Service): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}: a shop to try flameherd on</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem }</style>
<h1>${name}</h1>
<p>A service of a small shop, which makes its own customers. Its profiles are at <a href="/debug/pprof/">/debug/pprof/</a>.</p>
${leak ? switchOf(leak.state) : '<p>It has no leak; checkout has one.</p>'}
</html>
`;
}

function switchOf({ on, keptBytes, mostKeptBytes }: NonNullable<Service['leak']>['state']): string {
  const state = on
    ? `It <strong>leaks</strong>: <code>rememberCustomer</code> has kept ${mebibytes(keptBytes)} MiB. At ${mebibytes(mostKeptBytes)} MiB it stops.`
    : `It does not leak. Switched on, <code>rememberCustomer</code> keeps about 12 KB of each basket, ${mebibytes(mostKeptBytes)} MiB at most.`;
  const next = on ? 'off' : 'on';
  return `<p>${state}</p>
<form method="post" action="/leak/${next}"><button>Switch the leak ${next}</button></form>
<p>Or: <code>curl -X POST …/leak/${next}</code></p>`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}
