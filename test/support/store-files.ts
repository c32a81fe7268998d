import { type StoreStats, storeFileKinds } from '../../src/store/profile-store.ts';

/** What a store without files says of them. */
export const noFiles = Object.fromEntries(
  storeFileKinds.map((kind) => [kind, { files: 0, bytes: 0 }]),
) as StoreStats['byKind'];
