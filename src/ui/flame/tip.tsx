import type { Description } from './describe.ts';

/** Where something is in the window. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const away = 14;

/** What is pointed at, beside the pointer, on the side where there is more room. */
export function Tip({ description, at }: { readonly description: Description; readonly at: Point }) {
  const isRight = at.x > innerWidth / 2;
  const isLow = at.y > innerHeight / 2;
  return (
    <div
      class="flame-tip"
      role="presentation"
      style={{
        [isRight ? 'right' : 'left']: `${Math.max(4, (isRight ? innerWidth - at.x : at.x) + away)}px`,
        [isLow ? 'bottom' : 'top']: `${(isLow ? innerHeight - at.y : at.y) + away}px`,
      }}
    >
      <strong>{description.title}</strong>
      {description.lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}
