import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantsPage } from '../../src/http/accept.ts';

for (const [accept, isJson, who] of [
  [undefined, true, 'no header'],
  ['*/*', true, 'curl'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', false, 'a browser'],
  ['application/json', true, 'a program'],
  ['application/json, text/plain, */*', true, 'a JavaScript client'],
  ['application/json, */*;q=0.5', true, 'with anything else as second best'],
  ['text/html, application/json;q=0.9', false, 'the larger q wins'],
  ['text/html;q=0.8, application/json;q=0.9', true, 'in both directions'],
  ['application/*', true, 'by the half of a type'],
  ['application/json;q=0, text/html', false, 'q=0 is never'],
  ['application/json;q=0, */*', true, 'q=0 of JSON does not make a page of anything'],
  [' Application/JSON ; charset=utf-8 ; Q=1.0 ', true, 'case and blanks do not count'],
  ['application/json;q=x, a b c, ,;', true, 'what is no range does not count'],
] as const) {
  test(`${who}: ${accept} is answered with ${isJson ? 'JSON' : 'a page'}`, () =>
    assert.equal(wantsPage(accept), !isJson));
}
