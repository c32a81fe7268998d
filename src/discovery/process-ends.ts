import type { PodRecord } from '../kubernetes/records.ts';
import type { UnixMs } from '../model/units.ts';

/** The process ran until this moment. Told once per process. */
export type OnProcessEnd = (processId: string, endedMs: UnixMs) => void;

/**
 * Notices when a process that was a target ends: its container finished or was replaced, or its pod was deleted. What the
 * process held at its end then stops counting.
 */
export class ProcessEnds {
  /** Pod UID → container name → container id, of processes that are targets. */
  readonly #live = new Map<string, Map<string, string>>();
  readonly #onEnd: OnProcessEnd;
  readonly #now: () => UnixMs;

  constructor(onEnd: OnProcessEnd, now: () => UnixMs) {
    this.#onEnd = onEnd;
    this.#now = now;
  }

  /** The container is a target and runs. */
  watch(podUid: string, container: string, containerId: string): void {
    const containers = this.#live.get(podUid);
    if (containers) containers.set(container, containerId);
    else this.#live.set(podUid, new Map([[container, containerId]]));
  }

  /** The pod as it is now. */
  seen(pod: PodRecord): void {
    for (const [name, containerId] of this.#live.get(pod.uid) ?? []) {
      const container = pod.containers.find((each) => each.name === name);
      if (container?.containerId === containerId && container.running) continue;
      if (container?.containerId === containerId && container.finishedMs === undefined) continue;
      const same = container?.containerId === containerId;
      const endedMs = same ? container?.finishedMs : container?.startedMs;
      this.#end(pod.uid, name, containerId, endedMs ?? this.#now());
    }
  }

  /** The pod is gone; `pod` is how it was last. */
  removed(pod: PodRecord): void {
    for (const [name, containerId] of this.#live.get(pod.uid) ?? []) {
      const container = pod.containers.find((each) => each.name === name && each.containerId === containerId);
      this.#end(pod.uid, name, containerId, container?.finishedMs ?? this.#now());
    }
  }

  #end(podUid: string, name: string, containerId: string, endedMs: UnixMs): void {
    const containers = this.#live.get(podUid);
    containers?.delete(name);
    if (containers?.size === 0) this.#live.delete(podUid);
    this.#onEnd(`${podUid}/${containerId}`, endedMs);
  }
}
