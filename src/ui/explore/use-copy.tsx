import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';

const saidForMs = 1500;

/** Copies text and says so; where the browser refuses (plain HTTP), shows it to be copied by hand. */
export function useCopy(): { readonly copy: (text: string) => void; readonly shown: ComponentChildren } {
  const [state, setState] = useState<{ readonly text: string; readonly isCopied: boolean }>();
  useEffect(() => {
    if (state?.isCopied !== true) return undefined;
    const timer = setTimeout(() => setState(undefined), saidForMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (text: string) => {
    if (!navigator.clipboard) return setState({ text, isCopied: false });
    return void navigator.clipboard.writeText(text).then(
      () => setState({ text, isCopied: true }),
      () => setState({ text, isCopied: false }),
    );
  };
  const shown = (
    <>
      <div class="explore-said" role="status">
        {state?.isCopied === true && <span>✓ copied</span>}
      </div>
      {state?.isCopied === false && (
        <Dialog title="Copy this" onClose={() => setState(undefined)}>
          <pre class="explore-command">{state.text}</pre>
          <CopyButton text={state.text} />
        </Dialog>
      )}
    </>
  );
  return { copy, shown };
}
