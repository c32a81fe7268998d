import assert from 'node:assert/strict';
import { type Frame, frameName, type PprofLabel } from '../../src/model/frame.ts';
import { plainView, type View } from '../../src/model/view.ts';
import { emptyHeader, type Profile, type ProfileHeader } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { SumColumn } from '../../src/profile/sum-column.ts';
import { viewed } from '../../src/profile/view/apply-view.ts';

/**
 * A profile as a person draws it, one stack in a line, root first; `-` is the empty stack. A frame is
 * `name@file:line!binary`, of which all but the name may be missing, with `^` before it when it was inlined; `0x1f!binary`
 * has no symbols. Labels are `{key=text}` or `{key=4096:bytes}`, then come the values.
 *
 *     main;serve@shop/serve.go:42!shop;^parse {bytes=4096:bytes} 3
 */
export function drawnProfile(text: string, header: Partial<ProfileHeader> = {}): Profile {
  const stacks = new StackTableBuilder();
  const columns: SumColumn[] = [];
  for (const line of text.trim().split('\n')) {
    const [, stack = '', labels = '', values = ''] = /^(\S+)\s+(?:\{(.*)\}\s+)?(.*)$/.exec(line.trim()) ?? [];
    const frames = stack === '-' ? [] : stack.split(';').map(drawnFrame);
    const row = stacks.intern({ frames, labels: labels === '' ? [] : labels.split(',').map(labelOf) });
    for (const [type, value] of values.split(/\s+/).entries())
      (columns[type] ??= new SumColumn(0)).add(row, BigInt(value));
  }
  return {
    sampleTypes: columns.map((_, i) => ({ type: `type${i}`, unit: 'count' })),
    stacks,
    values: columns.map((column) => column.finish(stacks.size)),
    divisors: columns.map(() => 1),
    header: { ...emptyHeader, ...header },
  };
}

/** The rows in the same form, sorted: names only, `^` before inlined ones. */
export function drawing({ stacks, values }: Profile): string {
  const lines = Array.from({ length: stacks.size }, (_, row) => {
    const { frames, labels } = stacks.stack(row);
    const names = frames.map((frame) => (frame.inlined ? '^' : '') + frameName(frame)).join(';');
    const texts = labels.map(
      (label) => `${label.key}=${'text' in label ? label.text : `${label.number}:${label.unit}`}`,
    );
    return [
      names || '-',
      ...(texts.length > 0 ? [`{${texts.join()}}`] : []),
      ...values.map((column) => column[row]),
    ].join(' ');
  });
  return lines.sort().join('\n');
}

/** What a view makes of a drawn profile, and its warnings, is what is drawn. */
export function assertView(input: string | Profile, view: Partial<View>, expected: string, warnings = ''): void {
  const profile = typeof input === 'string' ? drawnProfile(input) : input;
  const shown = viewed(profile, { ...plainView, ...view }, () => {});
  const lines = expected.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  assert.equal(
    drawing(shown.profile),
    lines
      .filter((line) => line !== '')
      .sort()
      .join('\n'),
  );
  assert.equal(shown.warnings.join('\n'), warnings);
}

export function drawnFrame(text: string): Frame {
  const [, inlined = '', name = '', file = '', line = '0', binary] =
    /^(\^?)([^@!]*)(?:@([^!]*?)(?::(\d+))?)?(?:!(.*))?$/.exec(text) ?? [];
  const isBare = /^0x[0-9a-f]+$/.test(name);
  return {
    function: isBare ? undefined : { name, systemName: '', file, startLine: 0 },
    line: Number(line),
    column: 0,
    inlined: inlined !== '',
    folded: false,
    mapping: binary === undefined ? undefined : { file: binary, buildId: '' },
    address: isBare ? BigInt(name) : 0n,
  };
}

function labelOf(text: string): PprofLabel {
  const [key = '', value = ''] = text.split('=');
  const [, number, unit = ''] = /^(-?\d+):(.*)$/.exec(value) ?? [];
  return number === undefined ? { key, text: value } : { key, number: BigInt(number), unit };
}
