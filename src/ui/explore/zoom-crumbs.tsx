import { pathOfText, pathText } from '../flame/model.ts';
import { partsOf } from '../flame/names.ts';
import { hrefOf, usePlace } from '../state/place.ts';
import { crumbsOf } from './crumbs.ts';
import { ofOneGraph } from './parameters.ts';

/** The stack that is zoomed to, each step a way back. */
export function Crumbs({ zoom }: { readonly zoom: string }) {
  const { path, parameters } = usePlace();
  const stack = pathOfText(zoom);
  const crumbs = crumbsOf(stack);
  return (
    <nav class="explore-crumbs" aria-label="Zoomed to">
      <ol>
        {crumbs.map((crumb, at) => (
          <li key={crumb?.length ?? 'between'}>
            {crumb === undefined ? (
              <span class="muted" title={stack.slice(1, -4).join('\n')}>
                … {stack.length - crumbs.length + 2} more …
              </span>
            ) : at === crumbs.length - 1 ? (
              <span aria-current="location" title={crumb.name}>
                {partsOf(crumb.name).short}
              </span>
            ) : (
              <a
                href={hrefOf(path, { ...parameters, zoom: pathText(stack.slice(0, crumb.length)), span: undefined })}
                title={crumb.name}
              >
                {partsOf(crumb.name).short}
              </a>
            )}
          </li>
        ))}
      </ol>
      <a class="explore-reset" href={hrefOf(path, { ...parameters, ...ofOneGraph })}>
        Reset zoom
      </a>
    </nav>
  );
}
