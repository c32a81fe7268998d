import { humanValue } from '../../model/human-value.ts';

/** A number in its unit; `–` where there is none. */
export function told(amount: number | null | undefined, unit: string): string {
  return amount === null || amount === undefined ? '–' : humanValue(amount, unit);
}

export function toldMs(ms: number | null | undefined): string {
  return told(ms === null || ms === undefined ? undefined : ms * 1e6, 'nanoseconds');
}
