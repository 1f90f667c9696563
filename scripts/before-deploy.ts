/** Run by azd before it provisions, or by hand: says what would make the deployment fail. Reads only. */
import { existingTopicSchema, problemsBefore } from './deploy/preflight.ts';
import { openResourceManager } from './deploy/resource-manager.ts';

const subscription = process.env.AZURE_SUBSCRIPTION_ID ?? '';
try {
  if (subscription === '')
    throw new Error('AZURE_SUBSCRIPTION_ID is not set: it names the subscription to deploy into');
  const watched = (process.env.TUNNELWATCH_WATCHED ?? '').split(',').filter((id) => id !== '');
  const problems = await problemsBefore(openResourceManager(process.env), {
    namePrefix: process.env.TUNNELWATCH_NAME_PREFIX ?? 'tunnelwatch',
    watched: watched.length > 0 ? watched : [subscription],
    existingTopics: existingTopicSchema.parse(JSON.parse(process.env.TUNNELWATCH_EXISTING_TOPICS ?? '[]')),
  });
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else process.stdout.write('Nothing stands in the way of the deployment.\n');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
