import { useEffect, useRef, useState } from 'preact/hooks';

/** How many of `total` rows to draw, and what draws more: a button that is also pressed by scrolling near it. */
export function useMore(total: number, step: number) {
  const [limit, setLimit] = useState(step);
  const button = useRef<HTMLButtonElement>(null);
  const more = () => setLimit((value) => value + step);
  const isCut = total > limit;
  useEffect(() => {
    if (!isCut || !button.current) return undefined;
    const observer = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && more(), {
      rootMargin: '600px',
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [isCut, limit]);
  const rest = isCut && (
    <button ref={button} class="targets-more" onClick={more}>
      {total - limit} more
    </button>
  );
  return { limit, rest };
}
