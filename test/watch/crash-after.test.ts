/** The function app, killed after a write, which it then does not know to be done. */
import { it } from 'vitest';
import { crashAtEveryWrite } from './crash.ts';

it(
  'comes to the same end wherever it is killed after a write, which it then does not know to be done',
  { timeout: 400_000 },
  () => crashAtEveryWrite('after'),
);
