import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publicOptionsOf } from './public-options.ts'

const ROOT = resolve(import.meta.dirname, '../..')

const tests = globSync(['packages/*/test/**/*.ts', 'test/**/*.ts'], { cwd: ROOT })
  .filter((file) => !file.includes('node_modules') && !file.startsWith('test/house/'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))

function isSaid(path: string): boolean {
  const [, option = ''] = path.split('.')
  const said = new RegExp(`\\b${option}\\b(?::|\\(| ?[,}])`)
  return tests.some((text) => said.test(text))
}

describe.each([
  ['workflows', ['WorkflowBuilder.optional', 'SearchOptions.count', 'Sampling.topP']],
  ['protocol', ['Libp2pTransportOptions.mdns', 'SessionOptions.signal']],
  ['node', ['OllamaOptions.keepAlive', 'AllowedHost.port', 'Script.crashAfter', 'NodeTool.run']],
  ['client', ['RunOptions.seed', 'ScheduleOptions.overlap', 'Timing.cron', 'Pipeline.by']],
])('package %s', (name, some) => {
  const options = publicOptionsOf(name)

  it('[F24] has its options found, in whatever form they are written', () => {
    expect(options).toEqual(expect.arrayContaining(some))
  })

  it('[F24] has no option that no test says', () => {
    expect(options.filter((path) => !isSaid(path))).toEqual([])
  })
})
