import { repeated } from '../option-values.ts'
import type { Define } from '../program.ts'
import type { ModelsOptions } from './show-network.ts'

/** `skein models`: what can be asked, and how fast it answers. */
export const defineModels: Define = (command, context) => {
  command
    .option('--json', 'print JSON')
    .option('--node <address>', 'a node elsewhere, host:port; repeatable', repeated)
    .option('--lan', 'look for nodes on the local network, too')
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .action(async (options: ModelsOptions) => {
      const { showModels } = await import('./show-network.ts')
      context.exit(await showModels(options, context.terminal))
    })
}
