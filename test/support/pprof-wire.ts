/**
 * Writes protobuf by hand, sound or broken on purpose. A message is a list of fields: `field(2, bytes)` is
 * length-delimited, `varintField(9, 5n)` a number.
 */
export function message(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** The low 64 bits of a number as a varint; negative numbers take ten bytes, as in protobuf. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function tag(number: number, type: number): Uint8Array {
  return varint(number * 8 + type);
}

export function varintField(number: number, value: number | bigint): Uint8Array {
  return message(tag(number, 0), varint(value));
}

export function field(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return message(tag(number, 2), varint(bytes.length), bytes);
}

export function packed(number: number, values: readonly (number | bigint)[]): Uint8Array {
  return field(number, message(...values.map(varint)));
}

/** The fields of pprof's `Profile` by name, each as its bytes. */
export const profileField = {
  sampleType: (type: number, unit: number) => field(1, message(varintField(1, type), varintField(2, unit))),
  sample: (locations: readonly (number | bigint)[], values: readonly (number | bigint)[], ...labels: Uint8Array[]) =>
    field(2, message(packed(1, locations), packed(2, values), ...labels.map((label) => field(3, label)))),
  mapping: (id: number | bigint, start: bigint, limit: bigint, offset: bigint, file: number) =>
    field(
      3,
      message(
        varintField(1, id),
        varintField(2, start),
        varintField(3, limit),
        varintField(4, offset),
        varintField(5, file),
      ),
    ),
  location: (id: number | bigint, mapping: number, address: bigint, ...lines: Uint8Array[]) =>
    field(
      4,
      message(
        varintField(1, id),
        varintField(2, mapping),
        varintField(3, address),
        ...lines.map((line) => field(4, line)),
      ),
    ),
  line: (fn: number | bigint, line: number | bigint) => message(varintField(1, fn), varintField(2, line)),
  function: (id: number | bigint, name: number, file = 0) =>
    field(5, message(varintField(1, id), varintField(2, name), varintField(4, file))),
  string: (text: string) => field(6, text),
  textLabel: (key: number, text: number) => message(varintField(1, key), varintField(2, text)),
  numberLabel: (key: number, number: number | bigint, unit: number) =>
    message(varintField(1, key), varintField(3, number), varintField(4, unit)),
};

/** Strings 1, 2, 3 … of `smallProfile`. */
const words = ['', 'samples', 'count', 'main', 'serve', 'main.go', 'bytes', '/app/shop'];

/** The tables of a sound profile without samples: type samples/count, locations 1 (main) and 2 (serve), string 6 `bytes`. */
export function tables(): Uint8Array[] {
  return [
    profileField.sampleType(1, 2),
    profileField.mapping(1, 0x400000n, 0x500000n, 0n, 7),
    profileField.location(1, 1, 0x400010n, profileField.line(1, 10)),
    profileField.location(2, 1, 0x400020n, profileField.line(2, 20)),
    profileField.function(1, 3, 5),
    profileField.function(2, 4, 5),
    ...words.map((word) => profileField.string(word)),
  ];
}

/** `main;serve 4` and `main 1`, and whatever fields are put behind. */
export function smallProfile(...more: readonly Uint8Array[]): Uint8Array {
  return message(...tables(), profileField.sample([2, 1], [4]), profileField.sample([1], [1]), ...more);
}
