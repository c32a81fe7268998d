import type { ComponentChildren, TargetedKeyboardEvent, TargetedPointerEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';

const storageKey = 'flameherd.explore.table';
const [least, most, usual] = [15, 75, 36];

/** Two parts side by side, with a line between them that is moved by mouse or arrow keys; on a phone one below the other. */
export function Split({ left, right }: { readonly left: ComponentChildren; readonly right: ComponentChildren }) {
  const [share, setShare] = useState(readShare);
  const box = useRef<HTMLDivElement>(null);
  const move = (next: number) => {
    const allowed = Math.max(least, Math.min(most, next));
    setShare(allowed);
    storeShare(allowed);
  };
  const onPointerMove = (event: TargetedPointerEvent<HTMLDivElement>) => {
    const area = box.current?.getBoundingClientRect();
    if (!area || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    move((100 * (event.clientX - area.left)) / area.width);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const next = { ArrowLeft: share - 2, ArrowRight: share + 2, Home: least, End: most, Enter: usual }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    move(next);
  };
  return (
    <div class="explore-split" ref={box} style={{ '--explore-left': `${share}%` }}>
      {left}
      <div
        class="explore-splitter"
        role="separator"
        aria-label="Width of the table"
        aria-orientation="vertical"
        aria-valuenow={Math.round(share)}
        aria-valuemin={least}
        aria-valuemax={most}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onDblClick={() => move(usual)}
        onKeyDown={onKeyDown}
      />
      {right}
    </div>
  );
}

function readShare(): number {
  try {
    const stored = Number(localStorage.getItem(storageKey) ?? '');
    return stored >= least && stored <= most ? stored : usual;
  } catch {
    return usual;
  }
}

function storeShare(share: number): void {
  try {
    localStorage.setItem(storageKey, share.toFixed(1));
  } catch {
    // Storage is refused to private windows: the choice lasts as long as the page.
  }
}
