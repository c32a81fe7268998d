import type { ComponentChildren } from 'preact';

/** A part of the page under its heading. */
export function Card({
  title,
  isWide = false,
  children,
}: {
  readonly title: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <section class={isWide ? 'status-card status-card-wide' : 'status-card'}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export interface FactRow {
  readonly name: string;
  readonly value: ComponentChildren;
  /** What it means, or what to do. */
  readonly note?: ComponentChildren;
  /** Something to look at; 0 dropped profiles are none. */
  readonly isBad?: boolean;
}

/** Names and values; what is undefined is left out. */
export function Facts({ rows }: { readonly rows: readonly (FactRow | undefined)[] }) {
  return (
    <dl class="status-facts">
      {rows.map(
        (row) =>
          row && (
            <div key={row.name}>
              <dt>{row.name}</dt>
              <dd>
                <span class={row.isBad ? 'status-bad' : ''}>
                  {row.isBad && <i aria-hidden="true">▲ </i>}
                  {row.value}
                </span>
                {row.note && <small>{row.note}</small>}
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
