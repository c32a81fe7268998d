import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { html } from '../../src/http/html.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { emptyHeader, type Profile } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { SumColumn } from '../../src/profile/sum-column.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { injected, pprofAnswer, pprofBytes } from '../support/http-fakes.ts';
import { frameOf } from '../support/profile-from-text.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

/** What a name may hold that means something to whoever shows it. */
const hostile = {
  html: `"><script>alert(1)</script><img src=x onerror=alert(1)>`,
  svg: `</text></svg><svg onload=alert(1)>`,
  markdown: '| [x](javascript:alert(1)) `code` \n\n# heading <b>',
  csv: '=cmd|" /C calc"!A0',
  terminal: '\u001b[2J\u001b]0;owned\u0007\u009b31m\b\r',
  direction: '\u202egnp.exe\u2066',
  lines: 'a\nlevel=error msg="forged"\r\nb\u2028c\u0085d',
} as const;
const all = Object.values(hostile).join(' ');

test('label injection: whatever a label and a function are called, no answer is anything but data, and no line is forged', {
  timeout: 120_000,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const daemon = await startDaemon(`${folder}/data`, ['--no-self']);
  t.after(() => daemon.kill());
  const bytes = encodeProfile(hostileProfile());
  const labels = new URLSearchParams({
    workload: `w${all}`,
    pod: all,
    namespace: all,
    revision: all,
    kind: 'cpu',
    as: 'delta',
  });
  labels.set('label.free', all);
  const reply = await fetch(`${daemon.url}/api/v1/profiles?${labels.toString()}`, {
    method: 'POST',
    body: new Uint8Array(bytes),
  });
  const { id } = (await reply.json()) as { id?: string };
  assert.equal(reply.status, 200, JSON.stringify(id));

  const query = 'process_cpu:samples:count:samples:count';
  const asked = ['pprof', 'flamegraph', 'top', 'collapsed', 'speedscope', 'markdown'].map(
    (format) => `/api/v1/merge?query=${query}&format=${format}`,
  );
  asked.push(
    '/api/v1/series',
    '/api/v1/labels',
    '/api/v1/label/pod/values',
    `/api/v1/profiles?query=${query}`,
    '/api/v1/targets',
  );
  asked.push(`/api/v1/profiles/${id}`, `/api/v1/query_range?query=${query}`, '/metrics', '/api/v1/growth');
  for (const path of asked) {
    const answer = await fetch(daemon.url + path);
    const body = await answer.text();
    assert.equal(answer.status, 200, `${path} ${body.slice(0, 300)}`);
    const type = answer.headers.get('content-type') ?? '';
    assert.doesNotMatch(type, /html|svg|xml|javascript/, path);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'/, path);
    const disposition = answer.headers.get('content-disposition') ?? '';
    assert.match(disposition, /^(attachment; filename="[\w.-]*")?$/, path);
    if (type.includes('json')) JSON.parse(body);
    if (path.endsWith('collapsed')) {
      for (const line of body.trimEnd().split('\n'))
        assert.match(line, /^[^\p{Cc}\u2028\u2029]+ \d+$/u, JSON.stringify(line));
    }
    if (path.endsWith('markdown')) {
      assert.doesNotMatch(body, /\p{Cc}(?<!\n)|\u2028/u);
      // In code spans nothing is HTML or a link.
      assert.doesNotMatch(body.replaceAll(/(`+)[^\n]*?[^`]\1(?!`)/g, ''), /[<`]|]\(/);
    }
    if (path === '/metrics') assert.doesNotMatch(body, /^level=error|^b/m);
  }
  // Of an error, too.
  const error = await fetch(`${daemon.url}/api/v1/merge?query=cpu&format=${encodeURIComponent(all)}`);
  assert.match(error.headers.get('content-type') ?? '', /^(application\/problem\+json|text\/plain)/);

  for (const command of [['targets'], ['top', 'cpu'], ['status'], ['growth']]) {
    const { stdout, stderr } = spawnSync(process.execPath, [main, ...command, '--server', daemon.url], {
      encoding: 'utf8',
    });
    assert.doesNotMatch(stdout + stderr, /\p{Cc}(?<!\n)|\p{Bidi_Control}|\u2028/u, command.join(' '));
    assert.doesNotMatch(stdout, /^level=error/m, command.join(' '));
  }
  for (const line of daemon.log)
    assert.ok(!('message' in line && Object.keys(line).length === 1), JSON.stringify(line));
});

/** A stack for each name, and one of all of them. */
function hostileProfile(): Profile {
  const stacks = new StackTableBuilder();
  const samples = new SumColumn(0);
  for (const names of [...Object.values(hostile).map((name) => [name]), Object.values(hostile)]) {
    const row = stacks.intern({ frames: names.map(frameOf), labels: [{ key: all, text: all }] });
    samples.add(row, 10n);
  }
  return {
    sampleTypes: [{ type: 'samples', unit: 'count' }],
    stacks,
    values: [samples.finish(stacks.size)],
    divisors: [1],
    header: emptyHeader,
  };
}

test('label injection: what is filled into a page of the server is text', () => {
  for (const value of Object.values(hostile)) {
    const { text } = html`<p title="${value}">${value}</p>`;
    assert.equal(text.match(/[<>"]/g)?.join(''), '<""><>');
  }
});

test('header injection: names with line breaks and quotes stay inside the name of the file', async (t) => {
  for (const fileName of [
    'a\r\nSet-Cookie: x=y',
    'a"; filename="b',
    'a\u0000b',
    '../../etc/passwd',
    'ä\u2028',
    'x'.repeat(5000),
  ]) {
    const { app } = await injected(t, { answer: () => ({ ...pprofAnswer, fileName }) });
    const reply = await app.inject('/api/v1/merge?query=cpu');
    assert.equal(reply.statusCode, 200);
    assert.match(String(reply.headers['content-disposition']), /^attachment; filename="[\w.-]{1,200}"$/);
    assert.equal(reply.headers['set-cookie'], undefined);
  }
});

test('header injection: a pod, a profile and a namespace in an answer to a snap cannot add headers', async (t) => {
  const evil = 'a\r\nSet-Cookie: x=y';
  const labels = { namespace: evil, pod: evil };
  const snap = async () => ({
    bytes: pprofBytes,
    id: evil,
    labels,
    transport: 'direct' as const,
    transportReason: evil,
  });
  const { app } = await injected(t, { snap });
  const reply = await app.inject({ method: 'POST', url: '/api/v1/snap?namespace=shop&pod=checkout-1' });
  assert.equal(reply.headers['set-cookie'], undefined);
  assert.ok(reply.statusCode < 600);
  assert.doesNotMatch(JSON.stringify(reply.headers), /[\r\n]Set-Cookie/i);
});

test('header injection: what is asked for comes back in no header', async (t) => {
  const { app } = await injected(t);
  for (const url of [
    '/a%0d%0aSet-Cookie:%20x=y',
    '/login?next=/%0d%0aSet-Cookie:%20x=y',
    '/login?next=%2F%0d%0aSet-Cookie%3A%20x%3Dy',
  ]) {
    const reply = await app.inject({ url, headers: { accept: 'text/html' } });
    assert.equal(reply.headers['set-cookie'], undefined, url);
    assert.doesNotMatch(String(reply.headers.location), /[\r\n]/);
  }
});
