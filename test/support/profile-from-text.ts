import type { Frame, PprofLabel } from '../../src/model/frame.ts';
import type { ValueType } from '../../src/model/profile-type.ts';
import { emptyHeader, type Profile, type ProfileHeader } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { SumColumn } from '../../src/profile/sum-column.ts';

/** A frame that has nothing but a name. */
export function frameOf(name: string): Frame {
  return {
    function: { name, systemName: '', file: '', startLine: 0 },
    line: 0,
    column: 0,
    inlined: false,
    folded: false,
    mapping: undefined,
    address: 0n,
  };
}

export interface TextOptions {
  readonly types?: readonly ValueType[];
  readonly header?: Partial<ProfileHeader>;
  readonly divisors?: readonly number[];
}

/**
 * Reads a profile as a person would write it in a test: a stack, root first, and a value for each sample type; labels
 * in braces between them, numbers with a colon. `-` is the empty stack.
 *
 *     main;serve;query {route=/pay} 4
 *     main;idle {size:=16} 2
 */
export function profileFromText(text: string, options: TextOptions = {}): Profile {
  const types = options.types ?? [{ type: 'samples', unit: 'count' }];
  const stacks = new StackTableBuilder();
  const columns = types.map(() => new SumColumn(0));
  for (const line of text.trim().split('\n')) {
    if (line.trim() === '') continue;
    const [, stack = '', labels = '', values = ''] = /^(\S+)\s+(?:\{(.*)\}\s+)?(.*)$/.exec(line.trim()) ?? [];
    const frames = stack === '-' ? [] : stack.split(';').map(frameOf);
    const row = stacks.intern({ frames, labels: labels === '' ? [] : labels.split(',').map(labelOf) });
    values.split(/\s+/).forEach((value, type) => columns[type]?.add(row, BigInt(value)));
  }
  return {
    sampleTypes: types,
    stacks,
    values: columns.map((column) => column.finish(stacks.size)),
    divisors: options.divisors ?? types.map(() => 1),
    header: { ...emptyHeader, ...options.header },
  };
}

/** The rows of a profile in the same form, sorted; rows of 0 are left out. */
export function textOfProfile(profile: Profile): string {
  const lines: string[] = [];
  for (let row = 0; row < profile.stacks.size; row++) {
    const { frames, labels } = profile.stacks.stack(row);
    const values = profile.values.map((column) => String(column[row] ?? 0));
    if (values.every((value) => value === '0')) continue;
    const names = frames.map((frame) => frame.function?.name ?? `0x${frame.address.toString(16)}`).join(';');
    const tags = labels.map((label) => `${label.key}=${'text' in label ? label.text : label.number}`).join(',');
    lines.push(`${names || '-'}${tags === '' ? '' : ` {${tags}}`} ${values.join(' ')}`);
  }
  return lines.sort().join('\n');
}

function labelOf(text: string): PprofLabel {
  const number = /^(.*):=(-?\d+)$/.exec(text);
  if (number) return { key: number[1] ?? '', number: BigInt(number[2] ?? 0), unit: '' };
  const [key = '', value = ''] = text.split('=');
  return { key, text: value };
}
