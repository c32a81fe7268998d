import type { KubernetesProblem } from './problem.ts';
import type { ObjectRecord } from './records.ts';
import type { Reflector, ReflectorStats } from './reflector.ts';

/** One resource, watched in all namespaces by one reflector, or in some by one each; reads as one. */
export class ReflectorSet<T extends ObjectRecord> {
  /** Under "" the one that sees all namespaces. */
  readonly #byNamespace: ReadonlyMap<string, Reflector<T>>;

  constructor(namespaces: readonly string[] | undefined, create: (namespace: string | undefined) => Reflector<T>) {
    this.#byNamespace = new Map(
      namespaces === undefined
        ? [['', create(undefined)]]
        : namespaces.map((namespace) => [namespace, create(namespace)]),
    );
  }

  get settled(): Promise<unknown> {
    return Promise.all(this.#all().map((reflector) => reflector.settled));
  }

  /** Whether all of it was listed at least once. */
  get isSynced(): boolean {
    return this.#all().every((reflector) => reflector.isSynced);
  }

  *values(): Generator<T, void, undefined> {
    for (const reflector of this.#byNamespace.values()) yield* reflector.records.values();
  }

  byName(namespace: string, name: string): T | undefined {
    const reflector = this.#byNamespace.get('') ?? this.#byNamespace.get(namespace);
    return reflector?.records.byName(namespace, name);
  }

  byUid(uid: string): T | undefined {
    for (const reflector of this.#byNamespace.values()) {
      const record = reflector.records.byUid(uid);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  start(): void {
    for (const reflector of this.#byNamespace.values()) reflector.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((reflector) => reflector.stop()));
  }

  problems(): readonly KubernetesProblem[] {
    return this.#all().flatMap((reflector) => reflector.problem() ?? []);
  }

  stats(): readonly ReflectorStats[] {
    return this.#all().map((reflector) => reflector.stats());
  }

  #all(): Reflector<T>[] {
    return [...this.#byNamespace.values()];
  }
}
