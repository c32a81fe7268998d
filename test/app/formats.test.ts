import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { flameherd } from '../support/app-command.ts';
import { upload } from '../support/app-uploads.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { HotCallProgram, weightedCalls } from '../support/go-build.ts';
import { goPprof } from '../support/go-pprof.ts';
import { noGo } from '../support/no-go.ts';

/** A daemon that has the same CPU profile of a Go program of two pods, two minutes and one minute ago. */
let daemon: Daemon;
let folder: string;
let program: HotCallProgram;
let profile: Uint8Array;

before(async () => {
  if (noGo) return;
  folder = await mkdtemp(join(tmpdir(), 'flameherd-formats-'));
  program = new HotCallProgram();
  profile = program.profile();
  daemon = await startDaemon(folder, ['--no-self']);
  for (const [pod, minutes] of [
    ['a', 2],
    ['b', 1],
  ] as const) {
    const labels = { namespace: 'shop', workload: 'mixer', pod, process: pod, kind: 'cpu', revision: `r-${pod}` };
    const time = String(Date.now() - minutes * 60_000);
    await upload(daemon.url, new URLSearchParams({ ...labels, time }), profile);
  }
});

after(async () => {
  if (noGo) return;
  await daemon.stop();
  program[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

async function merged(format: string, parameters: Record<string, string> = {}): Promise<Response> {
  const query = new URLSearchParams({ query: 'cpu{workload="mixer"}', format, ...parameters });
  const response = await fetch(`${daemon.url}/api/v1/merge?${query.toString()}`);
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return response;
}

test('go build takes what two pods did and inlines the hot call', { skip: noGo }, async () => {
  const response = await merged('pgo');
  assert.match(response.headers.get('content-disposition') ?? '', /filename="?mixer-cpu-\w+\.pgo/);
  const pgo = new Uint8Array(await response.arrayBuffer());
  const said = program.buildWith(pgo);
  assert.match(said, /hot-node enabled increased budget=2000 for func=main\.mix$/m);
  assert.match(said, /hot-budget check allows inlining for call main\.mix .*in function main\.mixAll/);
  // Twice the profile is twice the weight of every call, and nothing else.
  const twice = weightedCalls(profile).replaceAll(
    /^(-?\d+) (\d+)$/gm,
    (_, line, weight) => `${line} ${2 * Number(weight)}`,
  );
  assert.equal(weightedCalls(pgo), twice);
});

test('go tool pprof opens it from its URL without a warning', { skip: noGo }, async () => {
  for (const path of ['/api/v1/merge?query=cpu{workload="mixer"}&format=pgo', '/pprof/shop/mixer/cpu?format=pgo']) {
    const { exitCode, stdout, stderr } = await goPprof(['-top', encodeURI(daemon.url + path)]);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout.toString(), /main\.mix$/m);
    assert.doesNotMatch(stderr.replaceAll(/^(Fetching|Saved) .*\n/gm, ''), /\S/);
  }
});

test('where there is nothing, go tool pprof shows our words', { skip: noGo }, async () => {
  const url = `${daemon.url}/api/v1/merge?query=cpu{workload="nothing"}&format=pgo`;
  const { exitCode, stderr } = await goPprof(['-top', encodeURI(url)]);
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /nothing to merge for cpu/);
});

test('the commands write every form', { skip: noGo }, async () => {
  const ask = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await flameherd([...args, '--server', daemon.url]);
    assert.deepEqual([code, stderr], [0, '']);
    return stdout;
  };
  const graph = await ask('callgraph', 'main.mix', '-w', 'mixer');
  assert.match(graph, /↓ main\.mixAll\n.*100\.0% {2}main\.mix\n[^]*\nof \d.* from 2 profiles of 2 processes/);
  const markdown = await ask('top', '-w', 'mixer', '--format', 'markdown');
  assert.match(markdown, /^\*\*cpu of `\{workload="mixer"\}`: [^]*\| `main\.mix` \|\n[^]*2 profiles of 2 processes, /);
  const diff = await ask('diff', 'cpu{revision="r-a"}', 'cpu{revision="r-b"}');
  assert.match(diff, /^No function changed\.\nbefore: .* from 1 profile of 1 process .*\nafter: /);
  const file = join(folder, 'own.pb.gz');
  await writeFile(file, profile);
  assert.match(await ask('diff', file, 'cpu{pod="a"}'), /^No function changed\.\nbefore: .* in .*own\.pb\.gz/);
  const doubled = await ask('diff', file, 'cpu', '-w', 'mixer', '--normalize', 'none', '--limit', '1');
  assert.match(doubled, /^.*\n\+.* main\.mix\n/);
});

test('a function that is not there is said with those that are', { skip: noGo }, async () => {
  const { code, stderr } = await flameherd(['callgraph', 'mixall', '-w', 'mixer', '--server', daemon.url]);
  assert.equal(code, 1);
  assert.match(stderr, /"mixall" is on no stack of this profile\nhint: did you mean main\.mixAll/);
});
