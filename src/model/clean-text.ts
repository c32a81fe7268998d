import { redact } from './redact.ts';
import type { Bytes } from './units.ts';

/** What a target or a server said, as `cleanText` makes it, with secrets hidden: it may repeat what it was sent. */
export function cleanMessage(text: string, maxBytes: Bytes): string {
  return cleanText(redact(text.slice(0, 4 * maxBytes)), maxBytes);
}

/**
 * Text from outside, made harmless for logs, terminals and pages: control characters, bidirectional overrides and broken
 * UTF-8 become spaces, runs of white space one space, and at most `maxBytes` are kept, never half a character. Names of
 * functions and labels keep their letters, whatever they look like.
 */
export function cleanText(text: string, maxBytes: Bytes): string {
  const plain = text
    .slice(0, 4 * maxBytes)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ')
    .trim();
  if (Buffer.byteLength(plain) <= maxBytes) return plain;
  let kept = '';
  let size = 0;
  for (const character of plain) {
    size += Buffer.byteLength(character);
    if (size > maxBytes) break;
    kept += character;
  }
  return kept.trimEnd();
}
