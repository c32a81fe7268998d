import type { PodRecord, PodService } from '../kubernetes/records.ts';
import type { LabelSet } from '../model/labels.ts';
import { parseSwitch } from './switch.ts';

/** The one Service that speaks for a pod, of all annotated ones that select it. */
export interface ServiceChoice {
  readonly chosen: PodService | undefined;
  readonly warning: string | undefined;
}

/**
 * A Service that says no wins; else the first by name that says yes, else the first by name. `said` reads what an object's
 * annotations say about `scrape`, in any dialect that is enabled.
 */
export function chooseService(
  services: readonly PodService[],
  said: (annotations: LabelSet) => string | undefined,
): ServiceChoice {
  const [first] = services;
  if (!first || services.length === 1) return { chosen: first, warning: undefined };
  const opinions = services.map((each) => ({ each, scrape: said(each.service.annotations) }));
  const no = opinions.find(({ scrape }) => scrape !== undefined && parseSwitch(scrape) !== true);
  const yes = opinions.find(({ scrape }) => scrape !== undefined);
  const { each: chosen } = no ?? yes ?? { each: first };
  const names = services.map(({ service }) => service.name).join(', ');
  return {
    chosen,
    warning: `Services ${names} are annotated and select this pod: only ${chosen.service.name} counts`,
  };
}

/**
 * Ports as a Service's annotation names them, as ports of its pods. A port that a container declares is meant first; what is
 * only the Service's own is looked up in its endpoints, with a warning; other numbers stay, for they need not be declared.
 */
export function portsOfService(
  pod: PodRecord,
  text: string,
  { service, ports }: PodService,
): { readonly text: string; readonly warnings: readonly string[] } {
  const declared = pod.containers.flatMap((container) => container.ports);
  const warnings: string[] = [];
  const items = text.split(',').map((item) => {
    const at = item.indexOf(':') + 1;
    const port = item.slice(at).trim();
    const isOfPod = declared.some(({ name, number }) => port !== '' && (name === port || String(number) === port));
    const ofService = service.ports.find(
      ({ name, number }) => port !== '' && (name === port || String(number) === port),
    );
    const target = isOfPod || !ofService ? undefined : ports.find(({ name }) => name === ofService.name);
    if (!target) return item;
    warnings.push(
      `flameherd.dev/port on Service ${service.name}: ${port} is the Service's own port, its pods listen on ${target.number}: used that`,
    );
    return `${item.slice(0, at)}${target.number}`;
  });
  return { text: items.join(','), warnings };
}
