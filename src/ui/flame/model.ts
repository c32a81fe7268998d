/** What a flame graph knows without being drawn: the face of this folder for pages. */
export { type FlameRange, foldedText } from './honest.ts';
export { childrenOf, nameOf, nodeAtPath, pathOf, pathOfText, pathText } from './paths.ts';
export { type FlameModel, prepareFlame } from './prepare.ts';
export { type Sandwich, sandwich } from './sandwich.ts';
export { type Search, searchFrames } from './search.ts';
export { type FlameRow, topRows } from './top-rows.ts';
