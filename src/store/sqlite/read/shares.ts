/**
 * Shares out some sums over takers in proportion to the whole of each, of which the sums are parts that have nothing in
 * common. Returns by taker, then by sum. The shares of a sum add up to it exactly, and those of a taker to no more than its
 * whole: to all of it where the sums are all there is. Each is rounded by largest remainder.
 */
export function sharesOf(sums: readonly bigint[], wholes: readonly bigint[]): bigint[][] {
  const whole = wholes.reduce((all, one) => all + one, 0n);
  const rest = sums.reduce((left, sum) => left - sum, whole);
  if ([...sums, ...wholes, rest].some((value) => value < 0n)) return signedShares(sums, wholes);
  // What is left of each sum, and of all that is in none of them: it is a sum like any other.
  const left = [...sums, rest];
  let wholeLeft = whole;
  return wholes.map((own) => {
    const taken = own === 0n ? left.map(() => 0n) : takenOf(left, own, wholeLeft);
    for (const [at, value] of taken.entries()) left[at] = (left[at] as bigint) - value;
    wholeLeft -= own;
    return taken.slice(0, sums.length);
  });
}

/** `own / whole` of each value, in whole numbers that add up to `own`; the values add up to `whole`. */
function takenOf(values: readonly bigint[], own: bigint, whole: bigint): bigint[] {
  const taken = values.map((value) => (value * own) / whole);
  const missing = Number(taken.reduce((left, value) => left - value, own));
  const remainders = values.map((value, at) => ({ at, remainder: (value * own) % whole }));
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.at - b.at : a.remainder > b.remainder ? -1 : 1));
  for (const { at } of remainders.slice(0, missing)) taken[at] = (taken[at] as bigint) + 1n;
  return taken;
}

/** Where something is negative: by the sizes of the wholes, evenly where those are 0. Each sum adds up, no more than that. */
function signedShares(sums: readonly bigint[], wholes: readonly bigint[]): bigint[][] {
  const sizes = wholes.map((whole) => (whole < 0n ? -whole : whole));
  const weights = sizes.every((size) => size === 0n) ? sizes.map(() => 1n) : sizes;
  const all = weights.reduce((sum, weight) => sum + weight, 0n);
  let before = 0n;
  return weights.map((weight) => {
    const upTo = before + weight;
    const shares = sums.map((sum) => (sum * upTo) / all - (sum * before) / all);
    before = upTo;
    return shares;
  });
}
