import { useState } from 'preact/hooks';
import { parseProfileType } from '../../model/profile-type.ts';
import type { SeriesAnswer } from '../api/answers.ts';
import { ServerText } from '../format/server-text.tsx';
import { Answered } from '../parts/answered.tsx';
import { writeQuery } from '../selection/query.ts';
import { type Service, servicesOf } from '../selection/services.ts';
import { typeWords } from '../selection/type-words.ts';
import { useSeries } from '../selection/use-choices.ts';
import { hrefOf, type Parameters } from '../state/href.ts';
import { timelineWindow } from './parameters.ts';

/** What is asked of a kind of profile first. */
const typesOfKind: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu'],
  heap: ['heap', 'allocs'],
  goroutine: ['goroutine'],
  block: ['block'],
  mutex: ['mutex'],
};

/** Where nothing is selected: what can be. */
export function ServiceList({ parameters }: { readonly parameters: Parameters }) {
  const asked = useSeries(timelineWindow(parameters), []);
  return (
    <div class="explore-services">
      <Answered asked={asked} what="Looking for services">
        {(answer) => <Services answer={answer} parameters={parameters} />}
      </Answered>
    </div>
  );
}

function Services({ answer, parameters }: { readonly answer: SeriesAnswer; readonly parameters: Parameters }) {
  const [search, setSearch] = useState('');
  const services = servicesOf(answer.series);
  const wanted = search.toLowerCase();
  const found = services.filter(({ namespace, name }) => `${namespace}/${name}`.toLowerCase().includes(wanted));
  if (services.length === 0) return <NoServices hint={answer.meta.hint} />;
  return (
    <>
      <div class="explore-services-head">
        <h2>Choose what to look at</h2>
        <input
          type="search"
          aria-label="Search services"
          placeholder="Search services"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <table>
        <caption class="unseen">Services</caption>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Profiles</th>
            <th scope="col" class="number">
              Processes
            </th>
          </tr>
        </thead>
        <tbody>
          {found.map((service) => (
            <ServiceRow key={JSON.stringify(service.matchers)} service={service} parameters={parameters} />
          ))}
        </tbody>
      </table>
      {found.length === 0 && <p class="note">No service matches.</p>}
      {answer.nextCursor !== null && (
        <p class="note">There are more than are listed: write the query with {'{ }'} above.</p>
      )}
    </>
  );
}

function ServiceRow({ service, parameters }: { readonly service: Service; readonly parameters: Parameters }) {
  const { namespace, name, kinds, processes, matchers } = service;
  const types = Object.keys(typesOfKind).flatMap((kind) => (kinds.includes(kind) ? (typesOfKind[kind] ?? []) : []));
  const others = kinds.filter((kind) => !(kind in typesOfKind));
  return (
    <tr>
      <th scope="row">
        {namespace !== '' && <span class="muted">{namespace}/</span>}
        {name === '' ? '(without a name)' : name}
      </th>
      <td>
        <span class="explore-types">
          {types.map((alias) => {
            const type = parseProfileType(alias);
            return (
              type && (
                <a key={alias} href={hrefOf('/explore', { ...parameters, query: writeQuery({ type, matchers }) })}>
                  {typeWords(type)}
                </a>
              )
            );
          })}
          {others.length > 0 && <span class="muted">{others.join(', ')}</span>}
        </span>
      </td>
      <td class="number explore-processes">
        {processes}
        <span class="muted"> {processes === 1 ? 'process' : 'processes'}</span>
      </td>
    </tr>
  );
}

function NoServices({ hint }: { readonly hint: string | undefined }) {
  return (
    <div class="explore-nothing" role="status">
      <p>
        <strong>There are no profiles in this time.</strong>
      </p>
      {hint !== undefined && (
        <p>
          <ServerText text={hint} />
        </p>
      )}
      <p>
        Choose another time, see on the <a href="/targets">targets page</a> what is scraped, or on the{' '}
        <a href="/">first page</a> how to begin.
      </p>
    </div>
  );
}
