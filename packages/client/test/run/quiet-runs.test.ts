import { Socket } from 'node:dgram'
import { Server } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { Client } from '../../src/index.ts'
import { double, list } from '../local-plans.ts'
import { temporaryFolder } from '../store/temporary-store.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it('[F23] a plain run opens no port and prints nothing', async () => {
  const ports = [vi.spyOn(Server.prototype, 'listen'), vi.spyOn(Socket.prototype, 'bind')]
  const printed = [
    vi.spyOn(process.stdout, 'write'),
    vi.spyOn(process.stderr, 'write'),
    ...(['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name)),
  ]
  await using folder = await temporaryFolder()
  await using client = await Client.connect({ home: folder.file('home') })
  const { output } = await client.run(list.step(double), { items: [1, 2, 3] })
  expect(output).toEqual([2, 4, 6])
  for (const port of ports) expect(port).not.toHaveBeenCalled()
  for (const print of printed) expect(print).not.toHaveBeenCalled()
})
