import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanValue, printable, table } from '../../src/cli/output.ts';

test('what a terminal would take for a command, or for another direction of writing, is a space', () => {
  assert.equal(printable('a\u001b[2Jb\u009b31mc\nd\u007f'), 'a [2Jb 31mc d ');
  assert.equal(printable('main.\u202egnp.exe\u2066x\u2028y'), 'main. gnp.exe x y');
  assert.equal(printable('größe 関数 👩‍💻'), 'größe 関数 👩‍💻');
});

test('columns are cleaned before they are measured', () => {
  assert.equal(
    table(
      ['N', 'FUNCTION'],
      [
        ['1', 'a\u001bb'],
        ['10', 'c'],
      ],
    ),
    ' N  FUNCTION\n 1  a b\n10  c\n',
  );
});

test('a unit is a text from outside as well', () => assert.equal(humanValue(3, 'x\u001b[2J'), '3 x [2J'));
