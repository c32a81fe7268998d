import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import { profileStoreContract } from '../profile-store-contract.ts';

profileStoreContract('SQLite', () => {
  const dataDir = storeDir();
  return { writer: () => writerOn(dataDir), reader: () => openSqliteReader({ dataDir }) };
});
