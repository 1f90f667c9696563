/**
 * Writes the published JSON Schemas out of the zod schemas that the program itself uses. `npm run schemas`; a test fails
 * when the committed files are not what this makes.
 */
import { writeFileSync } from 'node:fs';
import { publishedSchemas } from '../lib/published-schemas.ts';

for (const [path, schema] of Object.entries(publishedSchemas())) {
  writeFileSync(new URL(`../${path}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
