/** What the functions that people open in a browser have in common. */
import type { HttpRequest } from '@azure/functions';

export function wantsPage({ headers }: HttpRequest): boolean {
  return headers.get('accept')?.includes('text/html') === true;
}

/** The address holds the key of the function, and what stands there changes: nobody else shall hear or keep it. */
export const keptToOneself = { 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' };
