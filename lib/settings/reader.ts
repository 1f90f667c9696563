/**
 * Reads variables and collects what is wrong with them instead of stopping at the first. Values are no part of
 * what is said here: any of them may be a secret, or a secret in the wrong place.
 */
import { nearest } from '../nearest.ts';
import { settingsList } from './list.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const known = new Map(settingsList.map((setting) => [setting.name, setting]));

/** An app setting whose reference Azure could not follow arrives as the text of the reference. */
function isUnresolved(value: string): boolean {
  return /^@Microsoft\.KeyVault\(/i.test(value);
}

/** Meant for the watcher, by its looks. */
const ownName = /^tunn?ell?_?watch_/i;

export class SettingsReader {
  readonly problems: string[] = [];
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  private valueOf(name: string): string {
    return this.environment[name]?.trim() ?? '';
  }

  /** Whether there is any value, be it wrong. */
  isSet(name: string): boolean {
    return this.valueOf(name) !== '';
  }

  /** `undefined` where nothing is set, or only a reference that was not resolved. */
  text(name: string): string | undefined {
    const value = this.valueOf(name);
    return value === '' || isUnresolved(value) ? undefined : value;
  }

  refuse(name: string, problem: string): void {
    const example = known.get(name)?.example;
    this.problems.push(`${name} ${problem}${example === undefined ? '' : `; for example ${example}`}`);
  }

  /** @param parse throws an Error that goes on after the variable's name: "is no ..." */
  read<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      this.refuse(name, error instanceof Error ? error.message : 'cannot be read');
      return undefined;
    }
  }

  /** References that were not resolved, and names that look like settings and are none. */
  checkNames(): void {
    for (const [name, value = ''] of Object.entries(this.environment)) {
      // Azure hands each app setting over twice, once under this prefix.
      if (name.startsWith('APPSETTING_')) continue;
      if (isUnresolved(value.trim())) {
        this.problems.push(
          `${name} is an unresolved Key Vault reference; check that the secret is there and that the app's identity may read it`,
        );
      }
      if (ownName.test(name) && !known.has(name)) {
        const meant = nearest(name, [...known.keys()]);
        this.problems.push(
          `${name.slice(0, 80)} is no setting${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        );
      }
    }
  }
}
