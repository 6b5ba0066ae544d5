/** Times the parts of a task's way: `npm run bench -- micro [names]`. */
import { markdown } from '../harness/report.ts'
import { cases as frames } from './frames.ts'
import { cases as scheduler } from './scheduler.ts'
import { cases as session } from './session.ts'
import { cases as workflows } from './workflows.ts'
import { cases as kernel } from './kernel.ts'
import { cases as journal } from './journal.ts'
import { cases as local } from './local.ts'
import { measure, type Case } from './measure.ts'

const FAMILIES: Readonly<Record<string, readonly Case[]>> = {
  frames,
  session,
  workflows,
  kernel,
  journal,
  scheduler,
  local,
}

const wanted = process.argv.slice(2)
for (const [family, cases] of Object.entries(FAMILIES)) {
  if (wanted.length > 0 && !wanted.includes(family)) continue
  const timings = await measure(cases)
  const rows = timings.map(({ of: { name, aimUs }, us }) => [
    name,
    us.toFixed(2),
    aimUs === undefined ? '' : `≤ ${aimUs}`,
  ])
  console.log(`### ${family}\n\n${markdown(['what', 'CPU µs', 'aim'], rows)}`)
}
process.exit()
