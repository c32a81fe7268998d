import { kindOfProfileType, type ProfileType } from '../../model/profile-type.ts';
import { formatTime } from '../../model/time.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import type { ProfileEntry, ProfileReader, SeriesSelector } from '../../store/profile-store.ts';
import { mostIntervals } from '../../store/standing.ts';
import type { Answer, ScrapesQuestion } from '../engine.ts';
import { emptyHint } from '../hint.ts';
import { type JsonValue, jsonAnswer, writeJson } from '../json.ts';
import { splitMatchers } from '../label-matchers.ts';
import { windowMembers } from '../meta.ts';
import { planWindow } from '../plan.ts';
import { Failures } from './failures.ts';
import { processRow, totalOf } from './process-row.ts';
import { aroundMs, busiest, processesIn, type SelectedProcess } from './processes.ts';

/** Profiles that are listed of all processes together, the newest. */
export const maxListedScrapes = 20_000;

/**
 * The scrapes behind a selection as JSON, by process: what was stored and what failed, and the gaps where neither is known though a scrape
 * should have been (`src/http/scrape-schemas.ts`). Conditions on pprof labels select no scrapes; they are left out, with a warning.
 */
export function answerScrapes(reader: ProfileReader, question: ScrapesQuestion, nowMs: UnixMs): Answer {
  const { type, matchers: given } = question.selector;
  const kind = kindOfProfileType(type);
  const { window, warnings } = planWindow(question.window, nowMs);
  const { matchers, sampleMatchers } = splitMatchers(reader, kind, given, window);
  const series = reader.series(matchers, { fromMs: window.fromMs - aroundMs, toMs: window.toMs + aroundMs }, kind);
  const all = processesIn(series, question.asked, window);
  const chosen = busiest(reader, all, { type, matchers, window, limit: question.limit });
  const read = readScrapes(reader, { kind, matchers }, chosen, window);
  const failures = new Failures();
  const rows = chosen
    .map((process) => ({ process, scrapes: read.of.get(process.id) ?? [] }))
    .map((one) => ({ ...one, total: totalIn(one.scrapes, type, window) }))
    .sort((a, b) => b.total - a.total)
    .map(({ process, scrapes }) => processRow(process, scrapes, { window, nowMs, fromMs: read.fromMs, failures }));
  return jsonAnswer(
    writeJson({
      kind,
      processes: rows,
      processesLeftOut: all.length - chosen.length,
      failures: failures.list,
      scrapesFromMs: read.fromMs,
      meta: {
        ...windowMembers(window),
        warnings: [...warnings, ...read.warnings, ...leftOutMatchers(sampleMatchers.map(({ name }) => name))],
        hint: all.length === 0 ? emptyHint(reader, { kind, matchers }, window) : undefined,
      },
    }),
  );
}

interface ReadScrapes {
  /** Oldest first; a little more than the window, so that gaps at its ends are seen. */
  readonly of: ReadonlyMap<string, readonly ProfileEntry[]>;
  /** All are there from here on. */
  readonly fromMs: UnixMs;
  readonly warnings: readonly string[];
}

function readScrapes(
  reader: ProfileReader,
  selector: SeriesSelector,
  processes: readonly SelectedProcess[],
  window: TimeWindow,
): ReadScrapes {
  const longestMs = processes.reduce((most, { intervalMs }) => Math.max(most, intervalMs), 0);
  const beyondMs = Math.min(aroundMs, mostIntervals * longestMs);
  const wider = { fromMs: window.fromMs - beyondMs, toMs: window.toMs + beyondMs };
  const ids = new Set(processes.map(({ id }) => id));
  const found = reader.profiles({ ...selector, processes: ids }, wider, maxListedScrapes + 1);
  const cut = found.length > maxListedScrapes ? found.at(-1) : undefined;
  const fromMs = Math.max(window.fromMs, cut ? cut.stampMs + 1 : 0);
  const whole = cut ? found.filter(({ stampMs }) => stampMs > cut.stampMs) : found;
  return {
    of: Map.groupBy(whole.toReversed(), ({ processId }) => processId),
    fromMs,
    warnings:
      fromMs > window.fromMs
        ? [
            `only the newest ${maxListedScrapes} scrapes are listed, from ${formatTime(fromMs)} on; ask for a shorter window`,
          ]
        : [],
  };
}

function totalIn(scrapes: readonly ProfileEntry[], type: ProfileType, { fromMs, toMs }: TimeWindow): number {
  return scrapes.reduce(
    (sum, scrape) => (scrape.stampMs >= fromMs && scrape.stampMs < toMs ? sum + totalOf(scrape, type) : sum),
    0,
  );
}

function leftOutMatchers(names: readonly string[]): JsonValue[] & string[] {
  return names.map((name) => `${name} is a label of samples, by which no scrapes can be selected; it is left out`);
}
