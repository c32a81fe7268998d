import './selection.css';
import { useState } from 'preact/hooks';
import { counted } from '../../model/human-value.ts';
import { kindOfProfileType } from '../../model/profile-type.ts';
import { readSelector, type Selector } from '../../model/selector.ts';
import { latest } from '../api/use-answer.ts';
import { later } from '../parts/later.tsx';
import type { Parameters } from '../state/href.ts';
import { Choice, type Option } from './choice.tsx';
import { LabelChoices } from './label-choices.tsx';
import { selectorOf, serviceOf, writeQuery } from './query.ts';
import { processesOf, type Service, servicesOf } from './services.ts';
import { type PartProps, TypeChoice } from './type-choice.tsx';
import { noteOf, useSeries } from './use-choices.ts';

/** Fetched when a query is first written. */
const QueryField = later(async () => (await import('./query-field.tsx')).QueryField);

/** What is selected where nothing else is said. */
const { type: firstType } = readSelector('cpu');
const { type: heapType } = readSelector('heap');

export interface SelectionPickerProps {
  /** As in the URL; undefined while nothing is selected. */
  readonly query: string | undefined;
  /** `from` and `to` as in the URL: what there is to choose is what was there then. */
  readonly window: Parameters;
  readonly onQuery: (query: string) => void;
  /** Before the names, where a page has two pickers: `Base`. */
  readonly of?: string;
}

/** Service → profile type → labels, each with counts of what there is; or the query as text. */
export function SelectionPicker(props: SelectionPickerProps) {
  const { query, onQuery } = props;
  const [isText, setIsText] = useState(false);
  const selector = selectorOf(query);
  // What cannot be read cannot be picked from, only written anew.
  if (isText || (query !== undefined && !selector)) {
    return (
      <div class="selection">
        <QueryField
          query={query ?? ''}
          window={props.window}
          onQuery={(text) => {
            setIsText(false);
            onQuery(text);
          }}
          onClose={selector || query === undefined ? () => setIsText(false) : undefined}
        />
      </div>
    );
  }
  return (
    <div class="selection" role="group" aria-label={props.of ?? 'Selection'}>
      <Parts {...props} selector={selector} />
      <button
        class="plain"
        onClick={() => setIsText(true)}
        title="Write the query as text"
        aria-label="Write the query"
      >
        {'{ }'}
      </button>
    </div>
  );
}

function Parts({ window, onQuery, of, selector }: SelectionPickerProps & { readonly selector: Selector | undefined }) {
  const select = (next: Selector) => onQuery(writeQuery(next));
  return (
    <>
      {of !== undefined && <span class="muted">{of}</span>}
      <ServiceChoice window={window} selector={selector} select={select} />
      {selector && <TypeChoice window={window} selector={selector} select={select} />}
      {selector && <LabelChoices window={window} selector={selector} select={select} />}
    </>
  );
}

function ServiceChoice({
  window,
  selector,
  select,
}: Omit<PartProps, 'selector'> & { readonly selector: Selector | undefined }) {
  const [isWanted, setIsWanted] = useState(false);
  const asked = useSeries(window, isWanted ? [] : undefined);
  const series = latest(asked)?.series ?? [];
  const services = servicesOf(series);
  const { namespace, workload } = selector ? serviceOf(selector) : {};
  const options: Option[] = services.map((service, index) => ({
    value: String(index),
    words: `${service.namespace}/${service.name}`,
    label: <ServiceName namespace={service.namespace} name={service.name} />,
    detail: counted(service.processes, 'process', 'processes'),
  }));
  if (services.length > 1) {
    options.push({
      value: 'all',
      words: 'all services',
      label: 'All services',
      detail: `${processesOf(series)} processes`,
    });
  }
  const chosen = services.findIndex((service) => service.namespace === namespace && service.name === workload);
  return (
    <Choice
      label="Service"
      options={options}
      chosen={chosen < 0 ? undefined : String(chosen)}
      note={noteOf(asked)}
      onOpen={() => setIsWanted(true)}
      onChoose={(value) => select(withService(selector, services[Number(value)]))}
    >
      {workload === undefined && namespace === undefined ? (
        <span>{selector ? 'All services' : 'Choose a service'}</span>
      ) : (
        <ServiceName namespace={namespace ?? ''} name={workload ?? '(all workloads)'} />
      )}
    </Choice>
  );
}

function ServiceName({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return (
    <span class="selection-service">
      {namespace !== '' && <span class="muted">{namespace}/</span>}
      <strong>{name === '' ? '(without a name)' : name}</strong>
    </span>
  );
}

/** The service's own conditions, and no other service's; the type stays where the service may have it. */
function withService(selector: Selector | undefined, service: Service | undefined): Selector {
  const kinds = service?.kinds ?? [];
  const guess = kinds.length > 0 && !kinds.includes('cpu') && kinds.includes('heap') ? heapType : firstType;
  const type = selector && (!service || kinds.includes(kindOfProfileType(selector.type))) ? selector.type : guess;
  return { type, matchers: service?.matchers ?? [] };
}
