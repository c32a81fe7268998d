import { hoursOfDay } from '../files/data-dir.ts';
import { RollBuilder } from './roll-builder.ts';
import type { RollReader } from './roll-reader.ts';
import type { RollWriter } from './roll-writer.ts';

/**
 * Writes all roll-ups of a UTC day anew, from the roll-ups of its hours, as one transaction. Stops after each group, so that
 * the caller may rest: nothing is written before the end, nor when the caller gives up.
 */
export function* rollUpDay(day: number, hours: RollReader, writer: RollWriter): Generator<undefined, void> {
  const [from, to] = [day * hoursOfDay, (day + 1) * hoursOfDay];
  hours.begin();
  writer.begin();
  let isWhole = false;
  try {
    writer.clear(day);
    for (const { id, labels } of hours.groups()) {
      const byKind = Map.groupBy(hours.rolls([id], undefined, from, to), ({ key }) => key.kind);
      for (const [kind, rolls] of byKind) {
        const builder = new RollBuilder();
        for (const roll of rolls) builder.addRoll(roll);
        for (const roll of builder.finish(labels, kind, day)) writer.insert(roll);
      }
      yield;
    }
    writer.commit();
    isWhole = true;
  } finally {
    if (!isWhole) writer.rollback();
    hours.end();
  }
}
