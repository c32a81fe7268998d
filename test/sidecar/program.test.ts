import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { noGo } from '../support/no-go.ts';
import { byPath, goBusy, startPprofServer } from '../support/pprof-server.ts';
import { buildSidecar, runProgram, sidecarSource } from '../support/sidecar-program.ts';

test("the program's own tests pass", { skip: noGo, timeout: 300_000 }, () => {
  const result = spawnSync('go', ['test', './...'], { cwd: sidecarSource, encoding: 'utf8' });
  assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
});

test('the built program', { skip: noGo, timeout: 300_000 }, async (t) => {
  using program = buildSidecar();
  const profile = gzipSync(Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251)));
  await using server = await startPprofServer(
    byPath({
      '/debug/pprof/heap': { kind: 'profile', bytes: profile },
      '/debug/pprof/profile': goBusy,
      '/flood': { kind: 'flood' },
      '/drip': { kind: 'drip', everyMs: 1 },
    }),
  );
  const fetch = async (path: string, ...flags: string[]) => {
    const url = `http://localhost:${server.port}${path}`;
    const { exitCode, stdout, stderr } = await runProgram([program.path, 'fetch', '--url', url, ...flags]);
    return { exitCode, stdout, report: JSON.parse(stderr) as Record<string, unknown> };
  };

  await t.test('is static and small', () => {
    const file = spawnSync('go', ['version', '-m', program.path], { encoding: 'utf8' }).stdout;
    assert.match(file, /CGO_ENABLED=0/);
    assert.doesNotMatch(file, /^\s*dep\s/m);
  });

  await t.test('writes a profile byte for byte, and a report', async () => {
    const { exitCode, stdout, report } = await fetch('/debug/pprof/heap');
    assert.equal(exitCode, 0);
    assert.ok(stdout.equals(profile));
    assert.deepEqual([report['status'], report['bytes'], report['error']], [200, profile.length, '']);
  });

  await t.test('writes nothing of an answer that is no profile', async () => {
    const { exitCode, stdout, report } = await fetch('/debug/pprof/profile');
    assert.deepEqual([exitCode, stdout.length, report['status'], report['goPprof']], [0, 0, 500, true]);
    assert.equal(report['snippet'], 'Could not enable CPU profiling: cpu profiling already in use');
  });

  await t.test('stops at the most bytes and at the time-out', async () => {
    const flood = await fetch('/flood', '--max-bytes', '5000');
    assert.deepEqual([flood.exitCode, flood.stdout.length], [5, 5000]);
    assert.equal((await fetch('/drip', '--timeout', '100ms')).exitCode, 4);
    assert.equal((await fetch('/flood', '--max-bytes', '5000', '--cut')).exitCode, 0);
  });

  await t.test('refuses a host that is not the loopback, before anything is dialled', async () => {
    const { exitCode, stderr } = await runProgram([program.path, 'fetch', '--url', 'http://169.254.169.254:80/x']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /is not the loopback/);
  });

  await t.test('ends by itself when nobody takes what it writes', async () => {
    const argv = ['fetch', '--url', `http://localhost:${server.port}/flood`, '--max-bytes', '1000000000'];
    const child = spawn(program.path, [...argv, '--timeout', '100ms'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pause();
    const [exitCode] = (await once(child, 'exit')) as [number];
    child.stdout.destroy();
    assert.equal(exitCode, 4);
  });

  await t.test('holds until no fetch comes, and each fetch begins its time anew', async () => {
    const child = spawn(program.path, ['hold', '--idle-ttl', '2s'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = once(child, 'exit').then(() => performance.now());
    await once(child, 'spawn');
    const spawned = performance.now();
    let asked = spawned;
    // The last of these comes a good while after the start, so an idle time counted from the start would be too short.
    while (asked - spawned < 300) {
      asked = performance.now();
      await fetch('/debug/pprof/heap');
    }
    assert.ok((await ended) - asked >= 2000, 'ended before the idle time after the fetch');
    assert.match(said, /no fetch for 2s/);
  });

  await t.test('ends at once when it is started late', async () => {
    const { exitCode, stderr } = await runProgram([program.path, 'hold', '--start-by', '2020-01-01T00:00:00Z']);
    assert.equal(exitCode, 0);
    assert.match(stderr, /started after 2020-01-01T00:00:00Z/);
  });
});
