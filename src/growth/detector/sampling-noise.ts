/**
 * The standard error of a difference of two levels, `a` before and `b` after, of a sampled heap: each level is a sum of samples
 * of `weight` bytes (`sampleWeight`), so the variance is `weight · (a + b)`; never less than one sample.
 */
export function sigma(weight: number, a: number, b: number): number {
  return Math.sqrt(weight * Math.max(weight, a + b));
}
