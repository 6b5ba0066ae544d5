import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { toJSONSchema, type ZodType } from 'zod'
import { FrameReader, FrameWriter } from '../src/frames.ts'
import { LIMITS } from '../src/limits.ts'
import { LIVENESS } from '../src/liveness.ts'
import { Fault, Message, OfferedModel, PROTOCOL_VERSION, RefusalCode } from '../src/messages.ts'
import { NetworkKey } from '../src/network-key.ts'

const TEXT = readFileSync(path.join(import.meta.dirname, '../../../docs/protocol.md'), 'utf8')

/** What stands under a heading, up to the next of its rank or above. */
function section(heading: string): string {
  const start = TEXT.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`there is no section ${heading}`)
  const rank = heading.split(' ', 1)[0] ?? ''
  const rest = TEXT.slice(start + heading.length + 2)
  const end = rest.search(new RegExp(`^#{1,${rank.length}} `, 'mu'))
  return end < 0 ? rest : rest.slice(0, end)
}

/** Rows of tables whose first cell is code: that code, and the cell after it. */
function rows(text: string): Map<string, string> {
  const found = text.matchAll(/^\| `(?<name>[^`]+)` \| (?<kind>[^|]*) \|/gmu)
  return new Map(
    Array.from(found, ({ groups }) => [groups?.['name'] ?? '', groups?.['kind'] ?? '']),
  )
}

/** The table that follows those words. */
function tableAfter(words: string): Map<string, string> {
  const start = TEXT.indexOf(words)
  if (start < 0) throw new Error(`the words "${words}" are missing`)
  const lines = TEXT.slice(start).split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'))
  return rows(lines.slice(first, first + length).join('\n'))
}

/** The names of all fields in a JSON Schema, also of those inside others. */
function names(schema: unknown): string[] {
  const found: string[] = []
  JSON.stringify(schema, (key, value: unknown) => {
    if (key === 'properties' && typeof value === 'object') found.push(...Object.keys(value ?? {}))
    return value
  })
  return found.filter((name) => name !== 'type')
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('docs/protocol.md', () => {
  it.each(Message.options.map((schema) => [schema.shape.type.value, schema] as const))(
    'describes each field of %s, and whether it may be left out',
    (type, schema) => {
      const text = section(`### \`${type}\``)
      const table = tableAfter(`\n### \`${type}\`\n`)
      const fields = Object.entries<ZodType>(schema.shape).filter(([name]) => name !== 'type')
      expect(Array.from(table.keys())).toEqual(fields.map(([name]) => name))
      for (const [name, field] of fields) {
        const optional = field.safeParse(undefined).success
        expect([name, table.get(name)?.includes('○')]).toEqual([name, optional])
      }
      for (const name of names(toJSONSchema(schema))) expect(text).toContain(`\`${name}\``)
    },
  )

  it('describes each field of a model', () => {
    const model = tableAfter('A model in an offer:')
    expect(Array.from(model.keys())).toEqual(Object.keys(OfferedModel.shape))
    for (const [name, field] of Object.entries(OfferedModel.shape)) {
      expect([name, model.get(name)?.includes('○')]).toEqual([
        name,
        field.safeParse(undefined).success,
      ])
    }
  })

  it('gives every limit its value', () => {
    const table = tableAfter('A frame beyond these limits')
    expect(Object.fromEntries(table)).toEqual(
      Object.fromEntries(Object.entries(LIMITS).map(([name, value]) => [name, `${value}`])),
    )
  })

  it('gives every refusal code and every fault', () => {
    expect(Array.from(tableAfter('| refusal code |').keys())).toEqual(RefusalCode.options)
    for (const fault of Fault.options) expect(section('### `fail`')).toContain(`\`${fault}\``)
  })

  it('gives the version and the times', () => {
    expect(TEXT).toContain(`Version of the protocol: **${PROTOCOL_VERSION}**`)
    expect(TEXT).toContain(`/skein/session/${PROTOCOL_VERSION}`)
    const liveness = section('## The session')
    for (const ms of Object.values(LIVENESS)) expect(liveness).toContain(`${ms} ms`)
  })

  it('says true things in its test vectors', () => {
    const key = new NetworkKey(Uint8Array.from({ length: 32 }, (_, index) => index))
    expect(TEXT).toContain(`written  ${key.toText()}`)
    expect(TEXT).toContain(`gate     ${hex(key.derive('gate'))}`)
    expect(TEXT).toContain(`noise    ${hex(key.derive('noise'))}`)
    expect(TEXT).toContain(`id       ${key.id}`)
    for (const role of ['listener', 'dialler']) {
      const proof = createHmac('sha256', key.derive('gate'))
        .update(role)
        .update(Buffer.alloc(32, 0xaa))
        .update(Buffer.alloc(32, 0xbb))
        .digest('hex')
      expect(TEXT).toContain(`${role.padEnd(8)} ${proof}`)
    }
    const writer = new FrameWriter()
    writer.write({ type: 'ping', nonce: 7 })
    expect(TEXT).toContain(hex(Buffer.concat(writer.take())))
  })

  it('says true things about a text that follows its message', () => {
    const example = section('## Frames').match(
      /```json\n(?<json>.*)\n```[^`]*```text\n(?<bytes>[\da-f\n]+)```/u,
    )?.groups
    const read: unknown[] = []
    const bytes = Buffer.from(example?.['bytes']?.replaceAll('\n', '') ?? '', 'hex')
    new FrameReader((message) => read.push(message)).push(bytes)
    expect(read).toEqual([JSON.parse(example?.['json'] ?? '')])
  })
})
