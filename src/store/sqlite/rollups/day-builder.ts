import { hoursOfDay } from '../files/data-dir.ts';
import type { RollInput } from './roll.ts';
import { RollBuilder } from './roll-builder.ts';
import type { RollReader } from './roll-reader.ts';
import type { RollWriter } from './roll-writer.ts';

/**
 * Writes all roll-ups of a UTC day anew, from the roll-ups of its hours, as one transaction. Stops after each group, so that
 * the caller may rest: nothing is written before the end, nor when the caller gives up.
 */
export function rollUpDay(day: number, hours: RollReader, writer: RollWriter): Generator<undefined, void> {
  return writer.replaceBucket(day, rollsOf(day, hours));
}

function* rollsOf(day: number, hours: RollReader): Generator<RollInput | undefined> {
  const [from, to] = [day * hoursOfDay, (day + 1) * hoursOfDay];
  hours.begin();
  try {
    for (const { id, labels } of hours.groups()) {
      const byKind = Map.groupBy(hours.rolls([id], undefined, from, to), ({ key }) => key.kind);
      for (const [kind, rolls] of byKind) {
        const builder = new RollBuilder();
        for (const roll of rolls) builder.addRoll(roll);
        yield* builder.finish(labels, kind, day);
      }
      yield undefined;
    }
  } finally {
    hours.end();
  }
}
