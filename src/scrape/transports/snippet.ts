import { cleanMessage } from '../../model/clean-text.ts';

/** The most that is kept of what a target says about its failure. */
export const maxSnippetBytes = 300;

/** What a target says, as `cleanMessage` makes it harmless: at most 300 bytes. */
export function cleanSnippet(bytes: Uint8Array): string {
  return cleanMessage(new TextDecoder().decode(bytes.subarray(0, 4 * maxSnippetBytes)), maxSnippetBytes);
}
