import type { UnixMs } from '../../src/model/units.ts';
import { minute } from '../../src/model/units.ts';
import type { ProfileRecord } from '../../src/store/profile-store.ts';
import { type Build, buildOf } from '../partitions/builds.ts';
import { changeRates, deploy } from '../partitions/deploys.ts';
import { type Program, startProgram } from '../partitions/program.ts';
import { Random } from '../partitions/random.ts';
import { kinds, recordOf } from '../partitions/records.ts';

/** Different profiles of one kind and build; they come again and again. */
const variants = 16;
const pods = 2;

/** Some services of two pods and five kinds, each a program of its own that is deployed once a day. */
export class Fleet {
  readonly #services: readonly { readonly name: string; readonly program: Program }[];
  readonly #random = new Random(11);
  #templates = new Map<string, readonly ProfileRecord[]>();
  #day = 0;

  constructor(services: number) {
    this.#services = Array.from({ length: services }, (_, number) => ({
      name: `service-${number}`,
      program: startProgram(number + 1),
    }));
  }

  get series(): number {
    return this.#services.length * pods * kinds.length;
  }

  /** The next build of every service, in new pods. Returns the processes that end with it. */
  deployAll(): string[] {
    const ended = this.#day === 0 ? [] : this.#pods().map(({ pod }) => pod);
    const rate = changeRates[this.#day % 7 === 6 ? 1 : 0];
    for (const { program } of this.#services) if (rate && this.#day > 0) deploy(program, rate, this.#random);
    this.#day++;
    this.#templates = new Map();
    for (const { name, program } of this.#services) this.#addTemplates(name, buildOf(program, true));
    return ended;
  }

  /** One profile of every series. */
  scrape(stampMs: UnixMs): ProfileRecord[] {
    const variant = (stampMs / minute) % variants;
    return this.#pods().flatMap(({ service, pod }) =>
      kinds.flatMap((kind) => {
        const template = this.#templates.get(`${service} ${kind}`)?.[variant];
        return template ? [stamped(template, service, pod, stampMs)] : [];
      }),
    );
  }

  #pods(): { readonly service: string; readonly pod: string }[] {
    return this.#services.flatMap(({ name }) =>
      Array.from({ length: pods }, (_, pod) => ({ service: name, pod: `${name}-${this.#day}-${pod}` })),
    );
  }

  #addTemplates(service: string, build: Build): void {
    const scrape = { container: 'app', revision: String(this.#day), pod: service, stampMs: 0, intervalMs: minute };
    for (const kind of kinds) {
      const records = Array.from({ length: variants }, () => recordOf(build, { ...scrape, kind }, this.#random));
      this.#templates.set(`${service} ${kind}`, records);
    }
  }
}

function stamped(template: ProfileRecord, service: string, pod: string, stampMs: UnixMs): ProfileRecord {
  const { series, header } = template;
  return {
    ...template,
    series: {
      ...series,
      labels: { ...series.labels, workload: service, pod },
      process: { id: pod, slot: `shop/${pod}/app`, startedMs: undefined },
    },
    stampMs,
    header: { ...header, timeNanos: BigInt(stampMs) * 1_000_000n },
    contentHash: stampMs.toString(16).padStart(16, '0'),
  };
}
