import './provenance.css';
import { useId, useMemo, useRef, useState } from 'preact/hooks';
import { counted } from '../../model/human-value.ts';
import type { TimeWindow } from '../../model/units.ts';
import type { ScrapesAnswer } from '../api/answers.ts';
import { windowText } from '../format/time.ts';
import { plotRoom } from './plot.ts';
import { builtText, countScrapes, partOf, type ScrapedProcess, scrapesOf, troubleText } from './provenance.ts';
import { StripRow } from './strip-row.tsx';
import { TroubleTable } from './trouble-table.tsx';
import { useWidth } from './use-width.ts';

/** Rows that are shown at once; the rest is one click away. */
const fewRows = 4;

/**
 * The scrapes that a graph was built from, below its timeline: a row for each process, a cell for each scrape. What is missing
 * is seen where it is missing, so that a dip is not mistaken for a win.
 */
export function Provenance({
  answer,
  shown,
  range,
}: {
  readonly answer: ScrapesAnswer;
  readonly shown: TimeWindow;
  /** What the graph is of; undefined: all that is shown. */
  readonly range?: TimeWindow | undefined;
}) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box) - plotRoom.left - plotRoom.right;
  const [isWhole, setIsWhole] = useState(false);
  const [isTold, setIsTold] = useState(false);
  const told = useId();
  const rows = useMemo(
    () => answer.processes.map((process) => ({ process, scrapes: scrapesOf(process, answer.failures, shown) })),
    [answer, shown],
  );
  const part = partOf(shown, range);
  const inPart = rows.map(({ process, scrapes }) => ({
    process,
    scrapes: scrapes.filter(({ atMs }) => atMs >= part.fromMs && atMs < part.toMs),
  }));
  const counts = countScrapes(inPart.flatMap(({ scrapes }) => scrapes));
  const observed = inPart.filter(({ scrapes }) => scrapes.length > 0).length;
  const isBad = counts.built < counts.due;
  const folded = rows.slice(fewRows);
  const foldedTrouble = troubleText(countScrapes(folded.flatMap(({ scrapes }) => scrapes)));
  return (
    <section class="provenance" aria-label="Scrapes">
      <p class="provenance-summary" role="status">
        <span class={isBad ? 'provenance-bad' : 'muted'}>
          {isBad ? '⚠ ' : ''}
          {builtText(counts)}
        </span>
        <span class="muted">
          of {counted(observed + (range ? 0 : answer.processesLeftOut), 'process', 'processes')}, {windowText(part)}
        </span>
        {counts.due > counts.ok && (
          <button class="plain" aria-expanded={isTold} aria-controls={told} onClick={() => setIsTold(!isTold)}>
            {isTold ? 'Hide what is missing' : 'What is missing'}
          </button>
        )}
      </p>
      <div ref={box} class="provenance-rows">
        {width > 0 &&
          rows
            .slice(0, isWhole ? rows.length : fewRows)
            .map(({ process, scrapes }) => (
              <StripRow key={process.process} name={nameOf(process)} {...{ process, scrapes, shown, width, part }} />
            ))}
      </div>
      {folded.length > 0 && (
        <button class="plain provenance-more" onClick={() => setIsWhole(!isWhole)} aria-expanded={isWhole}>
          {isWhole
            ? 'Show fewer'
            : `and ${counted(folded.length, 'further process', 'further processes')}${foldedTrouble && `: ${foldedTrouble}`}`}
        </button>
      )}
      {answer.processesLeftOut > 0 && (isWhole || folded.length === 0) && (
        <p class="muted provenance-more">
          {counted(answer.processesLeftOut, 'further process is', 'further processes are')} not listed
        </p>
      )}
      <div id={told} hidden={!isTold}>
        {isTold && <TroubleTable rows={inPart.map(({ process, scrapes }) => ({ name: nameOf(process), scrapes }))} />}
      </div>
    </section>
  );
}

function nameOf({ labels, process }: ScrapedProcess): string {
  return labels['pod'] ?? process;
}
