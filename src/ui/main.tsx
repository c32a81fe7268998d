import './style/theme.css';
import './style/base.css';
import './style/shell.css';
import { render } from 'preact';
import { Shell } from './shell.tsx';
import { listenToKeys } from './state/keys.ts';
import { followLinks } from './state/place.ts';
import { startTheme } from './state/theme.ts';

startTheme();
followLinks();
listenToKeys();
const root = document.getElementById('app');
if (root) render(<Shell />, root);
