import type { LabelSet } from '../../model/labels.ts';
import { responses } from '../answer-schemas.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { type Html, html, page } from '../html.ts';
import { parameters } from '../parameters.ts';

/** Workloads named on the page; all of them are in `/api/v1/targets`. */
const maxWorkloads = 50;

interface WorkloadName {
  readonly namespace: string;
  readonly workload: string;
}

/** `/`: what this is, and what to type next. */
export function homeRoutes(app: HttpApp, { deps, options }: HttpContext): void {
  app.get(
    '/',
    {
      schema: { tags: ['operations'], summary: 'What this is', querystring: parameters({}), response: responses.html },
    },
    (request, reply) => {
      const workloads = workloadsOf(deps.targets().map(({ target }) => target.labels));
      const base = baseUrl(`${request.protocol}://${request.host}`, options.externalUrl);
      return reply.type('text/html; charset=utf-8').send(page('flameherd', homePage(base, workloads)));
    },
  );
}

/** As the reader reached us; behind a proxy only the configured URL knows the scheme. */
function baseUrl(requested: string, externalUrl: string | undefined): string {
  const isExternal = externalUrl !== undefined && new URL(externalUrl).hostname === new URL(requested).hostname;
  return isExternal ? externalUrl.replace(/\/$/, '') : requested;
}

function homePage(base: string, workloads: readonly WorkloadName[]): Html {
  const example = workloads[0] ?? { namespace: 'NAMESPACE', workload: 'WORKLOAD' };
  return html`<h1>flameherd</h1>
<p>A continuous-profiling collector: it scrapes profiles, keeps them, and answers where the time or memory goes.</p>
<h2>Look</h2>
<ul>
<li><a href="/api/v1/targets">targets</a>: what is scraped, and what is wrong with it</li>
<li><a href="/growth">growth</a>: what grows that should not, and why or why not</li>
<li><a href="/api/v1/status">status</a>, <a href="/metrics">metrics</a>, <a href="/-/ready">ready</a></li>
<li><a href="/api/v1/merge?query=cpu&amp;format=top">CPU of everything, last hour</a></li>
<li><a href="/api/v1/openapi.json">the API as OpenAPI</a></li>
<li><a href="/debug/pprof/">profiles of this daemon</a></li>
</ul>
<h2>Type</h2>
<pre>
curl '${base}/api/v1/merge?query=cpu&amp;format=top'
curl '${base}/api/v1/query_range?query=heap&amp;group_by=namespace,workload'
curl '${base}/api/v1/explain?namespace=${example.namespace}&amp;workload=${example.workload}'
go tool pprof '${base}${shortPath(example, 'cpu')}?seconds=3600'
</pre>
<h2>Workloads</h2>
${workloads.length === 0 ? html`<p>None yet. Opt one in: <code>kubectl annotate deployment/NAME flameherd.dev/scrape=true</code></p>` : workloadList(workloads)}`;
}

function workloadList(workloads: readonly WorkloadName[]): Html {
  return html`<ul>
${workloads.slice(0, maxWorkloads).map(
  (name) =>
    html`<li>${name.namespace}/${name.workload}: ${['cpu', 'heap'].map((alias) => html` <a href="${shortPath(name, alias)}?format=top">${alias}</a>`)}</li>
`,
)}</ul>
${workloads.length > maxWorkloads ? html`<p>and ${workloads.length - maxWorkloads} more</p>` : ''}`;
}

function shortPath({ namespace, workload }: WorkloadName, alias: string): string {
  return `/pprof/${encodeURIComponent(namespace)}/${encodeURIComponent(workload)}/${alias}`;
}

/** Each workload once, by namespace and name. */
function workloadsOf(labelSets: readonly LabelSet[]): WorkloadName[] {
  const found = new Map<string, WorkloadName>();
  for (const { namespace, workload } of labelSets) {
    if (namespace && workload) found.set(JSON.stringify([namespace, workload]), { namespace, workload });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
}
