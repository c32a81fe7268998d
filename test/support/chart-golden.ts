import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from './chart.ts';
import { documentsOf } from './helm.ts';

const base = 'http://127.0.0.1:4280';
const rulesPlace = '(deploy/prometheus/rules.yaml)';
const dashboardPlace = '(deploy/grafana/flameherd.json)';

interface Rendered {
  readonly kind: string;
  readonly spec: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * A rendering as it is kept: rules and dashboard, which stand elsewhere, are replaced by the name of their file after a look
 * whether they are what stands there, and checksums by a word. Throws when they are something else.
 */
export function goldenOf(text: string): string {
  const url = /externalUrl: (\S+)/.exec(text)?.[1] ?? base;
  return documentsOf(text)
    .map((document) => `---\n${elided(document, url)}`)
    .join('');
}

function elided(document: string, url: string): string {
  if (/^kind: PrometheusRule$/m.test(document)) {
    const { spec } = parse(document) as Rendered;
    assert.deepEqual(spec, parse(shipped('deploy/prometheus/rules.yaml', url)));
    return document.replace(/^spec:\n[\s\S]*/m, `spec: ${rulesPlace}\n`);
  }
  const { data } = parse(document) as Rendered;
  if (data?.['flameherd.json'] !== undefined) {
    assert.equal(data['flameherd.json'].trim(), shipped('deploy/grafana/flameherd.json', url).trim());
    return document.replace(/^( {2}flameherd\.json:) \|\n[\s\S]*/m, `$1 ${dashboardPlace}\n`);
  }
  return document.replace(/(checksum\/config:) [0-9a-f]{64}/, '$1 (sha256)');
}

function shipped(file: string, url: string): string {
  return readFileSync(join(root, file), 'utf8').replaceAll(base, url);
}
