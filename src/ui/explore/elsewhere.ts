import type { Selector } from '../../model/selector.ts';
import { mergeUrl } from '../api/urls.ts';
import { aliasOf, selectorOf } from '../selection/query.ts';
import type { Parameters } from '../state/href.ts';

/** The same profile in other tools: addresses, commands, names of files. */

/** Where `go tool pprof` finds it: in the short form where the query has one. */
export function pprofUrl(parameters: Parameters, origin: string): string {
  const { query, ...rest } = parameters;
  const short = shortPath(selectorOf(query));
  if (short === undefined) return origin + mergeUrl(withWindow(parameters), {});
  const given = new URL(mergeUrl(withWindow(rest), {}), origin).search;
  return origin + short + given;
}

export function pprofCommand(parameters: Parameters, origin: string): string {
  return `go tool pprof ${shellQuoted(pprofUrl(parameters, origin))}`;
}

/** For a shell, whatever it holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The viewer that comes with flameherd; it reads the profile from the API by itself. */
export function speedscopeHref(parameters: Parameters): string {
  const profile = mergeUrl(withWindow(parameters), { format: 'speedscope' });
  const title = encodeURIComponent(parameters['query'] ?? '');
  return `/speedscope/#profileURL=${encodeURIComponent(profile)}&title=${title}&view=left-heavy`;
}

/** `shop-checkout-cpu.pb.gz`: without what file systems dislike. */
export function fileName(query: string | undefined, ending: string): string {
  const selector = selectorOf(query);
  const named = (selector?.matchers ?? []).filter(({ operator }) => operator === '=');
  const value = (label: string) => named.find(({ name }) => name === label)?.value;
  const type = selector && (aliasOf(selector.type) ?? selector.type.sampleType);
  const parts = [value('namespace'), value('workload') ?? value('service_name'), type];
  const name = parts.flatMap((part) => part?.replace(/[^\w.-]+/g, '_') || []).join('-');
  return `${name || 'profile'}.${ending}`;
}

/** `/pprof/shop/checkout/cpu`, where the query says just this. */
function shortPath(selector: Selector | undefined): string | undefined {
  const alias = selector && aliasOf(selector.type);
  if (!selector || alias === undefined || selector.matchers.length !== 2) return undefined;
  const value = (label: string) =>
    selector.matchers.find(({ name, operator }) => name === label && operator === '=')?.value;
  const [namespace, workload] = [value('namespace'), value('workload')];
  if (!namespace || !workload) return undefined;
  return `/pprof/${encodeURIComponent(namespace)}/${encodeURIComponent(workload)}/${alias}`;
}

/** The last hour is said, so that a command says what it asks. */
function withWindow(parameters: Parameters): Parameters {
  return parameters['from'] === undefined && parameters['to'] === undefined
    ? { ...parameters, from: 'now-1h' }
    : parameters;
}
