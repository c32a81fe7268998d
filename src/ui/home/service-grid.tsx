import type { GrowthTier } from '../../model/growth.ts';
import { humanValue } from '../../model/human-value.ts';
import type { TimeWindow } from '../../model/units.ts';
import type { RangeAnswer } from '../api/answers.ts';
import { Moment } from '../format/moment.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Tier } from '../parts/tier.tsx';
import { change, hrefOf, usePlace } from '../state/place.ts';
import { isGone, measures, type Service } from './services.ts';

/** Services drawn at once: as many as a few screens hold. */
const pageSize = 48;

/** A card for each service, and some more on request. */
export function ServiceGrid({
  services,
  tiers,
  answer: { meta, stepMs },
  from,
  leftOut,
}: {
  readonly services: readonly Service[];
  readonly tiers: ReadonlyMap<string, GrowthTier>;
  readonly answer: RangeAnswer;
  readonly from: string;
  /** Services that are too small to be in the answers. */
  readonly leftOut: number;
}) {
  const shown = Math.max(pageSize, Number(usePlace().parameters['shown']) || 0);
  const rest = services.length - shown;
  if (services.length === 0) {
    return (
      <p class="note">
        No service is called so. <button onClick={() => change({ search: undefined })}>Show all</button>
      </p>
    );
  }
  return (
    <>
      <ul class="home-grid">
        {services.slice(0, shown).map((service) => (
          <li key={service.key}>
            <Card
              service={service}
              tier={tiers.get(service.key)}
              window={meta}
              from={from}
              isGone={isGone(service, meta, stepMs)}
            />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <p class="home-more">
          <button onClick={() => change({ shown: String(shown + pageSize) }, { replace: true })}>
            Show {Math.min(rest, pageSize)} more of {rest}
          </button>
        </p>
      )}
      {leftOut > 0 && (
        <p class="note">
          The {leftOut} smallest are left out; <a href="/explore">Explore</a> finds them by name.
        </p>
      )}
    </>
  );
}

function Card({
  service,
  tier,
  window,
  from,
  isGone: gone,
}: {
  readonly service: Service;
  readonly tier: GrowthTier | undefined;
  readonly window: TimeWindow;
  readonly from: string;
  readonly isGone: boolean;
}) {
  const { namespace, name, kind, matchers, lastMs } = service;
  const linkTo = (query: string) => hrefOf('/explore', { query: query + matchers, from });
  return (
    <article class={gone ? 'home-card home-gone' : 'home-card'}>
      <h3 title={`${kind} ${namespace}/${name}`}>
        <a href={linkTo(measures.find(({ query }) => service.measures[query])?.query ?? 'cpu')}>{name}</a>
        <span class="muted">{namespace}</span>
        {gone && (
          <span class="muted">
            seen <Moment ms={lastMs} ago />
          </span>
        )}
        {tier && (
          <a href={hrefOf('/growth', { namespace, workload: name, workload_kind: kind })} class="home-badge">
            <Tier tier={tier} />
          </a>
        )}
      </h3>
      <div class="home-measures">
        {measures.map(({ query, label }) => {
          const measure = service.measures[query];
          return measure ? (
            <a key={query} href={linkTo(query)}>
              <span class="muted">{label}</span>
              <strong>{humanValue(measure.value, unitShown(measure.unit))}</strong>
              <Sparkline points={measure.points} unit={measure.unit} window={window} label={label} />
            </a>
          ) : (
            <span key={query} class="muted">
              {label}
              <br />–
            </span>
          );
        })}
      </div>
    </article>
  );
}

/** The label says cores already. */
function unitShown(unit: string): string {
  return unit === 'cores' ? 'count' : unit;
}
