import './home.css';
import { useEffect, useRef } from 'preact/hooks';
import { hour, minute, second } from '../../model/units.ts';
import type { GrowthAnswer, RangeAnswer } from '../api/answers.ts';
import { rangeUrl } from '../api/urls.ts';
import { useKept } from '../api/use-kept.ts';
import { Page } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { useKeys } from '../state/keys.ts';
import { change, hrefOf, usePlace } from '../state/place.ts';
import { FirstSteps } from './first-steps.tsx';
import { GrowthNews } from './growth-news.tsx';
import { RolloutNews } from './rollout-news.tsx';
import { ServiceGrid } from './service-grid.tsx';
import {
  defaultFrom,
  joinServices,
  measures,
  readSort,
  searchServices,
  serviceLabels,
  sortServices,
  stepOf,
  tiersOf,
  windows,
} from './services.ts';

/** Groups that each answer may have; of more services the largest are shown. */
const maxServices = '500';

/** What runs and what is new about it: roll-outs, growth, and every service at a glance. */
export function Home() {
  const { search = '', from = defaultFrom, sort } = usePlace().parameters;
  const asked = useMeasures(from);
  const growth = useKept<GrowthAnswer>(hrefOf('/api/v1/growth', { tier: 'suspected', limit: '100' }), {
    everyMs: minute,
  });
  const { answers, problem } = asked;
  const all = joinServices(answers);
  const found = sortServices(searchServices(all, search), readSort(sort));
  const isAnswered = measures.every(({ query }) => answers[query] !== undefined);
  const [any] = Object.values(answers);
  return (
    <Page title="Services">
      {problem && <ProblemBox problem={problem} again={asked.again} />}
      {all.length > 0 && (
        <div class="home-news">
          <GrowthNews growth={growth.answer} />
          <RolloutNews />
        </div>
      )}
      {all.length > 0 && <Controls total={all.length} found={found.length} />}
      {any && all.length > 0 && (
        <ServiceGrid
          services={found}
          tiers={tiersOf(growth.answer?.verdicts ?? [])}
          answer={any}
          from={from}
          leftOut={Math.max(...Object.values(answers).map(({ other }) => other?.series ?? 0))}
        />
      )}
      {!isAnswered && !problem && all.length === 0 && (
        <p class="note" role="status">
          Looking for services …
        </p>
      )}
      {isAnswered && all.length < 2 && <FirstSteps hint={any?.meta.hint} isEmpty={all.length === 0} />}
    </Page>
  );
}

/** The three questions; while a window's answers are on their way, those of the window before stay. */
function useMeasures(from: string) {
  const by = { group_by: serviceLabels.join(','), limit: maxServices, step: stepOf(from) };
  const everyMs = from === 'now-15m' || from === defaultFrom ? 15 * second : hour / 12;
  const cpu = useKept<RangeAnswer>(rangeUrl({ query: 'cpu', from }, by), { everyMs });
  const heap = useKept<RangeAnswer>(rangeUrl({ query: 'heap', from }, by), { everyMs });
  const allocs = useKept<RangeAnswer>(rangeUrl({ query: 'allocs', from }, by), { everyMs });
  const kept = [cpu, heap, allocs];
  const now = Object.fromEntries(
    measures.flatMap(({ query }, at) => {
      const answer = kept[at]?.answer;
      return answer ? [[query, answer] as const] : [];
    }),
  );
  const before = useRef(now);
  if (Object.keys(now).length === measures.length) before.current = now;
  const failed = kept.find(({ problem }) => problem !== undefined);
  const again = () => {
    for (const one of kept) one.again();
  };
  return { answers: Object.keys(now).length === 0 ? before.current : now, problem: failed?.problem, again };
}

function Controls({ total, found }: { readonly total: number; readonly found: number }) {
  const { search = '', from = defaultFrom, sort } = usePlace().parameters;
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': { does: 'search services', run: () => field.current?.focus() } });
  useEffect(() => {
    if (field.current && field.current.value !== search) field.current.value = search;
  }, [search]);
  return (
    <div class="home-controls">
      <h2>
        All services <span class="muted">{search === '' ? total : `${found} of ${total}`}</span>
      </h2>
      <input
        ref={field}
        type="search"
        placeholder="Search namespace or name  /"
        aria-label="Search services"
        defaultValue={search}
        onInput={(event) => change({ search: event.currentTarget.value, shown: undefined }, { replace: true })}
      />
      <label>
        Sort by{' '}
        <select value={readSort(sort)} onChange={(event) => change({ sort: event.currentTarget.value })}>
          <option value="cpu">CPU</option>
          <option value="heap">live heap</option>
          <option value="allocs">allocation rate</option>
          <option value="name">name</option>
        </select>
      </label>
      <label>
        <span class="unseen">Time</span>
        <select value={from} onChange={(event) => change({ from: event.currentTarget.value })}>
          {Object.entries({ ...(from in windows ? {} : { [from]: from }), ...windows }).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <span class="unseen" role="status">
        {search !== '' && `${found} of ${total} services`}
      </span>
    </div>
  );
}
