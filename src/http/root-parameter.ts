import { Type } from 'typebox';
import { FlameherdError } from '../model/errors.ts';
import { parseFoldedStack } from '../model/folded-stack.ts';
import { bounds } from './bounds.ts';
import { text } from './parameters.ts';

/** A part of a flame graph: what is under one frame. */
export const rootParameter = {
  root: Type.Optional(
    text(
      String.raw`format=flamegraph: only what is under this stack, and max_nodes for it alone: the names from the root's child to the frame, joined by ; as format=collapsed has them (in a name, ; is \; and \ is \\). meta.rootTotal is the total of the whole.`,
      bounds.rootLength,
    ),
  ),
};

/** The names of the stack, as questions have them. Throws `bad_parameter` for a format that has no parts. */
export function readRoot(format: string, given: string | undefined): { readonly root?: readonly string[] } {
  if (given === undefined) return {};
  if (format === 'flamegraph') return { root: parseFoldedStack('root', given) };
  throw new FlameherdError('bad_parameter', `root: format=${format} is of all stacks; allowed with format=flamegraph`, {
    hint: 'focus=EXPRESSION keeps the stacks that have a function, in every format',
  });
}
