import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { storeDir, writerOn } from '../../support/store-dirs.ts';
import type { StoreUnderTest } from '../../support/store-questions.ts';
import { profileStoreContract } from '../profile-store-contract.ts';
import { profileStoreSemantics } from '../profile-store-semantics.ts';

const fresh = (): StoreUnderTest => {
  const dataDir = storeDir();
  return { writer: () => writerOn(dataDir), reader: () => openSqliteReader({ dataDir }) };
};

profileStoreContract('SQLite', fresh);
profileStoreSemantics('SQLite', fresh);
