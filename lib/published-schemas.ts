/** The JSON Schemas that outsiders may rely on, by their path in the repository. */
import { z } from 'zod';
import { reportSchema } from './audit/report-schema.ts';
import { policyFileSchema } from './policy/parse.ts';

const base = 'https://raw.githubusercontent.com/tunnelwatch/tunnelwatch/main';

function publish(path: string, title: string, schema: z.ZodType, io: 'input' | 'output'): [string, unknown] {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return [path, { $schema, $id: `${base}/${path}`, title, ...rest }];
}

export function publishedSchemas(): Record<string, unknown> {
  return Object.fromEntries([
    publish('docs/report.schema.json', 'tunnelwatch report', reportSchema, 'output'),
    publish('docs/policy.schema.json', 'tunnelwatch policy', policyFileSchema, 'input'),
  ]);
}
