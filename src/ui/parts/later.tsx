import { type ComponentType, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Problem, unreachable } from '../api/problem.ts';
import { ProblemBox } from './problem-box.tsx';

/**
 * A component whose script is fetched when it is first shown. Until then `waiting` is shown in its place, or nothing; where
 * the script cannot be had (the server is gone, or was upgraded and has other names), that is said.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  waiting?: ComponentType,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  let loading: Promise<ComponentType<Props>> | undefined;
  return function Later(props: Props) {
    const [, drawAgain] = useState(0);
    const [problem, setProblem] = useState<Problem>();
    useEffect(() => {
      if (loaded) return undefined;
      let isShown = true;
      loading ??= load();
      loading.then(
        (component) => {
          loaded = component;
          if (isShown) drawAgain((round) => round + 1);
        },
        (error: unknown) => {
          loading = undefined;
          if (isShown) setProblem(unreachable(error));
        },
      );
      return () => {
        isShown = false;
      };
    }, []);
    const Loaded = loaded;
    if (Loaded) return <Loaded {...props} />;
    if (problem) return <ProblemBox problem={problem} again={() => location.reload()} />;
    return waiting ? h(waiting, {}) : null;
  };
}
