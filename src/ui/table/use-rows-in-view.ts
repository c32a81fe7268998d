import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowsInView, scrollToRow } from './rows-in-view.ts';

/** Height of the heading, which stays on top while rows scroll below it; as in `parts/virtual-table.css`. */
const headingHeight = 30;

/** Follows how far a table is scrolled: which rows are near its view, how many make a page, and a way to show one of them. */
export function useRowsInView(
  rows: number,
  rowHeight: number,
): {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly first: number;
  readonly end: number;
  readonly page: number;
  readonly reveal: (row: number) => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scrollTop: 0, height: 600 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = () => setView(viewOf(element));
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  // Fewer rows than were scrolled past: the browser moves up and tells nobody.
  useEffect(() => {
    if (scroller.current) setView(viewOf(scroller.current));
  }, [rows]);
  const reveal = (row: number) => {
    const element = scroller.current;
    const top = element && scrollToRow(row, { rowHeight, ...viewOf(element) });
    if (element && typeof top === 'number') element.scrollTop = top;
  };
  const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
  return { scroller, ...rowsInView(rows, { rowHeight, ...view }), page, reveal };
}

function viewOf({ scrollTop, clientHeight }: HTMLElement): { scrollTop: number; height: number } {
  return { scrollTop, height: Math.max(0, clientHeight - headingHeight) };
}
