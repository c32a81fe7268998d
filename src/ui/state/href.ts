/** Parameters of the URL; those that are empty or undefined are left out. */
export type Parameters = Readonly<Record<string, string | undefined>>;

export function hrefOf(path: string, parameters: Parameters = {}): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
