import { createHash } from 'node:crypto';
import { catalogue, type Product } from './catalogue.ts';
import { Leak } from './leak.ts';
import type { Service } from './service.ts';

interface Priced {
  readonly lines: readonly Line[];
  readonly discountCents: number;
  readonly taxCents: number;
  readonly shippingCents: number;
}

interface Line {
  readonly product: Product;
  readonly cents: number;
}

/** Per cent off, from so many cents on. Every choice of three of them is tried. */
const vouchers = Array.from({ length: 36 }, (_, i) => ({ percent: 3 + i, fromCents: 400 * (3 + i) }));
const taxPercent = 19;

/** Prices baskets and prints receipts: `?basket=3,77,1204`, ids of products. */
export function checkoutService(): Service {
  const leak = new Leak();
  return {
    name: 'checkout',
    leak,
    answer(question) {
      const basket = readBasket(question.get('basket') ?? '');
      const priced = priceBasket(basket);
      leak.take(basket.map(({ id }) => id));
      return renderReceipt(priced, signReceipt(priced));
    },
    nextQuestion(random) {
      const ids = Array.from({ length: 4 + Math.floor(random() * 12) }, () => Math.floor(random() * catalogue.length));
      return `basket=${ids.join()}`;
    },
  };
}

function readBasket(text: string): Product[] {
  return text.split(',').map((id) => {
    const product = catalogue[Number(id)];
    if (id === '' || !product) throw new RangeError(`basket: ${JSON.stringify(id)} is no product`);
    return product;
  });
}

function priceBasket(basket: readonly Product[]): Priced {
  const lines = basket.map((product) => ({ product, cents: product.cents }));
  const discountCents = bestDiscount(lines);
  const net = lines.reduce((sum, { cents }) => sum + cents, 0) - discountCents;
  return { lines, discountCents, taxCents: taxOn(net), shippingCents: shippingOf(lines) };
}

/** The dearest part: all choices of three vouchers, each over all lines. */
function bestDiscount(lines: readonly Line[]): number {
  let best = 0;
  for (const first of vouchers)
    for (const second of vouchers)
      for (const third of vouchers) best = Math.max(best, discountOf(lines, [first, second, third]));
  return best;
}

function discountOf(lines: readonly Line[], chosen: readonly { percent: number; fromCents: number }[]): number {
  let off = 0;
  for (const { cents } of lines) {
    let left = cents;
    for (const { percent, fromCents } of chosen) if (left >= fromCents) left -= Math.floor((left * percent) / 100);
    off += cents - left;
  }
  return off;
}

function taxOn(cents: number): number {
  return Math.round((cents * taxPercent) / 100);
}

function shippingOf(lines: readonly Line[]): number {
  const grams = lines.reduce((sum, { product }) => sum + product.grams, 0);
  return 390 + 120 * Math.ceil(grams / 5000);
}

/** Hashed again and again, as signatures that shall be dear to guess are. */
function signReceipt(priced: Priced): string {
  let signature = JSON.stringify(priced);
  for (let round = 0; round < 500; round++) signature = createHash('sha256').update(signature).digest('hex');
  return signature;
}

function renderReceipt({ lines, discountCents, taxCents, shippingCents }: Priced, signature: string): string {
  const sums = [`discount -${money(discountCents)}`, `tax ${money(taxCents)}`, `shipping ${money(shippingCents)}`];
  return `<table>${lines.map(renderLine).join('')}</table><p>${sums.join(', ')}</p><p>${signature}</p>`;
}

function renderLine({ product, cents }: Line): string {
  return `<tr><td>${product.name}<td>${money(cents)}</tr>`;
}

function money(cents: number): string {
  return (cents / 100).toFixed(2);
}
