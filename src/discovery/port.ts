import type { ContainerRecord, PodRecord, PortRecord } from '../kubernetes/records.ts';
import { shown } from './annotations.ts';
import { containerNames, defaultContainer, namedContainer, ownContainers } from './container.ts';

/** Where a target listens, as far as the annotations and the pod tell. */
export type PortChoice =
  | {
      readonly kind: 'resolved';
      readonly container: ContainerRecord;
      readonly port: number;
      readonly declared: boolean;
      /** Why this one, for explain. */
      readonly because: string;
      readonly warning: string | undefined;
    }
  /** What was asked for is not there; it never falls through to another port. */
  | {
      readonly kind: 'unresolved';
      readonly container: ContainerRecord | undefined;
      readonly text: string;
      readonly reason: string;
    }
  /** Nothing decides: these declared ports may be asked whether they serve pprof, else 6060 is taken. */
  | { readonly kind: 'open'; readonly container: ContainerRecord; readonly candidates: readonly number[] };

export const defaultPort = 6060;

/** Ports of these names are taken before any other. */
export const pprofPortNames = ['pprof', 'http-pprof', 'debug'];

/** The ports of one annotation; more are left out with a warning. */
export const maxPorts = 8;

/** Reads `[container:]port`, several by comma: numbers or names. */
export function portsOfAnnotation(pod: PodRecord, text: string): PortChoice[] {
  const items = text.split(',').slice(0, maxPorts);
  const choices = items.map((item) => portOfItem(pod, item.trim()));
  const seen = new Set<string>();
  return choices.filter((choice) => {
    const key = choice.kind === 'resolved' ? `${choice.container.name}:${choice.port}` : JSON.stringify(choice);
    return seen.size < seen.add(key).size;
  });
}

/** The port when no annotation names one. Undefined when the pod has no container to ask. */
export function portWithoutAnnotation(pod: PodRecord): PortChoice | undefined {
  const declared = ownContainers(pod).flatMap((container) =>
    container.ports.filter(isTcp).map((port) => ({ container, port })),
  );
  for (const name of pprofPortNames) {
    const named = declared.find(({ port }) => port.name === name);
    if (named) return resolved(named.container, named.port.number, true, `the port named ${name}`);
  }
  const usual = declared.find(({ port }) => port.number === defaultPort);
  if (usual) return resolved(usual.container, defaultPort, true, `${defaultPort} is declared`);
  const [only] = declared;
  if (only && new Set(declared.map(({ port }) => port.number)).size === 1) {
    return resolved(only.container, only.port.number, true, `the only declared TCP port (${describe(only.port)})`);
  }
  const container = defaultContainer(pod);
  return container && { kind: 'open', container, candidates: probeCandidates(container) };
}

/** The choice that is left when probing found nothing or may not be done. */
export function usualPort(container: ContainerRecord, because: string): PortChoice {
  return resolved(container, defaultPort, false, `${defaultPort} by default: ${because}`);
}

/** The declared TCP ports that could be pprof: those not named or numbered like another protocol. */
export function probeCandidates(container: ContainerRecord): readonly number[] {
  return container.ports
    .filter(
      (port) =>
        isTcp(port) && !otherNumbers.has(port.number) && !port.name.split('-').some((word) => otherWords.has(word)),
    )
    .map(({ number }) => number);
}

/** What the pod declares, for messages: `app: http (8080/TCP), metrics (9090/TCP); proxy: nothing`. */
export function declaredPorts(pod: PodRecord): string {
  return pod.containers
    .filter(({ role }) => role === 'container' || role === 'sidecar')
    .map(({ name, ports }) => `${name}: ${ports.map(describe).join(', ') || 'nothing'}`)
    .join('; ');
}

const otherWords = new Set(
  'grpc h2c postgres postgresql pg mysql redis amqp kafka mongo mongodb memcached jdwp jmx rmi ssh smtp imap dns ldap mqtt nats cql thrift tls mtls'.split(
    ' ',
  ),
);
const otherNumbers = new Set([
  22, 25, 53, 143, 389, 636, 993, 1433, 1521, 1883, 2181, 2379, 2380, 3306, 4222, 5005, 5432, 5671, 5672, 6379, 9042,
  9092, 11211, 26379, 27017, 50051,
]);

