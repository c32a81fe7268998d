import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboard } from '../../src/alerting/dashboard.ts';
import { prometheusTools, runPromtool } from '../support/promtool.ts';
import { filledQuery, variants } from '../support/rule-lab.ts';

const tools = await prometheusTools();
const all = variants.map(({ settings }) => dashboard(settings));

for (const [i, { panels, templating, ...rest }] of all.entries()) {
  const name = variants[i]?.name ?? '';
  const { list } = templating as { list: readonly { name: string; query: unknown }[] };
  const charts = panels.filter(({ type }) => type !== 'row');

  test(`every query of the dashboard is one that Prometheus takes (${name})`, { skip: tools.skip }, () => {
    const queries = charts.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    assert.ok(queries.length > 15);
    const rules = queries.map((expr, n) => ({ record: `panel:query:q${n}`, expr: filledQuery(expr) }));
    const { status, text } = runPromtool(tools, ['check', 'rules'], {
      'queries.yml': { groups: [{ name: 'g', rules }] },
    });
    assert.equal(status, 0, text);
  });

  test(`panels have numbers and places of their own, titles, units and the chosen data source (${name})`, () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    const taken = new Set<string>();
    for (const { gridPos, title } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!taken.has(`${x},${y}`), `${title} lies over another panel`);
          taken.add(`${x},${y}`);
        }
      }
    }
    for (const { title, datasource, targets = [] } of charts) {
      assert.deepEqual(datasource, { type: 'prometheus', uid: '${datasource}' }, title);
      assert.ok(targets.length > 0, title);
      for (const target of targets) assert.deepEqual(target.datasource, datasource);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
    }
  });

  test(`what a query or a link refers to is a variable of the dashboard (${name})`, () => {
    const known = new Set([...list.map((variable) => variable.name), '__rate_interval', '__data', '__all']);
    const text = JSON.stringify({ panels, rest });
    const used = new Set([...text.matchAll(/\$\{?([a-z_]+)/g)].map(([, variable = '']) => variable));
    assert.deepEqual(
      [...used].filter((variable) => !known.has(variable)),
      [],
    );
    assert.ok(used.has('datasource') && used.has('namespace') && used.has('base'));
  });

  test(`rates are over Grafana's own window, at steps of four heap intervals or more (${name})`, () => {
    const rated = charts.flatMap(({ targets = [] }) => targets).filter(({ expr }) => expr.includes('rate('));
    assert.ok(rated.length > 4);
    for (const { expr, interval } of rated) {
      assert.match(expr, /\[\$__rate_interval\]/);
      assert.equal(interval, '5m');
    }
  });
}

test('the dashboard keeps its address, whatever it is made for', () => {
  assert.deepEqual(
    all.map(({ uid, tags }) => [uid, tags]),
    all.map(() => ['flameherd', ['flameherd', 'profiling']]),
  );
});

test('a finding opens the page of growth at its workload', () => {
  const [usual, , overridden] = all;
  assert.match(
    JSON.stringify(usual),
    /\/growth\?namespace=\$\{__data\.fields\[\\"namespace\\"\]\}&workload_kind=.*&container=\$\{__data\.fields\[\\"container\\"\]\}/,
  );
  assert.match(JSON.stringify(overridden), /\/growth\?namespace=\$\{__data\.fields\[\\"exported_namespace\\"\]\}/);
});
