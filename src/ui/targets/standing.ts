import type { TargetEntry } from '../api/answers.ts';

/** How a source stands: the health of those that are scraped, why the others are not. The gravest first. */
export const standings = ['down', 'unresolved', 'unknown', 'up', 'held', 'candidate'] as const;
export type Standing = (typeof standings)[number];

export interface StandingWords {
  readonly mark: string;
  readonly label: string;
  /** What it means, in a sentence. */
  readonly means: string;
}

/** Each has a mark of its own, for colour alone tells nothing to some. */
export const standingWords: Readonly<Record<Standing, StandingWords>> = {
  up: { mark: '●', label: 'up', means: 'The last scrape was good.' },
  down: { mark: '▲', label: 'down', means: 'The last scrape failed.' },
  unknown: { mark: '○', label: 'not yet scraped', means: 'Opted in, and not scraped so far.' },
  unresolved: { mark: '✕', label: 'unresolved', means: 'Opted in, but what is declared cannot be carried out.' },
  held: {
    mark: 'Ⅱ',
    label: 'held',
    means: 'Opted in, and waiting: paused, over a limit, or left to another collector.',
  },
  candidate: { mark: '◌', label: 'candidate', means: 'Annotated for another profiler, and not opted in here.' },
};

export function standingOf({ state, health }: Pick<TargetEntry, 'state' | 'health'>): Standing {
  const standing = state === 'active' ? health : state;
  return standings.find((each) => each === standing) ?? 'unknown';
}

export type Counts = Readonly<Record<Standing, number>>;

export function countStandings(targets: readonly TargetEntry[]): Counts {
  const counts = Object.fromEntries(standings.map((standing) => [standing, 0])) as Record<Standing, number>;
  for (const target of targets) counts[standingOf(target)] += 1;
  return counts;
}

/** The gravest that occurs. */
export function worstOf(counts: Counts): Standing {
  return standings.find((standing) => counts[standing] > 0) ?? 'unknown';
}

/** `4 up`, `1 down, 3 up`. */
export function countsText(counts: Counts): string {
  return standings
    .filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${standingWords[standing].label}`)
    .join(', ');
}
