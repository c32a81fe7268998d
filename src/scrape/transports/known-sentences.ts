/** What pprof servers say about a failure: the sentences of Go's net/http/pprof and its mux, which others copy. */
const sentences: readonly RegExp[] = [
  /Could not enable (CPU profiling|tracing): (cpu profiling|tracing) already in use/i,
  /(cpu )?profil(e|er|ing) (is )?already (in use|running|started|in progress)/i,
  /profile duration exceeds server's WriteTimeout/i,
  /Unknown profile/,
  /"seconds" parameter is not supported for this profile type/,
  /invalid value for "seconds" - must be a positive integer/,
  /failed to (collect profile|generate profile|compute delta)/,
  /404 page not found/,
];

/** The first such sentence in a text, by itself; "" when it holds none. The text around it is not ours to show. */
export function knownSentence(text: string): string {
  for (const sentence of sentences) {
    const found = sentence.exec(text);
    if (found) return found[0];
  }
  return '';
}
