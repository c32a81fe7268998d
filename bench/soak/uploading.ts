import { setTimeout as delay } from 'node:timers/promises';
import { second } from '../../src/model/units.ts';
import { type UploadAnswer, upload } from '../../test/support/app-uploads.ts';
import { readProfile } from '../../test/support/pprof-decode.ts';
import { textOfProfile } from '../../test/support/profile-from-text.ts';
import { type SampleShape, shapes, valuesOf } from './program-values.ts';
import { Program } from './programs.ts';
import type { RunningDaemon } from './running-daemon.ts';

const everyMs = second;
const atOnce = 4;

/** What became of what was acknowledged. */
export interface UploadLoss {
  readonly acknowledged: number;
  /** Not answered by their id any more. */
  readonly missing: number;
  /** Answered with other samples than were sent. */
  readonly different: number;
  /** Sent again and taken for another profile, or given another id. */
  readonly forgotten: number;
}

/**
 * A client that uploads a profile each second and sends it again until it is acknowledged. What it sends may be stamped
 * long before now, as by a client that was cut off.
 */
export class Uploader {
  readonly workload: string;
  readonly #shape: SampleShape;
  readonly #program: Program;
  readonly #startMs: number;
  readonly #ids = new Map<number, string>();
  /** Answers that were no acknowledgement, by what they said. */
  readonly refusals = new Map<string, number>();
  readonly ackMs: number[] = [];
  #serial = 1;

  constructor(index: number, startMs: number) {
    this.workload = `uploaded-${index}`;
    this.#program = new Program(this.workload);
    this.#shape = shapes[index % 2] ?? fail();
    this.#startMs = startMs;
  }

  get kind(): string {
    return this.#shape.kind;
  }

  get acknowledged(): number {
    return this.#ids.size;
  }

  async run(daemon: RunningDaemon, stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      try {
        const { id } = await this.#send(daemon, this.#serial);
        this.#ids.set(this.#serial, id);
        this.ackMs.push(Date.now());
        this.#serial++;
      } catch (error) {
        const [, code = 'no answer'] = /"code":"(\w+)"/.exec(String(error)) ?? [];
        this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
      }
      await delay(everyMs);
    }
  }

  /** Asks for everything that was acknowledged, and sends it again. */
  async check(daemon: RunningDaemon): Promise<UploadLoss> {
    const loss = { acknowledged: this.#ids.size, missing: 0, different: 0, forgotten: 0 };
    const waiting = this.#ids.entries();
    const worker = async (): Promise<void> => {
      for (const [serial, id] of waiting) {
        const response = await fetch(`${daemon.now.url}/api/v1/profiles/${id}`);
        const body = new Uint8Array(await response.arrayBuffer());
        if (!response.ok) loss.missing++;
        else if (textOfProfile(readProfile(body)) !== this.#expected(serial)) loss.different++;
        const again = await this.#send(daemon, serial).catch(() => undefined);
        if (again?.id !== id || !again.duplicate) loss.forgotten++;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return loss;
  }

  #send(daemon: RunningDaemon, serial: number): Promise<UploadAnswer> {
    const parameters = new URLSearchParams({
      namespace: 'uploads',
      workload: this.workload,
      process: 'only',
      started: String(this.#startMs),
      time: String(this.#startMs + serial * second),
      interval: '1s',
      kind: this.kind,
    });
    return upload(daemon.now.url, parameters, this.#program.body(this.#shape, serial));
  }

  /** As text: of what is counted since the start of the program only what is new. */
  #expected(serial: number): string {
    const values = valuesOf(this.#shape, serial);
    const before = valuesOf(this.#shape, serial - 1);
    const news = values.map((column, type) => {
      const isTotal = this.#shape.types[type]?.is === 'total';
      return isTotal && serial > 1 ? column.map((value, row) => value - (before[type]?.[row] ?? 0)) : column;
    });
    return textOfProfile(this.#program.profile(this.#shape, news));
  }
}

function fail(): never {
  throw new Error('no such shape');
}
