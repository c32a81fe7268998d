import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginAddress } from '../../../src/ui/api/login.ts';

for (const [place, address] of [
  [{ pathname: '/', search: '', hash: '' }, '/login'],
  [{ pathname: '/targets', search: '', hash: '' }, '/login?next=%2Ftargets'],
  [{ pathname: '/explore', search: '?query=a%26b', hash: '#x' }, '/login?next=%2Fexplore%3Fquery%3Da%2526b%23x'],
] as const) {
  test(`from ${place.pathname}${place.search}${place.hash} the login is ${address}`, () => {
    assert.equal(loginAddress('/login', place), address);
  });
}
