import { port } from '../option-values.ts'
import type { Define } from '../program.ts'
import type { PageOptions } from './serve-page.ts'

const NOTES = `
It prints the address of the page, which only this machine reaches, and only whoever has the address: a token stands in it.
The page shows what runs record each second; it changes nothing.

Examples:
  skein ui
  skein ui --port 8080`

/** `skein ui`: the runs of this machine on a page, as they go. */
export const defineUi: Define = (command, { terminal }) => {
  command
    .option('--port <number>', 'where it listens, on 127.0.0.1 (default: a free one)', port)
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .addHelpText('after', NOTES)
    .action(async (options: PageOptions) => {
      const { servePage } = await import('./serve-page.ts')
      await servePage(options, terminal)
    })
}
