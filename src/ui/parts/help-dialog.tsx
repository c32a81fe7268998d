import './help-dialog.css';
import { useActiveKeys } from '../state/keys.ts';
import { Dialog } from './dialog.tsx';
import { keyList } from './key-names.ts';

/** What the keys do on the page that is shown, and where to read on. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const keys = keyList(useActiveKeys());
  return (
    <Dialog title="Keys" onClose={onClose}>
      <p class="muted">
        They work unless something is being typed. Every view is a link: copy the address to share it.
      </p>
      <dl class="help-keys">
        {keys.map(({ keys: names, does }) => (
          <>
            <dt>
              {names.map((name, index) => (
                <>
                  {index > 0 && ' '}
                  <kbd>{name}</kbd>
                </>
              ))}
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
      <p class="help-more">
        <a href="/api/v1/openapi.json">The API</a> answers everything that is shown here; <code>go tool pprof</code>{' '}
        reads its profiles.
      </p>
    </Dialog>
  );
}
