/** The most that is kept of what a target says about its failure. */
export const maxSnippetBytes = 300;

/**
 * Text from a target, made harmless for logs, terminals and pages: control characters, bidirectional overrides and broken
 * UTF-8 become spaces, runs of white space one space, and at most 300 bytes are kept, never half a character.
 */
export function cleanSnippet(bytes: Uint8Array): string {
  const text = new TextDecoder()
    .decode(bytes.subarray(0, 4 * maxSnippetBytes))
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ')
    .trim();
  if (Buffer.byteLength(text) <= maxSnippetBytes) return text;
  let kept = '';
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > maxSnippetBytes) break;
    kept += character;
  }
  return kept.trimEnd();
}
