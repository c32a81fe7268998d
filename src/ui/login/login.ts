import '../style/theme.css';
import '../style/base.css';
import './login.css';

/** The login page works without this; with it, it looks as chosen on the other pages, and two things are easier. */

const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', showTheme);
showTheme();

// The server is never told what stands behind # in an address; speedscope keeps its profile there.
const next = document.querySelector<HTMLInputElement>('input[name="next"]');
if (next && location.hash !== '' && !next.value.includes('#')) next.value += location.hash;

const copy = document.querySelector<HTMLButtonElement>('#copy');
const command = document.querySelector('#command')?.textContent;
if (copy && command && 'clipboard' in navigator) {
  copy.hidden = false;
  copy.addEventListener('click', () => void copyCommand(copy, command));
}

function showTheme(): void {
  document.documentElement.dataset['theme'] = chosenTheme() ?? (dark.matches ? 'dark' : 'light');
}

async function copyCommand(button: HTMLButtonElement, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed: copy it by hand';
  }
}

/** As `state/theme.ts` keeps it, without the program of the pages. */
function chosenTheme(): string | undefined {
  try {
    const stored = localStorage.getItem('flameherd.theme');
    return stored === 'light' || stored === 'dark' ? stored : undefined;
  } catch {
    return undefined;
  }
}
