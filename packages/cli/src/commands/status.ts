import { repeated } from '../option-values.ts'
import type { Define } from '../program.ts'
import type { StatusOptions } from './show-network.ts'

/** `skein status`: who is there, and how busy. */
export const defineStatus: Define = (command, context) => {
  command
    .option('--json', 'print JSON; with --watch one object a line')
    .option('--watch', 'go on showing it until Ctrl-C')
    .option('--node <address>', 'a node elsewhere, host:port; repeatable', repeated)
    .option('--lan', 'look for nodes on the local network, too')
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .action(async (options: StatusOptions) => {
      const { showStatus } = await import('./show-network.ts')
      context.exit(await showStatus(options, context.terminal))
    })
}
