import assert from 'node:assert/strict';
import { canonicalLabels } from '../../src/model/labels.ts';

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricsPage {
  /** Those of a name whose labels have at least these values. */
  samples(name: string, labels?: Readonly<Record<string, string>>): readonly ReadSample[];
  /** The one sample of a name with these labels, among others; fails when there are several. Undefined when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  readonly all: readonly ReadSample[];
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Reads Prometheus's text format as strictly as a scrape does: every line means something, and no series comes twice. */
export function parseMetrics(text: string): MetricsPage {
  const all = text
    .split('\n')
    .filter((each) => each !== '' && !each.startsWith('#'))
    .map(readLine);
  const keys = all.map(({ name, labels }) => JSON.stringify([name, canonicalLabels(labels)]));
  const seen = new Set<string>();
  const twice = keys.filter((key) => seen.size === seen.add(key).size);
  assert.deepEqual(twice, [], 'series that come twice');
  const byName = Map.groupBy(all, ({ name }) => name);
  const samples: MetricsPage['samples'] = (name, labels = {}) =>
    (byName.get(name) ?? []).filter((sample) =>
      Object.entries(labels).every(([key, value]) => (sample.labels[key] ?? '') === value),
    );
  return {
    all,
    samples,
    value(name, labels = {}) {
      const found = samples(name, labels);
      assert.ok(found.length <= 1, `${found.length} samples of ${name} with ${JSON.stringify(labels)}`);
      return found[0]?.value;
    },
  };
}

function readLine(text: string): ReadSample {
  const found = line.exec(text);
  assert.ok(found, `not a sample: ${text}`);
  const [, name = '', inside = '', value = ''] = found;
  return { name, labels: readLabels(inside, text), value: numberOf(value) };
}

function readLabels(inside: string, text: string): Record<string, string> {
  const labels: [string, string][] = [];
  for (label.lastIndex = 0; label.lastIndex < inside.length; ) {
    const found = label.exec(inside);
    assert.ok(found, `labels cannot be read: ${text}`);
    const [, name = '', value = ''] = found;
    labels.push([name, value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))]);
  }
  return Object.fromEntries(labels);
}

function numberOf(text: string): number {
  const special: Readonly<Record<string, number>> = {
    '+Inf': Number.POSITIVE_INFINITY,
    '-Inf': Number.NEGATIVE_INFINITY,
    NaN: Number.NaN,
  };
  const value = special[text] ?? Number(text);
  assert.ok(text in special || Number.isFinite(value), `not a number: ${text}`);
  return value;
}
