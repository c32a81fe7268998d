import type { StatusAnswer } from '../api/answers.ts';
import type { Problem } from '../api/problem.ts';

/** One line under the bar: what a reader of any page has to know about the server. */
export interface Notice {
  readonly kind: 'bad' | 'warn' | 'info';
  readonly text: string;
  /** What more there is to say. */
  readonly detail: string;
}

/** What stands in the way of what the pages show: the gravest first, nothing when all is well. */
export function noticesOf(status: StatusAnswer | undefined, problem: Problem | undefined): Notice[] {
  if (problem) return [ofProblem(problem)];
  if (!status) return [];
  const notices: Notice[] = [];
  if (!status.ready) notices.push({ kind: 'warn', text: 'Not ready', detail: status.reasons.join('; ') });
  if (status.store?.fullBecause !== undefined) {
    notices.push({ kind: 'bad', text: 'Nothing is stored', detail: status.store.fullBecause });
  }
  if (status.lease.role === 'standby') notices.push({ kind: 'info', text: 'Standby', detail: status.lease.detail });
  const isAllPaused = status.pauses.some(({ namespace }) => namespace === undefined);
  if (isAllPaused) notices.push({ kind: 'warn', text: 'Paused', detail: 'an operator paused everything; see Targets' });
  return notices;
}

function ofProblem({ status, message, hint }: Problem): Notice {
  if (status === 0) {
    return { kind: 'bad', text: 'The server does not answer', detail: 'what is shown may be old; it is asked again' };
  }
  return { kind: 'bad', text: 'The server refuses', detail: hint === undefined ? message : `${message}; ${hint}` };
}
