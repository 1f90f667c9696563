/** The function app, killed before a write is done. */
import { it } from 'vitest';
import { crashAtEveryWrite } from './crash.ts';

it('comes to the same end wherever it is killed before a write is done', { timeout: 400_000 }, () =>
  crashAtEveryWrite('before'),
);
