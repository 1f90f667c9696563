/** Run by azd when the code is there, or by hand: brings the event subscriptions to where they shall deliver, and proves that they do. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { patience, unheard } from './deploy/proof.ts';
import { openResourceManager, type ResourceManager } from './deploy/resource-manager.ts';
import { wire } from './deploy/trigger.ts';

const help = `Usage: node scripts/after-deploy.ts [--help]

Out of the environment, as azd gives it the outputs of infra/main.bicep:
  TUNNELWATCH_APP_ID, TUNNELWATCH_STORAGE_ID   resource ids
  TUNNELWATCH_TOPIC_IDS                        a JSON list of resource ids
  TUNNELWATCH_DELIVERY                         queue (default) or function
  AZURE_LOCATION                               of the route tables that are made and deleted again as a proof
  TUNNELWATCH_URL, TUNNELWATCH_KEY             of the functions; default: asked for
  TUNNELWATCH_PATIENCE_SECONDS                 for the proof; default 900, because roles take minutes to be known everywhere
`;

const environmentSchema = z.object({
  TUNNELWATCH_APP_ID: z.string().min(1),
  TUNNELWATCH_STORAGE_ID: z.string().min(1),
  TUNNELWATCH_TOPIC_IDS: z.string().transform((text) => z.array(z.string().min(1)).parse(JSON.parse(text))),
  TUNNELWATCH_DELIVERY: z.enum(['queue', 'function']).default('queue'),
  AZURE_LOCATION: z.string().min(1),
  TUNNELWATCH_URL: z.url().optional(),
  TUNNELWATCH_KEY: z.string().optional(),
  TUNNELWATCH_PATIENCE_SECONDS: z.coerce.number().positive().default(900),
});
const siteSchema = z.looseObject({ properties: z.looseObject({ defaultHostName: z.string() }) });
const keysSchema = z.looseObject({ functionKeys: z.looseObject({ default: z.string() }) });

async function addressOf(ask: ResourceManager, appId: string): Promise<string> {
  return `https://${siteSchema.parse((await ask('GET', appId, '2024-04-01')).body).properties.defaultHostName}`;
}

async function keyOf(ask: ResourceManager, appId: string): Promise<string> {
  return keysSchema.parse((await ask('POST', `${appId}/host/default/listkeys`, '2024-04-01')).body).functionKeys
    .default;
}

async function run(): Promise<void> {
  const settings = environmentSchema.parse(process.env);
  const ask = openResourceManager(process.env);
  const { TUNNELWATCH_APP_ID: appId, TUNNELWATCH_TOPIC_IDS: topicIds } = settings;
  const wiring = { topicIds, storageId: settings.TUNNELWATCH_STORAGE_ID, appId };
  await wire(ask, { ...wiring, delivery: settings.TUNNELWATCH_DELIVERY });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say('Waiting until a change of each watched subscription reaches the watcher; a new one takes some minutes.');
  const url = settings.TUNNELWATCH_URL ?? (await addressOf(ask, appId));
  const key = settings.TUNNELWATCH_KEY ?? (await keyOf(ask, appId));
  const deaf = await unheard(ask, { url, key, topicIds, location: settings.AZURE_LOCATION }, say, {
    ...patience,
    atMost: settings.TUNNELWATCH_PATIENCE_SECONDS * 1000,
  });
  for (const subscription of deaf) {
    process.stderr.write(
      `${subscription}: no change reached the watcher. See the topic's metrics "Delivery Failed Events" and "Dead Lettered Events", and docs/operate.md\n`,
    );
  }
  if (deaf.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
if (values.help) process.stdout.write(help);
else {
  try {
    await run();
  } catch (error) {
    const text = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : '';
    process.stderr.write(`${text || String(error)}\n\n${error instanceof z.ZodError ? help : ''}`);
    process.exitCode = 2;
  }
}
