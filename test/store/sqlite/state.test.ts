import { openSqliteState } from '../../../src/store/sqlite/state.ts';
import { storeDir } from '../../support/store-dirs.ts';
import { stateStoreContract } from '../state-store-contract.ts';

stateStoreContract('SQLite state', () => {
  const dataDir = storeDir();
  return { open: () => openSqliteState({ dataDir, synchronous: 'normal' }) };
});
