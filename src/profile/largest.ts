/**
 * The first `limit` of some ids, the largest first; `compare` decides wholly, and puts a larger size before a smaller one. Only those
 * that can be among the first are sorted by it: of 100,000 functions most tie, and texts take long to be compared.
 */
export function largest(
  ids: readonly number[],
  sizes: Float64Array,
  limit: number,
  compare: (a: number, b: number) => number,
): readonly number[] {
  const sizeOf = (id: number): number => sizes[id] as number;
  const least = ids.length <= limit ? 0 : Float64Array.from(ids, sizeOf).sort()[Math.max(0, ids.length - limit)];
  const near = ids.filter((id) => sizeOf(id) >= (least ?? Infinity));
  return near.sort(compare).slice(0, limit);
}
