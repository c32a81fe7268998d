/** Longer texts are no quantity of anything; the API server takes none with more than 18 digits. */
const maxLength = 64;
const maxExponent = 30;
const form = /^\+?(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/**
 * Reads a quantity of Kubernetes (`resource.Quantity`) as a whole number, rounded up as its `Value()` is: `512Mi`, `1.5Gi`, `1G`,
 * `123e6`, `128974848000m`. Undefined when it is none, is negative, or is beyond 2^53.
 */
export function parseQuantity(text: string): number | undefined {
  const found = text.length > maxLength ? null : form.exec(text);
  if (!found) return undefined;
  const [, whole = '', fraction = '', power2 = '', power10 = '', exponent = ''] = found;
  if (whole === '' && fraction === '') return undefined;
  const power = Number(exponent === '' ? (decimal[power10] ?? 0) : exponent) - fraction.length;
  if (Math.abs(power) > maxLength + maxExponent) return undefined;
  const digits = BigInt(whole + fraction) * 1024n ** BigInt(binary.indexOf(power2));
  const value = power < 0 ? divideUp(digits, 10n ** BigInt(-power)) : digits * 10n ** BigInt(power);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
