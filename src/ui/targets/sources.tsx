import type { TargetEntry } from '../api/answers.ts';
import { durationText } from '../format/time.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { hrefOf } from '../state/href.ts';
import { change } from '../state/place.ts';
import { fetchCommand } from './commands.ts';
import { useMore } from './more.tsx';
import { Counting } from './now.tsx';
import type { PauseOrder } from './pause-order.ts';
import { exploreUrl } from './snap.ts';
import { SnapButton } from './snap-button.tsx';
import { standingOf, standingWords } from './standing.ts';
import { told, toldMs } from './told.ts';
import type { Trouble } from './troubles.ts';
import type { WorkloadRow } from './workloads.ts';

const step = 20;
type ScrapeEntry = TargetEntry['scrapes'][number];

/** A workload opened: what is wrong and what to do, its sources, and each kind of them. */
export function Sources({
  row,
  onPause,
}: {
  readonly row: WorkloadRow;
  readonly onPause: (order: PauseOrder) => void;
}) {
  const { namespace, kind, name: workload, targets, troubles, warnings } = row;
  const { limit, rest } = useMore(targets.length, step);
  const scraped = targets[0]?.scrapes.find(({ health }) => health === 'up')?.kind;
  const explored = scraped && exploreUrl(scraped, { namespace, workload });
  return (
    <div class="targets-sources">
      <div class="targets-actions">
        {explored && <a href={explored}>Explore its profiles</a>}
        <button onClick={() => change({ explain: `${namespace}/${kind}/${workload}` })}>Explain</button>
        <button onClick={() => onPause({ namespace, workload })}>Pause this workload …</button>
      </div>
      {troubles.map((trouble) => (
        <TroubleBox key={trouble.message} trouble={trouble} sources={targets.length} />
      ))}
      {warnings.length > 0 && (
        <ul class="targets-warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <div class="targets-scroll">
        <table>
          <thead>
            <tr>
              <th>Profile</th>
              <th>State</th>
              <th class="number">Last</th>
              <th class="number targets-roomy">Next</th>
              <th class="number targets-roomy">Every</th>
              <th class="number targets-roomy">Took</th>
              <th class="number">Size</th>
              <th class="number targets-roomy">Samples</th>
              <th>
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          {targets.slice(0, limit).map((target) => (
            <Source key={target.source} target={target} />
          ))}
        </table>
      </div>
      {rest}
    </div>
  );
}

function TroubleBox({ trouble, sources }: { readonly trouble: Trouble; readonly sources: number }) {
  const { kinds, pods, message, advice } = trouble;
  const named = pods.slice(0, 3).join(', ');
  const where = pods.length > 3 ? `${named} and ${pods.length - 3} more` : named;
  return (
    <div class="targets-trouble">
      <p>
        <b>{kinds.join(', ')}</b>
        {sources > 1 && <> of {where}</>}: {message}
      </p>
      {advice !== '' && (
        <details>
          <summary>What to do</summary>
          <pre>{advice}</pre>
        </details>
      )}
    </div>
  );
}

function Source({ target }: { readonly target: TargetEntry }) {
  const { labels, transport, transportReason, scrapes, terminating } = target;
  const { namespace = '', pod = '', container, node, revision } = labels;
  const details = [
    container,
    node && `on ${node}`,
    revision && `revision ${revision}`,
    terminating && 'is shutting down',
  ];
  return (
    <tbody>
      <tr class="targets-source">
        <th colSpan={9} scope="rowgroup">
          <a href={hrefOf('/targets', { explain: `${namespace}/${pod}` })} title="Why is it scraped?">
            {pod}
          </a>
          <span>{details.filter(Boolean).join(' · ')}</span>
          <span>
            {transport ?? 'no transport yet'}
            {transportReason !== '' && `: ${transportReason}`}
          </span>
        </th>
      </tr>
      {scrapes.map((scrape) => (
        <Scrape key={scrape.kind} target={target} scrape={scrape} />
      ))}
    </tbody>
  );
}

function Scrape({ target, scrape }: { readonly target: TargetEntry; readonly scrape: ScrapeEntry }) {
  const { kind, health, lastError, lastScrapeMs, nextScrapeMs, intervalMs, durationMs, bytes, samples } = scrape;
  const standing = standingOf({ state: 'active', health });
  const { mark, label } = standingWords[standing];
  const isRefused = standing === 'unknown' && lastError !== '';
  return (
    <tr>
      <td>{kind}</td>
      <td>
        <span class={`targets-standing targets-${standing}`} title={lastError}>
          <i aria-hidden="true">{mark}</i> {isRefused ? 'not offered' : label}
        </span>
      </td>
      <td class="number">
        <Counting ms={lastScrapeMs} />
      </td>
      <td class="number targets-roomy">
        <Counting ms={nextScrapeMs} isNext />
      </td>
      <td class="number targets-roomy">{durationText(intervalMs)}</td>
      <td class="number targets-roomy">{toldMs(durationMs)}</td>
      <td class="number">{told(bytes, 'bytes')}</td>
      <td class="number targets-roomy">{told(samples, 'count')}</td>
      <td class="number targets-acts">
        {target.discoverer === 'kubernetes' && <SnapButton target={target} scrape={scrape} />}
        <CopyButton text={fetchCommand(target, scrape)} label="Copy curl" />
      </td>
    </tr>
  );
}
