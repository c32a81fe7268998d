import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Answer } from './engine.ts';

/**
 * Marks an answer so that its body is moved to the asking thread, not copied. piscina unwraps what it moves: the other side
 * sees the answer as it is. The body must not be used in this thread afterwards.
 */
export function moveAnswer(answer: Answer): Answer {
  if (answer.kind === 'error') return answer;
  // A small Buffer shares its memory with others: moving that would take theirs along.
  const isWhole = answer.body.byteLength === answer.body.buffer.byteLength;
  const whole: Answer = isWhole ? answer : { ...answer, body: new Uint8Array(answer.body) };
  return move({ [transferableSymbol]: [whole.body.buffer], [valueSymbol]: whole }) as unknown as Answer;
}
