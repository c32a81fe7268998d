import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Beside what it needs to run, its package has an example, a reader of Java recordings, icons and maps. */
const needed = /^(speedscope-.*\.(js|css)|.*\.woff2|favicon-32x32-.*\.png|source-code-pro\.LICENSE\.md)$/;

/**
 * Puts speedscope (MIT) and its font (OFL) with their licences into `folder`, as a page of its own that opens
 * `#profileURL=…`. Its files are what its package holds; only the page around them is ours.
 */
export function copySpeedscope(folder: string): void {
  const home = dirname(createRequire(import.meta.url).resolve('speedscope/package.json'));
  const release = join(home, 'dist/release');
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(release).filter((file) => needed.test(file));
  for (const file of files) copyFileSync(join(release, file), join(folder, file));
  copyFileSync(join(home, 'LICENSE'), join(folder, 'LICENSE.txt'));
  writeFileSync(join(folder, 'index.html'), pageOf(files));
  // The map is not in the package.
  for (const file of files.filter((name) => /\.(js|css)$/.test(name))) {
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(join(folder, file), text.replace(/\/[*/]# sourceMappingURL=\S+( \*\/)?\s*$/, ''));
  }
}

function pageOf(files: readonly string[]): string {
  const [script, style, icon] = [/\.js$/, /\.css$/, /\.png$/].map((kind) => files.find((file) => kind.test(file)));
  if (!script || !style || !icon) throw new Error(`the package speedscope has other files now: ${files.join(', ')}`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>speedscope</title>
    <link rel="stylesheet" href="/speedscope/${style}" />
    <link rel="icon" type="image/png" href="/speedscope/${icon}" />
  </head>
  <body>
    <script src="/speedscope/${script}"></script>
  </body>
</html>
`;
}
