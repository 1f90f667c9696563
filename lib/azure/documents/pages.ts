/** Whether the pages of long lists have all been read: what stands on a missing one would be overlooked in silence. */
import type { EstateError } from '../../network/model.ts';

export interface Page {
  readonly file: string;
  /** It names a page after it. */
  readonly hasNext: boolean;
  readonly elements: number;
  /** How many the whole list has, where it says so; else 0. */
  readonly total: number;
}

/** A note for each file that breaks off, unless the other pages have been read too. */
export function unreadPages(pages: readonly Page[]): EstateError[] {
  const read = pages.reduce((sum, page) => sum + page.elements, 0);
  const hasLast = pages.some((page) => !page.hasNext);
  const errors: EstateError[] = [];
  for (const { file, hasNext, total } of pages) {
    if (hasNext && !hasLast) {
      errors.push({ resource: file, message: 'names a next page that was not read: what stands there is not known' });
    } else if (total > read) {
      errors.push({
        resource: file,
        message: `holds ${read} of ${total} resources: what stands on the other pages is not known`,
      });
    }
  }
  return errors;
}
