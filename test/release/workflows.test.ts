import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly needs?: string | readonly string[];
  readonly steps: readonly Step[];
  readonly 'runs-on': string;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(import.meta.dirname, '../../.github/workflows');
const release = join(import.meta.dirname, '../../.github/release');
const files = readdirSync(folder);
const texts = new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const workflows = new Map([...texts].map(([name, text]) => [name, parse(text) as Workflow]));
const jobs = [...workflows].flatMap(([file, { jobs: of }]) =>
  Object.entries(of).map(([name, job]) => ({ name: `${file} ${name}`, job })),
);
const steps = jobs.flatMap(({ name, job }) => job.steps.map((step) => ({ name, step })));

/** What each job may do beyond reading the source. Whoever adds to this adds to what a stolen action could do. */
const rights: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'release.yml npm': { 'id-token': 'write' },
  'release.yml images': { packages: 'write', 'id-token': 'write' },
  'release.yml chart': { packages: 'write', 'id-token': 'write' },
  'release.yml files': { contents: 'write', 'id-token': 'write' },
};

test('there is a workflow for changes and one for releases', () => {
  assert.deepEqual(files.sort(), ['ci.yml', 'release.yml']);
});

test('a workflow has no rights, and each job just those that it needs', () => {
  for (const { permissions } of workflows.values()) assert.deepEqual(permissions, {});
  for (const { name, job } of jobs) assert.deepEqual(job.permissions, { contents: 'read', ...rights[name] }, name);
});

test('every action is pinned by its commit, beside the version that it is', () => {
  const uses = [...texts.values()].flatMap((text) =>
    [...text.matchAll(/^\s*-?\s*uses: (.*)$/gm)].map(([, used]) => used ?? ''),
  );
  assert.ok(uses.length > 10);
  for (const used of uses) assert.match(used, /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('an action is pinned to the same commit everywhere', () => {
  const commits = Map.groupBy(
    steps.flatMap(({ step }) => (step.uses === undefined ? [] : [step.uses.split('@')])),
    ([action]) => action,
  );
  for (const [action, uses] of commits) assert.equal(new Set(uses.map(([, commit]) => commit)).size, 1, action);
});

test('no text of an event, and no expression at all, is pasted into a script', () => {
  for (const { name, step } of steps) assert.doesNotMatch(step.run ?? '', /\$\{\{/, name);
  for (const text of texts.values()) assert.doesNotMatch(text, /github\.event\b|github\.head_ref|inputs\./);
});

test('a pull request runs without the rights of the repository, and only tags release', () => {
  assert.deepEqual(Object.keys(workflows.get('ci.yml')?.on ?? {}), ['push', 'pull_request']);
  assert.deepEqual(Object.keys(workflows.get('release.yml')?.on ?? {}), ['push']);
  assert.deepEqual(Object.keys(workflows.get('release.yml')?.on['push'] ?? {}), ['tags']);
});

test('no secret is kept: there is the token of the run, and nothing else', () => {
  for (const text of texts.values()) assert.doesNotMatch(text, /secrets\./);
});

test('a checkout leaves no credentials behind for the scripts that follow', () => {
  for (const { name, step } of steps) {
    if (step.uses?.startsWith('actions/checkout@')) assert.equal(step.with?.['persist-credentials'], false, name);
  }
});

test('what publishes waits for the tests, and for the protection of its environment', () => {
  for (const [name, { needs = [], environment }] of Object.entries(workflows.get('release.yml')?.jobs ?? {})) {
    if (name === 'verify') continue;
    assert.ok([needs].flat().includes('verify'), name);
    assert.equal(environment, 'release', name);
  }
});

test('every job ends, and runs on an image that does not change by itself', () => {
  for (const { name, job } of jobs) {
    assert.ok((job['timeout-minutes'] ?? Infinity) <= 60, name);
    assert.doesNotMatch(job['runs-on'], /latest/, name);
  }
});

test('packages are installed without their scripts where something is published', () => {
  for (const { name, step } of steps) {
    if (/npm ci/.test(step.run ?? '')) assert.match(step.run ?? '', /npm ci --ignore-scripts/, name);
  }
});

test('images and chart are signed by digest, images have a list of parts and a provenance', () => {
  const image = readFileSync(join(release, 'image'), 'utf8');
  const chart = readFileSync(join(release, 'chart'), 'utf8');
  for (const script of [image, chart]) assert.match(script, /cosign sign --yes .*"\$\w+(\/flameherd)?@\$digest"/);
  assert.match(image, /--sbom=true/);
  assert.match(image, /--provenance=mode=max/);
  assert.match(image, /--platform linux\/amd64,linux\/arm64/);
});

test('every script that a step runs is there, and may be run', () => {
  const scripts = steps.flatMap(({ step }) => [...(step.run ?? '').matchAll(/(?:^|\s)(\.(?:github|ci)\/[\w./-]+)/g)]);
  assert.ok(scripts.length >= 5);
  for (const [, script = ''] of scripts) {
    const { mode } = statSync(join(import.meta.dirname, '../..', script));
    if (!script.endsWith('.ts')) assert.ok((mode & 0o111) !== 0, script);
  }
});
