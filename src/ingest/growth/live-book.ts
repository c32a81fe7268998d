import { workloadOf } from '../../model/growth.ts';
import { labelValue } from '../../model/labels.ts';
import type { SeriesIdentity } from '../../model/series.ts';
import type { DurationMs, UnixMs } from '../../model/units.ts';
import { FunctionNames } from './function-names.ts';
import { LiveProcess } from './live-process.ts';
import { LiveWorkload } from './live-workload.ts';
import { maxProcesses, maxWorkloads, workloadForgottenMs } from './settings.ts';

/** Workloads and their processes, by the labels and identities of what is stored. */
export class LiveBook {
  readonly names = new FunctionNames();
  /** Profiles of which nothing was learnt, as there was no room for their workload or process. */
  leftOut = 0;
  readonly #most: number;
  readonly #workloads = new Map<string, LiveWorkload>();
  readonly #processes = new Map<string, LiveProcess[]>();
  #processCount = 0;
  #lastIndex = 0;

  /** Tells of `most` functions of a workload by each sample type. */
  constructor(most: number) {
    this.#most = most;
  }

  get workloads(): IterableIterator<LiveWorkload> {
    return this.#workloads.values();
  }

  get processCount(): number {
    return this.#processCount;
  }

  get workloadCount(): number {
    return this.#workloads.size;
  }

  /** By `partitionKey`; undefined when there is no more room. */
  workload(partition: string, labels: SeriesIdentity['labels'], nowMs: UnixMs): LiveWorkload | undefined {
    let workload = this.#workloads.get(partition);
    if (!workload) {
      if (this.#workloads.size >= maxWorkloads) return undefined;
      workload = new LiveWorkload(++this.#lastIndex, workloadOf(labels), this.names, this.#most);
      this.#workloads.set(partition, workload);
    }
    workload.seenMs = nowMs;
    return workload;
  }

  /** The process of a series, one that is over if need be; undefined when there is no more room. */
  process(workload: LiveWorkload, series: SeriesIdentity): LiveProcess | undefined {
    const port = labelValue(series.labels, 'port');
    const named = this.#processes.get(series.process.id) ?? [];
    const known = named.find((process) => process.port === port && process.workload === workload);
    if (known) return known;
    if (this.#processCount >= maxProcesses) return undefined;
    const process = new LiveProcess(workload, series);
    this.#processCount++;
    workload.processes.add(process);
    this.#processes.set(series.process.id, [...named, process]);
    return process;
  }

  /** A live profile of a process came: with its first one, the process before it in its slot is over. */
  sawLive(process: LiveProcess, stampMs: UnixMs, intervalMs: DurationMs): void {
    const isFirst = process.firstMs === undefined || stampMs < process.firstMs;
    process.sawLive(stampMs, intervalMs);
    if (!isFirst || process.slot === '') return;
    for (const other of process.workload.processes) {
      if (other.slot !== process.slot || other.id === process.id || other.firstMs === undefined) continue;
      if (other.firstMs < stampMs) other.replaced(stampMs);
      else if (other.firstMs > stampMs) process.replaced(other.firstMs);
    }
  }

  named(processId: string): readonly LiveProcess[] {
    return this.#processes.get(processId) ?? [];
  }

  remove(process: LiveProcess): void {
    process.workload.processes.delete(process);
    this.#processCount--;
    const others = this.named(process.id).filter((other) => other !== process);
    if (others.length > 0) this.#processes.set(process.id, others);
    else this.#processes.delete(process.id);
  }

  /** Forgets workloads without processes that had nothing for a day, and those that were imported only at once. */
  forget(nowMs: UnixMs): void {
    for (const [partition, workload] of this.#workloads) {
      if (workload.processes.size > 0) continue;
      if (workload.liveMs !== undefined && nowMs - workload.seenMs < workloadForgottenMs) continue;
      workload.functions.release();
      this.#workloads.delete(partition);
    }
  }
}
