import type { CatalogueWriter } from '../catalogue/catalogue-writer.ts';
import type { FileRow } from '../catalogue/file-rows.ts';
import { removeFile } from './data-dir.ts';

/**
 * Removes files: first from the list, so that no reader opens them any more, then from the disk, then from memory. A crash
 * in between is finished by `finishRemovals`.
 */
export function markRemoved(catalogue: CatalogueWriter, files: readonly FileRow[]): void {
  catalogue.transaction(() => {
    for (const { id } of files) catalogue.files.setState(id, 'removed');
    catalogue.raiseLayout();
  });
}

export function finishRemovals(catalogue: CatalogueWriter, dataDir: string): void {
  const removed = catalogue.files.inState('removed');
  if (removed.length === 0) return;
  for (const { name } of removed) removeFile(dataDir, name);
  catalogue.transaction(() => {
    for (const { id } of removed) catalogue.files.forget(id);
  });
}
