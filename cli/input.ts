/** What the commands read: the estate, the service tags, the policy. */
import { readFile } from 'node:fs/promises';
import { parseServiceTags } from '../lib/address/service-tags.ts';
import type { TagSource } from '../lib/audit/evaluate.ts';
import { bundledTagsFor } from '../lib/azure/bundled-service-tags.ts';
import { readEstate } from '../lib/azure/documents/read-estate.ts';
import type { LiveOptions } from '../lib/azure/live.ts';
import { systemClock } from '../lib/clock.ts';
import type { Estate } from '../lib/network/model.ts';
import { defaultPolicy, type Policy } from '../lib/policy/policy.ts';
import { catalogue } from '../lib/requirements/catalogue.ts';
import { UsageError } from './exit.ts';
import { fileBytes, progressOf, resources } from './progress.ts';

export interface EstateOptions {
  readonly file: readonly string[];
  readonly parameters: readonly string[];
  readonly subscription: readonly string[];
  readonly managementGroup: readonly string[];
  /** Of the dependencies that Azure lists; absent: nothing is read of them. */
  readonly dependencies?: 'list' | 'resolve' | 'off';
  /** Whether security admin rules are read from Azure. */
  readonly adminRules?: boolean;
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const problem =
      code === 'ENOENT'
        ? 'no such file'
        : code === 'EISDIR'
          ? 'is a directory; name a file'
          : `cannot be read (${code})`;
    throw new UsageError(`${path}: ${problem} (${what})`);
  }
}

/** From files when any is named, else from Azure. */
export async function readInput(options: EstateOptions): Promise<Estate> {
  const live = options.subscription.length + options.managementGroup.length > 0;
  if (options.file.length > 0) {
    if (live)
      throw new UsageError('--file reads files, --subscription and --management-group read Azure: use one of them');
    if (options.dependencies !== undefined)
      throw new UsageError('--dependencies is about reading Azure; a file holds what it holds');
    if (options.adminRules === true)
      throw new UsageError('--admin-rules is about reading Azure; a file holds what it holds');
    if (options.file.filter((path) => path === '-').length > 1)
      throw new UsageError('standard input (-) can be read once only');
    const files = options.file.map((path) => ({ name: path === '-' ? '<stdin>' : path, path }));
    return readEstate(files, { parameters: options.parameters, onProgress: progressOf(fileBytes) });
  }
  if (options.parameters.length > 0) throw new UsageError('--parameters goes with a template, which --file names');
  const { readLiveEstate } = await import('../lib/azure/live.ts');
  return readLiveEstate(
    { subscriptions: options.subscription, managementGroups: options.managementGroup },
    {
      onProgress: progressOf(resources),
      ...(await outboundOf(options.dependencies)),
      ...(options.adminRules === true && { adminRules: true }),
    },
  );
}

/** For all names of the estate together. */
const resolveMs = 60_000;

async function outboundOf(dependencies: EstateOptions['dependencies']): Promise<Pick<LiveOptions, 'outbound'>> {
  if (dependencies === undefined || dependencies === 'off') return {};
  if (dependencies === 'list') return { outbound: {} };
  const { openResolver } = await import('../lib/azure/resolve-names.ts');
  return { outbound: { resolve: openResolver({ clock: systemClock, totalMilliseconds: resolveMs }) } };
}

export async function readTags(path: string | undefined): Promise<TagSource> {
  if (path === undefined) return bundledTagsFor;
  const tags = parseServiceTags(await readText(path, '--service-tags'), path);
  return () => tags;
}

export async function readPolicy(path: string | undefined): Promise<Policy> {
  if (path === undefined) return defaultPolicy;
  const text = await readText(path, '--policy');
  const { parsePolicy } = await import('../lib/policy/parse.ts');
  return parsePolicy(
    text,
    path,
    catalogue.map((requirement) => requirement.id),
  );
}
