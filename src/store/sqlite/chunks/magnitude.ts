/** How large a number is, in powers of two: 0 for 0, 1 for 1, 2 for 2 and 3, 3 for 4 to 7; `mostMagnitude` at most. */
export const mostMagnitude = 31;

export function magnitudeOf(value: number): number {
  return value < 2 ** 30 ? 32 - Math.clz32(value) : mostMagnitude;
}

/** 0, -1, 1, -2 → 0, 1, 2, 3; up to 2^52 in size. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unfold(value: number): number {
  // Remainders of doubles are slow.
  if (value < 2 ** 31) return (value >>> 1) ^ -(value & 1);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
