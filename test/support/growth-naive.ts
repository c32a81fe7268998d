import type { ScrapeLine } from './growth-scrapes.ts';

/** The rules that people write today, on the worst pod, held for 15 minutes: what the detector is compared with. */

export const naiveRules = ['deriv', 'predict_linear', 'RSS'] as const;
export type NaiveRule = (typeof naiveRules)[number];

const hour = 3600;

interface Point {
  readonly t: number;
  readonly y: number;
}

interface Pod {
  key: string;
  last: number;
  /** What the operating system holds for it: between live and twice live, given back slowly. */
  high: number;
  readonly inuse: Point[];
  readonly rss: Point[];
}

export class NaiveRules {
  /** Hours at which each rule was firing. */
  readonly fired: Readonly<Record<NaiveRule, number[]>> = { deriv: [], predict_linear: [], RSS: [] };
  readonly #limit: number;
  readonly #pods = new Map<string, Pod>();
  readonly #active: Record<NaiveRule, number> = { deriv: 0, predict_linear: 0, RSS: 0 };
  #next = 0;
  #random = 1;

  /** @param limit the memory limit of the container */
  constructor(limit: number) {
    this.#limit = limit;
  }

  see(line: ScrapeLine): void {
    this.#remember(line);
    if (line.t < this.#next) return;
    this.#next = line.t + 300;
    const now = this.#evaluate(line.t);
    for (const rule of naiveRules) {
      this.#active[rule] = now[rule] ? this.#active[rule] + 1 : 0;
      if (this.#active[rule] >= 4) this.fired[rule].push(line.t / hour);
    }
  }

  #remember(line: ScrapeLine): void {
    let pod = this.#pods.get(line.pod);
    if (!pod) this.#pods.set(line.pod, (pod = { key: '', last: 0, high: 0, inuse: [], rss: [] }));
    const key = `${line.incarnation}/${line.started_at}`;
    if (pod.key !== key) pod.high = 0; // Prometheus goes on with the series of a container that was restarted
    pod.key = key;
    pod.last = line.t;
    const live = Object.values(line.functions).reduce((sum, [bytes = 0]) => sum + bytes, 0);
    pod.high = Math.max(live * (1 + this.#chance()), pod.high * 0.998);
    pod.inuse.push({ t: line.t, y: live });
    pod.rss.push({ t: line.t, y: pod.high + 40 * 2 ** 20 });
    for (const points of [pod.inuse, pod.rss]) if (points.length > 800) points.splice(0, 400);
  }

  #chance(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }

  #evaluate(t: number): Record<NaiveRule, boolean> {
    const now = { deriv: false, predict_linear: false, RSS: false };
    for (const [name, pod] of this.#pods) {
      if (pod.last < t - 1200) {
        this.#pods.delete(name);
        continue;
      }
      if ((pod.inuse[0]?.t ?? t) <= t - 5.9 * hour) {
        now.deriv ||= growsBy2Percent(pod.inuse, t - 6 * hour);
        now.RSS ||= growsBy2Percent(pod.rss, t - 6 * hour);
      }
      const line = leastSquares(pod.inuse, t - hour);
      now.predict_linear ||= line !== undefined && line.now + line.slope * 4 * hour > this.#limit;
    }
    return now;
  }
}

function growsBy2Percent(points: readonly Point[], from: number): boolean {
  const line = leastSquares(points, from);
  return line !== undefined && line.slope * hour > 0.02 * line.mean;
}

/** As Prometheus' `deriv` and `predict_linear`: ordinary least squares over the range. */
function leastSquares(
  points: readonly Point[],
  from: number,
): { slope: number; now: number; mean: number } | undefined {
  const end = points.at(-1)?.t ?? 0;
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxy = 0;
  let sxx = 0;
  for (let i = points.length - 1; i >= 0; i--) {
    const { t, y } = points[i] as Point;
    if (t <= from) break;
    const x = t - end;
    n++;
    sx += x;
    sy += y;
    sxy += x * y;
    sxx += x * x;
  }
  if (n < 5) return undefined;
  const slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  return { slope, now: (sy - slope * sx) / n, mean: sy / n };
}
