import type { Bytes } from './units.ts';

/**
 * Bytes that one sample of a heap profile stands for: `size / (1 - exp(-size / period))`, the sampling period for small objects
 * and their size for large ones. What a function holds is a sum of such steps, so the variance of `bytes` is `weight · bytes`
 * (compound Poisson: a few large objects are no trend). The period, where nothing is held.
 *
 * Source: `runtime.MemProfileRate`; the same factor scales samples in `scaleHeapSample` of Go's `runtime/pprof`.
 */
export function sampleWeight(bytes: Bytes, objects: number, period: Bytes): Bytes {
  if (!(bytes > 0) || !(objects > 0)) return period;
  const size = bytes / objects;
  return period > 0 ? size / -Math.expm1(-size / period) : size;
}
