import { openSqliteGrowth } from '../../../../src/store/sqlite/growth/growth.ts';
import { MemoryGrowthStore } from '../../../support/growth-memory-store.ts';
import { storeDir } from '../../../support/store-dirs.ts';
import { growthStoreContract } from '../../growth-store-contract.ts';

growthStoreContract('SQLite growth', () => {
  const dataDir = storeDir();
  return { open: () => openSqliteGrowth({ dataDir, synchronous: 'normal' }) };
});

growthStoreContract('growth in memory', () => {
  const store = new MemoryGrowthStore();
  return { open: () => store };
});
