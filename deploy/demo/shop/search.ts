import { PageCache } from './cache.ts';
import { catalogue, type Product } from './catalogue.ts';
import type { Service } from './service.ts';

interface Hit {
  readonly product: Product;
  readonly distance: number;
}

/** Finds products by words with slips of the pen: `?q=walnut+lmap`. */
export function searchService(): Service {
  const cache = new PageCache(100);
  return {
    name: 'search',
    answer(question) {
      const words = tokenize(question.get('q') ?? '');
      if (words.length === 0) throw new RangeError('q: there is no word in it');
      return cache.pageOf(words.join(' '), function renderSearch() {
        return renderHits(rankHits(searchProducts(words)));
      });
    },
    nextQuestion(random) {
      const product = catalogue[Math.floor(random() ** 2 * catalogue.length)] ?? catalogue[0];
      const words = (product?.words ?? []).slice(1).map((word) => misspell(word, random));
      return `q=${words.join('+')}`;
    },
  };
}

function tokenize(text: string): string[] {
  return text.toLowerCase().split(/\W+/).filter(Boolean).slice(0, 8);
}

function searchProducts(words: readonly string[]): Hit[] {
  const hits: Hit[] = [];
  for (const product of catalogue) hits.push({ product, distance: distanceTo(product, words) });
  return hits;
}

function distanceTo(product: Product, words: readonly string[]): number {
  let sum = 0;
  for (const word of words) {
    let least = word.length;
    for (const known of product.words) least = Math.min(least, editDistance(word, known));
    sum += least;
  }
  return sum;
}

/** How many letters must be added, left out or changed (Levenshtein). */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const here = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      here[column] = Math.min(changed, (above[column] ?? 0) + 1, (here[column - 1] ?? 0) + 1);
    }
    above = here;
  }
  return above[to.length] ?? 0;
}

function rankHits(hits: readonly Hit[]): Hit[] {
  return hits.toSorted(nearestFirst).slice(0, 20);
}

function nearestFirst(a: Hit, b: Hit): number {
  return a.distance - b.distance || a.product.cents - b.product.cents;
}

function renderHits(hits: readonly Hit[]): string {
  return `<ol>${hits.map(renderHit).join('')}</ol>`;
}

function renderHit({ product }: Hit): string {
  return `<li>${product.name}, ${(product.cents / 100).toFixed(2)}</li>`;
}

/** One letter less, every other time. */
function misspell(word: string, random: () => number): string {
  const at = Math.floor(random() * word.length * 2);
  return word.slice(0, at) + word.slice(at + 1);
}
