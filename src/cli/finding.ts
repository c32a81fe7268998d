/** One thing that `doctor` looked at. */
export interface Finding {
  readonly what: string;
  /** `note`: something is off, and the rest works. */
  readonly verdict: 'good' | 'bad' | 'note';
  readonly detail: string;
  readonly hint?: string | undefined;
}