function portOfItem(pod: PodRecord, item: string): PortChoice {
  const colon = item.indexOf(':');
  const name = colon < 0 ? undefined : item.slice(0, colon);
  const text = item.slice(colon + 1);
  if (name === undefined) return inPod(pod, text);
  const container = namedContainer(pod, name);
  if (!container) {
    return unresolved(
      undefined,
      item,
      `no container "${shown(name)}" can be scraped; the pod has ${containerNames(pod)}`,
    );
  }
  return inContainer(pod, container, text);
}

function inContainer(pod: PodRecord, container: ContainerRecord, text: string): PortChoice {
  const number = portNumber(text);
  if (number !== undefined)
    return resolved(container, number, declares(container, number), `annotated for ${container.name}`);
  const port = container.ports.find((each) => isNamed(each, text));
  if (port) return resolved(container, port.number, true, `${container.name} declares ${describe(port)}`);
  return unresolved(container, text, whyNot(pod, [container], text));
}

function inPod(pod: PodRecord, text: string): PortChoice {
  const usable = pod.containers.filter(({ role }) => role === 'container' || role === 'sidecar');
  const preferred = defaultContainer(pod);
  const own = new Set(ownContainers(pod));
  const ordered = usable.toSorted((a, b) => rank(a) - rank(b));
  function rank(container: ContainerRecord): number {
    return container === preferred ? 0 : own.has(container) ? 1 : 2;
  }
  const number = portNumber(text);
  if (number !== undefined) {
    const container = ordered.find((each) => declares(each, number)) ?? preferred;
    if (!container) return unresolved(undefined, text, 'the pod has no container that can be scraped');
    const declared = declares(container, number);
    return resolved(
      container,
      number,
      declared,
      declared ? `${container.name} declares it` : 'annotated, not declared',
    );
  }
  const found = ordered.filter(({ ports }) => ports.some((port) => isNamed(port, text)));
  const [container] = found;
  const port = container?.ports.find((each) => isNamed(each, text));
  if (!container || !port) return unresolved(preferred, text, whyNot(pod, usable, text));
  const several = `port ${text} is declared by ${found.map(({ name }) => name).join(' and ')}: took ${container.name}'s; write ${container.name}:${text} to say so`;
  return resolved(
    container,
    port.number,
    true,
    `${container.name} declares ${describe(port)}`,
    found.length > 1 ? several : undefined,
  );
}

function portNumber(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= 1 && number <= 65_535 ? number : undefined;
}

function whyNot(pod: PodRecord, containers: readonly ContainerRecord[], text: string): string {
  const other = containers.flatMap(({ ports }) => ports).find(({ name }) => name !== '' && name === text);
  const problem = /^-?\d+$/.test(text)
    ? 'is no port number (1 to 65535)'
    : other
      ? `is a ${other.protocol} port, and profiles come over TCP`
      : 'is no declared port name';
  return `port "${shown(text)}" ${problem}; declared are ${declaredPorts(pod)}`;
}

function resolved(
  container: ContainerRecord,
  port: number,
  declared: boolean,
  because: string,
  warning?: string,
): PortChoice {
  return { kind: 'resolved', container, port, declared, because, warning };
}

function unresolved(container: ContainerRecord | undefined, text: string, reason: string): PortChoice {
  return { kind: 'unresolved', container, text, reason };
}

function declares({ ports }: ContainerRecord, number: number): boolean {
  return ports.some((port) => port.number === number && isTcp(port));
}

/** A port without a name is named by no annotation, not by an empty one either. */
function isNamed(port: PortRecord, text: string): boolean {
  return text !== '' && port.name === text && isTcp(port);
}

/** An absent protocol means TCP, as in the Kubernetes API. */
function isTcp({ protocol }: PortRecord): boolean {
  return protocol === 'TCP' || protocol === '';
}

function describe({ name, number, protocol }: PortRecord): string {
  const text = `${number}/${protocol || 'TCP'}`;
  return name ? `${name} (${text})` : text;
}
