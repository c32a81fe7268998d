import './provenance.css';
import type { ComponentChildren } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';
import { counted } from '../../model/human-value.ts';
import type { TimeWindow, UnixMs } from '../../model/units.ts';
import type { ScrapesAnswer } from '../api/answers.ts';
import { momentText } from '../format/time.ts';
import {
  builtText,
  countScrapes,
  partOf,
  type Scrape,
  type ScrapedProcess,
  scrapesOf,
  troubleText,
} from './provenance.ts';
import { StripRow } from './strip-row.tsx';
import { TroubleTable } from './trouble-table.tsx';

/** Rows that are shown at once; the rest is one click away. */
const fewRows = 3;

/** The parts of what is told about scrapes, each for its place around a timeline. */
export interface Provenance {
  /** A row for each process, a cell for each scrape: right below the lines. */
  readonly strip: ComponentChildren;
  /** What the graph was built from, in words. */
  readonly summary: ComponentChildren;
  /** What is missing and why, where it was asked for. */
  readonly details: ComponentChildren;
}

/**
 * The scrapes that a graph was built from. What is missing is seen where it is missing, so that a dip is not mistaken for a win.
 * `range` is what the graph is of; undefined: all that is shown.
 */
export function useProvenance(
  answer: ScrapesAnswer | undefined,
  shown: TimeWindow | undefined,
  range: TimeWindow | undefined,
  width: number,
): Provenance | undefined {
  const [isTold, setIsTold] = useState(false);
  const id = useId();
  const rows = useMemo(
    () =>
      shown && answer
        ? answer.processes.map((process) => ({ process, scrapes: scrapesOf(process, answer.failures, shown) }))
        : [],
    [answer, shown],
  );
  if (!answer || !shown || rows.length === 0) return undefined;
  const part = partOf(shown, range);
  const isInPart = ({ atMs }: Scrape): boolean => atMs >= part.fromMs && atMs < part.toMs;
  // What the graph is of comes first.
  const [inside, outside] = [true, false].map((wanted) =>
    rows.filter(({ scrapes }) => scrapes.some(isInPart) === wanted),
  );
  const sorted = [...(inside ?? []), ...(outside ?? [])];
  const inPart = sorted.map(({ process, scrapes }) => ({ name: nameOf(process), scrapes: scrapes.filter(isInPart) }));
  return {
    strip: <Strip rows={sorted} leftOut={answer.processesLeftOut} {...{ shown, part, width }} />,
    summary: (
      <Summary
        scrapes={inPart.flatMap(({ scrapes }) => scrapes)}
        processes={inPart.filter(({ scrapes }) => scrapes.length > 0).length}
        leftOut={answer.processesLeftOut}
        unlistedUntilMs={answer.scrapesFromMs > part.fromMs ? Math.min(answer.scrapesFromMs, part.toMs) : undefined}
        isTold={isTold}
        toggle={() => setIsTold(!isTold)}
        controls={id}
      />
    ),
    details: (
      <div id={id} hidden={!isTold}>
        {isTold && <TroubleTable rows={inPart} />}
      </div>
    ),
  };
}

function Strip({
  rows,
  leftOut,
  ...where
}: {
  readonly rows: readonly { readonly process: ScrapedProcess; readonly scrapes: readonly Scrape[] }[];
  readonly leftOut: number;
  readonly shown: TimeWindow;
  readonly part: TimeWindow;
  readonly width: number;
}) {
  const [isWhole, setIsWhole] = useState(false);
  const folded = rows.slice(fewRows);
  return (
    <div class="provenance" role="group" aria-label="Scrapes by process">
      {rows.slice(0, isWhole ? rows.length : fewRows).map(({ process, scrapes }) => (
        <StripRow key={process.process} name={nameOf(process)} {...where} {...{ process, scrapes }} />
      ))}
      {folded.length > 0 && (
        <button class="plain provenance-more" onClick={() => setIsWhole(!isWhole)} aria-expanded={isWhole}>
          {isWhole
            ? 'Show fewer'
            : foldedText(
                folded.flatMap(({ scrapes }) => scrapes),
                folded.length,
              )}
        </button>
      )}
      {leftOut > 0 && (isWhole || folded.length === 0) && (
        <p class="muted provenance-more">
          {counted(leftOut, 'further process is', 'further processes are')} not listed
        </p>
      )}
    </div>
  );
}

function Summary({
  scrapes,
  processes,
  leftOut,
  unlistedUntilMs,
  isTold,
  toggle,
  controls,
}: {
  readonly scrapes: readonly Scrape[];
  readonly processes: number;
  /** Processes that are not listed. */
  readonly leftOut: number;
  /** Scrapes before are not listed: there are too many. */
  readonly unlistedUntilMs: UnixMs | undefined;
  readonly isTold: boolean;
  readonly toggle: () => void;
  readonly controls: string;
}) {
  const counts = countScrapes(scrapes);
  const isBad = counts.built < counts.due;
  return (
    <div class="provenance-summary">
      <span role="status" class={isBad ? 'provenance-bad' : 'muted'}>
        {isBad && '⚠ '}
        {builtText(counts)}
        {counts.due > 0 && (
          <span class="muted">
            {' '}
            of {leftOut > 0 && 'the busiest '}
            {counted(processes, 'process', 'processes')}
            {unlistedUntilMs !== undefined && `, from ${momentText(unlistedUntilMs)} on`}
          </span>
        )}
      </span>
      {counts.due > counts.ok && (
        <button class="plain" aria-expanded={isTold} aria-controls={controls} onClick={toggle}>
          {isTold ? 'Hide' : 'Which?'}
        </button>
      )}
    </div>
  );
}

/** `and 8 further processes: 6 missing`. */
function foldedText(scrapes: readonly Scrape[], processes: number): string {
  const trouble = troubleText(countScrapes(scrapes));
  return `and ${counted(processes, 'further process', 'further processes')}${trouble && `: ${trouble}`}`;
}

function nameOf({ labels, process }: ScrapedProcess): string {
  return labels['pod'] ?? process;
}
