import { Moment } from './moment.tsx';
import { partsOf, sentence } from './server-words.ts';

/** Sentences of the server: their moments are local, and where they name the API, the page that says the same is linked. */
export function ServerText({ text }: { readonly text: string }) {
  return (
    <>
      {partsOf(sentence(text)).map((part, at) => {
        if (typeof part === 'string') return part;
        if ('ms' in part) return <Moment key={at} ms={part.ms} seconds />;
        return (
          <a key={at} href={part.href}>
            {part.label}
          </a>
        );
      })}
    </>
  );
}
