/** App settings that bindings name: `%NAME%` in a schedule or queue, and the connection of a queue. */

/**
 * Replaces each `%NAME%` by the setting of that name, as the real host does.
 * @throws Error that names the setting which is not there
 */
export function resolveSettings(text: string): string {
  return text.replace(/%([^%\s]+)%/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`the setting ${name}, which a binding names, is not there`);
    return value;
  });
}

/** The connection string that a binding of a function names. @throws Error that names the setting which is not there */
export function connectionStringOf(functionName: string, connection: string | undefined): string {
  const name = resolveSettings(connection || 'AzureWebJobsStorage');
  // The real host takes a connection by its name alone, and by the name with its prefix.
  const value = process.env[name] ?? process.env[`AzureWebJobs${name}`];
  if (!value) throw new Error(`the function ${functionName} needs the setting ${name}`);
  return value;
}
