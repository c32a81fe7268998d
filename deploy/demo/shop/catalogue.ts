import { seededRandom } from './random.ts';

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly words: readonly string[];
  readonly cents: number;
  readonly grams: number;
}

const makers = ['alder', 'brook', 'cedar', 'dale', 'ember', 'fern', 'grove', 'heath', 'inlet', 'juniper'];
const stuffs = ['cotton', 'copper', 'felt', 'glass', 'granite', 'leather', 'linen', 'maple', 'walnut', 'wool'];
const things = ['basket', 'blanket', 'bottle', 'bowl', 'candle', 'kettle', 'lamp', 'mirror', 'pillow', 'shelf'];

/** What the shop sells: the same in each process, so that profiles of two runs can be compared. */
export const catalogue: readonly Product[] = buildCatalogue(1500);

function buildCatalogue(size: number): Product[] {
  const random = seededRandom(7);
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? '';
  return Array.from({ length: size }, (_, id) => {
    const words = [pick(makers), pick(stuffs), pick(things)];
    const cents = 199 + Math.floor(random() * 20_000);
    return { id, name: `${words.join(' ')} no. ${id}`, words, cents, grams: 50 + Math.floor(random() * 4000) };
  });
}
