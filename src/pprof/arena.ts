/** Columns up to this many elements are kept for good; larger ones only as long as they are needed. */
const keptLength = 1 << 16;

type Column = Int32Array | Float64Array | Uint8Array;

/** `column` or a longer copy of it with room for `need` elements. What is new is 0. */
export function grown<C extends Column>(column: C, need: number): C {
  if (need <= column.length) return column;
  let length = column.length * 2;
  while (length < need) length *= 2;
  const longer = emptyLike(column, length);
  longer.set(column);
  return longer;
}

/**
 * `column`, or a shorter one in its place when the decode before used less than a quarter of it. So one giant profile
 * does not hold its memory for ever, and a run of giants does not pay for growing each time. Up to `kept` elements stay:
 * a heap profile comes between two small ones again and again. Contents are undefined.
 */
export function trimmed<C extends Column>(column: C, used: number, kept = keptLength): C {
  if (column.length <= kept || used * 4 >= column.length) return column;
  let length = kept;
  while (length < used) length *= 2;
  return emptyLike(column, length);
}

function emptyLike<C extends Column>(column: C, length: number): C {
  return new (column.constructor as new (length: number) => C)(length);
}
