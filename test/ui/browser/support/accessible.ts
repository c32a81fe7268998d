import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Violation {
  readonly id: string;
  readonly impact: 'minor' | 'moderate' | 'serious' | 'critical' | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Fails with what axe-core finds on the page as it is now that is serious or critical. Gives the lesser findings. */
export async function expectAccessible(page: Page): Promise<readonly string[]> {
  // The policy of the pages allows no script of ours from outside but what the browser itself is told to run.
  await page.evaluate(axe);
  const violations = (await page.evaluate(
    (tags) =>
      (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: unknown }> } }).axe
        .run({ runOnly: { type: 'tag', values: tags } })
        .then((found) => found.violations),
    rules,
  )) as readonly Violation[];
  const isSerious = ({ impact }: Violation): boolean => impact === 'serious' || impact === 'critical';
  assert.deepEqual(violations.filter(isSerious).map(textOf), [], `accessibility of ${page.url()}`);
  return violations.map(textOf);
}

function textOf({ id, impact, help, nodes }: Violation): string {
  const [first] = nodes;
  return `${impact} ${id}: ${help} (${nodes.length}×, ${first?.html.slice(0, 160)}: ${first?.failureSummary})`;
}
