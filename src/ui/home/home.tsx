import './home.css';
import { minute } from '../../model/units.ts';
import type { GrowthAnswer } from '../api/answers.ts';
import { useKept } from '../api/use-kept.ts';
import { Page } from '../parts/page.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { hrefOf, usePlace } from '../state/place.ts';
import { Controls } from './controls.tsx';
import { FirstSteps } from './first-steps.tsx';
import { GrowthNews } from './growth-news.tsx';
import { RolloutNews } from './rollout-news.tsx';
import { ServiceGrid } from './service-grid.tsx';
import { defaultFrom, joinServices, readSort, searchServices, sortServices, tiersOf } from './services.ts';
import { useMeasures } from './use-measures.ts';

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
  const [any] = Object.values(answers);
  return (
    <Page title="Services">
      {problem && <ProblemBox problem={problem} again={asked.again} />}
      {all.length > 0 && (
        <div class="home-news">
          <GrowthNews growth={growth.answer} />
          <RolloutNews query={answers.heap ? 'heap' : 'cpu'} />
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
      {!asked.isComplete && !problem && all.length === 0 && (
        <p class="note" role="status">
          Looking for services …
        </p>
      )}
      {asked.isComplete && all.length < 2 && <FirstSteps hint={asked.hint} isEmpty={all.length === 0} />}
    </Page>
  );
}
