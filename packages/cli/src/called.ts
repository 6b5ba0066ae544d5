/** How the command was started, so that what a mend says can be copied. */
export function calledAs(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['npm_command'] === 'exec' ? 'npx skein' : 'skein'
}
