/** What stands where a secret was. */
const hidden = '***';

/**
 * Secrets by their form, wherever they stand in a text. Each has bounds, so that a text made to be slow is not. Names that end
 * in `File`, such as `tokenFile`, name no secret but where one is; TOKEN is what our own hints say for one.
 */
const forms: readonly (readonly [form: RegExp, instead: string])[] = [
  // https://user:password@host, also where the password has what belongs behind %, and not the port of https://host:1/a@b.
  [/:\/\/(?!flameherd:TOKEN@)[^\s/?#@"'<>\\]{1,500}@/g, `://${hidden}@`],
  [/:\/\/(?!flameherd:TOKEN@)[^\s/?#@:"'<>\\]{0,200}:(?!\d{1,5}(?:[/?#,;\s]|$))[^\s@"'<>]{1,500}@/g, `://${hidden}@`],
  [
    /([?&;](?:access_token|api[-_]?key|auth|key|password|secret|sig|signature|token)=)[^&;\s"'<>]{1,2000}/gi,
    `$1${hidden}`,
  ],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(["']?\s{0,5}[:=]\s{0,5}["']?)(?!\s{0,5}Bearer TOKEN\b)[^\r\n"']{1,4000}/gi,
    `$1$2${hidden}`,
  ],
  // A word that follows in a sentence has no digit and no =.
  [/\b(Bearer|Basic|Negotiate)\s{1,5}(?=[\w.~+/-]{0,4000}[\d=])[\w.~+/=-]{6,4000}/gi, `$1 ${hidden}`],
  [/\beyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]{0,4000})?/g, hidden],
  [
    /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[\s\S]{0,10000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
    `$1${hidden}`,
  ],
  [
    /("[\w.-]{0,60}(?:authorization|cookie|password|passwd|secret|token|key-data|private[-_]?key|api[-_]?key)"\s{0,5}:\s{0,5})"(?:[^"\\]|\\.){0,4000}"/gi,
    `$1"${hidden}"`,
  ],
  [
    /^([ \t]{0,100}(?:- )?(?:password|token|id-token|refresh-token|client-secret|client-key-data|access-token)[ \t]{0,5}:[ \t]{1,5})(?!unknown key)\S[^\r\n]{0,4000}/gim,
    `$1${hidden}`,
  ],
];

const secretName = /(?:authorization|cookie|password|passwd|secret|token|key-data|private[-_]?key|api[-_]?key)$/i;

/** A text without what looks like a secret: users and passwords of URLs, Authorization and Cookie, tokens, private keys. */
export function redact(text: string): string {
  let redacted = text;
  for (const [form, instead] of forms) redacted = redacted.replace(form, instead);
  return redacted;
}

/** The same for all texts in a value, and for values whose names say that they are secrets. Nothing is changed in place. */
export function redactAll(value: unknown): unknown {
  return redactWithin(value, 0);
}

/** What is nested deeper is none of ours. */
const maxDepth = 8;

function redactWithin(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (value instanceof Error) return redact(value.stack ?? value.message);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return '…';
  if (Array.isArray(value)) return value.map((item) => redactWithin(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretName.test(name) && typeof inner === 'string' && inner !== '' ? hidden : redactWithin(inner, depth + 1),
    ]),
  );
}
