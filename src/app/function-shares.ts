/**
 * The largest number that all may have so that the sum of what they get, the smaller of it and what they want, is at most
 * `total`: nobody is cut below it for the sake of somebody who wants more (max-min fairness). Infinity when all get all they want.
 */
export function fairShare(wanted: readonly number[], total: number): number {
  const ascending = [...wanted].sort((a, b) => a - b);
  let left = total;
  for (const [index, want] of ascending.entries()) {
    const others = ascending.length - index;
    if (want * others > left) return Math.floor(left / others);
    left -= want;
  }
  return Number.POSITIVE_INFINITY;
}
