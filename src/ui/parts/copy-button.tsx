import { useEffect, useState } from 'preact/hooks';

const saidForMs = 1500;

/** Copies text, and says so; where the browser refuses the clipboard (plain HTTP), selects a field to copy from. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready');
  useEffect(() => {
    if (state !== 'copied') return undefined;
    const timer = setTimeout(() => setState('ready'), saidForMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    if (!navigator.clipboard) return setState('refused');
    return void navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  };
  if (state === 'refused') {
    return (
      <input
        class="copy-field"
        readOnly
        value={text}
        aria-label="Copy this"
        ref={(field) => {
          field?.focus();
          field?.select();
        }}
      />
    );
  }
  return (
    <button class="copy" onClick={copy}>
      {label}
      <span role="status">{state === 'copied' && ' ✓ copied'}</span>
    </button>
  );
}
