import { Type } from 'typebox';
import { responses } from '../answer-schemas.ts';
import { attach, clientSignal, orAborted, sendBytes } from '../ask.ts';
import { bounds } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { html, page } from '../html.ts';
import { parameters } from '../parameters.ts';

/** As long as Go's net/http/pprof takes when nobody says. */
const defaultSeconds = 30;
const contentType = 'application/octet-stream';

/** The daemon's own profiles, where `go tool pprof` and profilers look for those of a Go program. */
export function selfProfileRoutes(app: HttpApp, context: HttpContext): void {
  const { selfProfiler } = context.deps;
  app.get(
    '/debug/pprof/',
    {
      config: { access: 'local' },
      schema: {
        tags: ['self'],
        summary: 'The profiles of the daemon itself',
        querystring: parameters({}),
        response: responses.pprofIndex,
      },
    },
    (_, reply) => reply.type('text/html; charset=utf-8').send(index),
  );
  app.get(
    '/debug/pprof/profile',
    {
      config: { access: 'local' },
      schema: {
        tags: ['self'],
        summary: 'CPU profile of the daemon over the next seconds',
        querystring: parameters({
          seconds: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: bounds.selfProfileSeconds,
              default: defaultSeconds,
              description: 'How long to profile.',
            }),
          ),
        }),
        response: responses.pprof,
      },
    },
    async ({ query }, reply) => {
      const release = context.selfProfileSlots.take();
      // Most often it is the daemon that asks itself: it would wait for its own answer.
      const { signal, dispose } = clientSignal({ shutdown: context.draining }, reply);
      try {
        const profiling = selfProfiler.cpu(query.seconds ?? defaultSeconds, signal).finally(release);
        const bytes = await orAborted(profiling, signal);
        attach(reply, 'profile');
        return sendBytes(reply, contentType, bytes);
      } finally {
        dispose();
      }
    },
  );
  app.get(
    '/debug/pprof/heap',
    {
      config: { access: 'local' },
      schema: {
        tags: ['self'],
        summary: 'Heap profile of the daemon',
        querystring: parameters({}),
        response: responses.pprof,
      },
    },
    async (_, reply) => {
      attach(reply, 'heap');
      return sendBytes(reply, contentType, await selfProfiler.heap());
    },
  );
}

const index = page(
  '/debug/pprof/',
  html`<h1>/debug/pprof/</h1>
<p>Types of profiles available, of this daemon itself:</p>
<table>
<thead><tr><th>Profile</th><th>What</th></tr></thead>
<tbody>
<tr><td><a href="/debug/pprof/profile?seconds=10">profile</a></td><td>CPU over the next <code>seconds</code> (default ${defaultSeconds})</td></tr>
<tr><td><a href="/debug/pprof/heap">heap</a></td><td>What the JavaScript heap holds, sampled</td></tr>
</tbody>
</table>
<p>Read them with <code>go tool pprof</code>.</p>`,
);
