#!/usr/bin/env node
/**
 * The command line: arguments in, an exit code out. Commands are loaded when they are asked for, so that `--help` and a
 * small audit start at once. Exit codes: 0 all right, 1 findings, 2 bad usage or unreadable input.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { exitCode, printError, UsageError } from './exit.ts';

const severities = ['critical', 'high', 'medium', 'low', 'info', 'never'];

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function inputFile(value: string): string {
  if (value === '') throw new InvalidArgumentError('a path is expected.');
  return value;
}

function files(value: string, before: readonly string[]): readonly string[] {
  return collect(inputFile(value), before);
}

const program = new Command('tunnelwatch')
  .description(
    'Proves where the traffic of Azure API Management goes when its subnet is force-tunnelled, and which exceptions hold.',
  )
  .version(packageJson.version)
  .exitOverride()
  .configureOutput({ writeErr: () => {} })
  .showHelpAfterError(false);

program
  .command('audit')
  .description('Evaluate every API Management deployment of an estate.')
  .option(
    '--file <path>',
    'an export (Resource Graph, list, resource, ARM template, NDJSON); - is standard input; repeatable',
    files,
    [],
  )
  .option('--parameters <path>', 'parameter file for templates; repeatable', files, [])
  .option('--subscription <id>', 'read this subscription from Azure; repeatable', collect, [])
  .option('--management-group <id>', 'read this management group from Azure; repeatable', collect, [])
  .addOption(
    new Option(
      '--dependencies <mode>',
      'what Azure lists as dependencies: read the list (default), resolve its names too, or off',
    ).choices(['list', 'resolve', 'off']),
  )
  .option('--admin-rules', 'read the security admin rules of Virtual Network Manager too')
  .option('--service-tags <path>', "Microsoft's list of service tags; default: the bundled one")
  .option('--policy <path>', 'policy file (docs/policy.schema.json)')
  .option('--format <format>', 'table, json, sarif, junit, csv, markdown or html', 'table')
  .option('--output <path>', 'write the report to a file')
  .addOption(
    new Option('--fail-on <severity>', 'exit with 1 when a finding of this severity or above fails')
      .choices(severities)
      .default('low'),
  )
  .option('--strict', 'exit with 1 also when a verdict is unknown')
  .addHelpText(
    'after',
    `
Examples:
  $ az graph query -q "resources | where type startswith 'microsoft.network/' or type =~ 'microsoft.apimanagement/service'" --first 1000 > estate.json
  $ tunnelwatch audit --file estate.json
  $ tunnelwatch audit --file estate.json --policy policy.json --format sarif --output tunnelwatch.sarif
  $ tunnelwatch audit --file main.json --parameters main.parameters.json --fail-on high
  $ tunnelwatch audit --subscription 00000000-0000-0000-0000-000000000000

Exit codes: 0 nothing at or above --fail-on failed; 1 something did; 2 bad usage or unreadable input.`,
  )
  .action(async (options) => {
    const { runAudit } = await import('./audit.ts');
    await runAudit(options, packageJson.version);
  });

program
  .command('trace')
  .description('Show where a subnet sends an address, a CIDR or a service tag, and why every other route lost.')
  .requiredOption('--subnet <id>', 'resource id of the subnet')
  .requiredOption('--to <target>', 'IPv4 address, CIDR or service tag')
  .option('--file <path>', 'an export; - is standard input; repeatable', files, [])
  .option('--parameters <path>', 'parameter file for templates; repeatable', files, [])
  .option('--subscription <id>', 'read this subscription from Azure; repeatable', collect, [])
  .option('--management-group <id>', 'read this management group from Azure; repeatable', collect, [])
  .option('--service-tags <path>', "Microsoft's list of service tags; default: the bundled one")
  .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json', 'html']).default('table'))
  .option('--output <path>', 'write it to a file')
  .addHelpText(
    'after',
    `
Examples:
  $ tunnelwatch trace --file estate.json --subnet /subscriptions/.../subnets/apim --to 20.118.99.224
  $ tunnelwatch trace --file estate.json --subnet /subscriptions/.../subnets/apim --to ApiManagement`,
  )
  .action(async (options) => {
    const { runTrace } = await import('./trace.ts');
    await runTrace(options);
  });

program
  .command('requirements')
  .description('List what is demanded, how grave it is, and what breaks without it.')
  .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json']).default('table'))
  .addHelpText('after', '\nExample:\n  $ tunnelwatch requirements --format json')
  .action(async (options: { format: 'table' | 'json' }) => {
    const { runRequirements } = await import('./requirements.ts');
    await runRequirements(options.format);
  });

/** Prints why the program stops, as one line; `DEBUG=tunnelwatch` adds the stack of what was not expected. */
function stop(error: unknown): void {
  if (error instanceof CommanderError && error.exitCode === 0) return;
  process.exitCode = exitCode.usage;
  if (error instanceof CommanderError) {
    const problem = error.code === 'commander.help' ? 'no command is given' : error.message.replace(/^error: /, '');
    printError(new UsageError(`${problem} (see tunnelwatch --help)`));
  } else printError(error);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that stops early (`| head`) is no error.
  if (error.code !== 'EPIPE')
    stop(new UsageError(`standard output cannot be written (${error.code ?? error.message})`));
  process.exit();
});
// Nobody reads the messages any more: no reason to stop the work.
process.stderr.on('error', () => {});
process.on('uncaughtException', (error) => {
  stop(error);
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  stop(error);
}
