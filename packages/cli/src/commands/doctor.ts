import { examine, listenBriefly } from '../doctor.ts'
import { EXIT } from '../exit-codes.ts'
import type { Define } from '../program.ts'
import { drawChecks } from '../views/checks.ts'

interface DoctorOptions {
  readonly json?: boolean
  readonly home?: string
}

/** `skein doctor`: looks at what usually goes wrong. Exits with 1 when something is broken. */
export const defineDoctor: Define = (command, context) => {
  command
    .option('--json', 'print the findings as JSON')
    .option('--home <folder>', 'settings folder (default: $SKEIN_HOME or that of the platform)')
    .action(async ({ json, home }: DoctorOptions) => {
      const { openHome } = await import('@skein/protocol')
      const { demonstrationEngine, findEngines } = await import('@skein/node')
      const checks = await examine({
        nodeVersion: process.version,
        platform: process.platform,
        openHome: () => openHome(home),
        findEngines: () => findEngines({ environment: process.env }),
        probeEmbedded: () => demonstrationEngine().probe(new AbortController().signal),
        listen: listenBriefly,
        listRuns: async (directory) => {
          const { runsIn } = await import('../recorded.ts')
          return runsIn(directory)
        },
      })
      const broken = checks.some(({ state }) => state === 'problem')
      const { data } = context.terminal
      data.line(json ? JSON.stringify({ ok: !broken, checks }) : drawChecks(checks, data.paint))
      context.exit(broken ? EXIT.failed : EXIT.ok)
    })
}
