import { describe, expect, it } from 'vitest'
import { glanceOf } from '../src/glance.ts'
import { ProtocolError } from '../src/errors.ts'
import { LIMITS } from '../src/limits.ts'
import { mayBeSaidBy, Message, parseMessage, type MessageOf } from '../src/messages.ts'

const lease = { task: 'run/1', attempt: 2 }
const model = {
  name: 'llama3.2:1b',
  digest: 'ab'.repeat(32),
  contextLength: 8_192,
  slots: 2,
  credits: 3,
  capabilities: ['json'],
  tokensPerSecond: 41.5,
  demonstration: true,
}

/** One of each, with all that it may hold. */
const WHOLE: { readonly [T in Message['type']]: MessageOf<T> } = {
  hello: { type: 'hello', version: 2, role: 'node', name: 'workshop', agent: 'skein/0.1.0' },
  define: { type: 'define', workflow: 'ab'.repeat(32), document: { steps: [] } },
  assign: {
    type: 'assign',
    ...lease,
    workflow: 'ab'.repeat(32),
    input: { instruction: 'Write', count: 3 },
    models: ['llama3.2:1b'],
    seed: -7,
    timeLeftMs: 59_999.5,
    checkpoint: { answers: [{ text: 'x' }, 'y'] },
    trace: true,
  },
  cancel: { type: 'cancel', ...lease },
  acknowledge: { type: 'acknowledge', ...lease },
  offer: { type: 'offer', models: [model], draining: false },
  refuse: { type: 'refuse', ...lease, code: 'no-slot', message: 'all taken' },
  progress: { type: 'progress', ...lease, tokens: 4, step: 'write', text: 'the', answers: [1] },
  finish: {
    type: 'finish',
    ...lease,
    output: ['a', 'b'],
    model: 'llama3.2:1b',
    digest: 'ab',
    usage: { input: 1, output: 2 },
    timing: { queueMs: 0, loadMs: 0.5, promptMs: 1, generateMs: 2 },
    steps: ['write'],
    trace: [{}],
  },
  fail: { type: 'fail', ...lease, code: 'OOM', message: 'too big', retryable: true, fault: 'node' },
  ping: { type: 'ping', nonce: 1 },
  pong: { type: 'pong', nonce: 1 },
  goodbye: { type: 'goodbye', code: 'closing', message: '' },
}

const types = Object.values(WHOLE).map(({ type }) => type)

function complaint(body: unknown): string {
  try {
    parseMessage(body)
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'MALFORMED_FRAME') return error.message
    throw error
  }
  return 'none'
}

describe.each(types)('%s', (type) => {
  const whole = WHOLE[type]

  it('is read as it was written', () => {
    expect(parseMessage(JSON.parse(JSON.stringify(whole)))).toEqual(whole)
  })

  it('is taken at a glance', () => {
    const schema = Message.options.find(({ shape }) => shape.type.value === type)
    expect(schema && glanceOf<Message>(schema)(WHOLE[type])).toBe(true)
  })

  it('has no field that the protocol does not know', () => {
    expect(complaint({ ...whole, extra: 1 })).toBe(`${type} is wrong: unrecognized_keys`)
  })

  it('is refused when any field of it is of another kind', () => {
    for (const [field, value] of Object.entries(whole)) {
      if (field === 'type' || field === 'output' || field === 'document') continue
      const wrong = typeof value === 'number' ? 'seven' : 7
      expect(complaint({ ...whole, [field]: wrong })).toMatch(`${type}.${field} is wrong`)
      expect(complaint({ ...whole, [field]: null })).toMatch(`${type}.${field} is wrong`)
    }
  })

  it('is said by those who may', () => {
    const both = ['hello', 'ping', 'pong', 'goodbye'].includes(type)
    const client = ['define', 'assign', 'cancel', 'acknowledge'].includes(type)
    expect([mayBeSaidBy('client', type), mayBeSaidBy('node', type)]).toEqual([
      both || client,
      both || !client,
    ])
  })
})

describe('a message', () => {
  it('may leave out what is optional', () => {
    const { seed, timeLeftMs, checkpoint, trace, ...assign } = WHOLE.assign
    expect([seed, timeLeftMs, checkpoint, trace]).not.toContain(undefined)
    expect(parseMessage(assign)).toEqual(assign)
    const { digest, tokensPerSecond, demonstration, ...bare } = model
    expect([digest, tokensPerSecond, demonstration]).not.toContain(undefined)
    expect(parseMessage({ ...WHOLE.offer, models: [bare] })).toMatchObject({ models: [bare] })
  })

  it('is refused at its sender where JSON would lose what the receiver needs', () => {
    expect(complaint({ ...WHOLE.define, document: undefined })).toMatch('define.document is wrong')
    expect(
      complaint({ ...WHOLE.finish, timing: { ...WHOLE.finish.timing, queueMs: NaN } }),
    ).toMatch('finish.timing.queueMs is wrong')
    const nothing = { ...WHOLE.finish, output: undefined }
    expect(parseMessage(JSON.parse(JSON.stringify(parseMessage(nothing))))).not.toHaveProperty(
      'output',
    )
  })

  it('is refused beyond its limits, by the name of the field', () => {
    const long = 'x'.repeat(LIMITS.nameChars + 1)
    const { assign, offer, finish, goodbye, progress, fail } = WHOLE
    const cases: readonly [object, string][] = [
      [{ ...assign, task: long }, 'assign.task is wrong: too_big'],
      [{ ...assign, task: '' }, 'assign.task is wrong: too_small'],
      [{ ...assign, attempt: 0 }, 'assign.attempt is wrong: too_small'],
      [{ ...assign, attempt: 1.5 }, 'assign.attempt is wrong: invalid_type'],
      [{ ...assign, seed: 2 ** 53 }, 'assign.seed is wrong: too_big'],
      [{ ...assign, timeLeftMs: -1 }, 'assign.timeLeftMs is wrong: too_small'],
      [{ ...assign, input: { [long]: 1 } }, `assign.input.${long}`.slice(0, 256)],
      [
        { ...assign, models: Array.from({ length: LIMITS.models + 1 }, () => 'm') },
        'assign.models is wrong: too_big',
      ],
      [
        { ...assign, checkpoint: { answers: Array.from({ length: LIMITS.answers + 1 }) } },
        'assign.checkpoint.answers is wrong: too_big',
      ],
      [
        { ...offer, models: Array.from({ length: LIMITS.models + 1 }, () => model) },
        'offer.models is wrong: too_big',
      ],
      [
        { ...offer, models: [{ ...model, credits: -1 }] },
        'offer.models.0.credits is wrong: too_small',
      ],
      [
        { ...offer, models: [{ ...model, tokensPerSecond: 0 }] },
        'offer.models.0.tokensPerSecond is wrong: too_small',
      ],
      [
        {
          ...offer,
          models: [{ ...model, capabilities: Array.from({ length: 33 }, () => 'c') }],
        },
        'offer.models.0.capabilities is wrong: too_big',
      ],
      [{ ...progress, text: 'x'.repeat(LIMITS.textChars + 1) }, 'progress.text is wrong: too_big'],
      [{ ...finish, usage: { input: -1, output: 0 } }, 'finish.usage.input is wrong: too_small'],
      [{ ...fail, fault: 'yours' }, 'fail.fault is wrong: invalid_value'],
      [
        { ...goodbye, message: 'x'.repeat(LIMITS.reasonChars + 1) },
        'goodbye.message is wrong: too_big',
      ],
    ]
    for (const [body, words] of cases) expect(complaint(body)).toContain(words)
  })

  it('is refused when it is no message at all', () => {
    for (const body of [
      null,
      1,
      'ping',
      [],
      {},
      { type: 'toString' },
      { type: ['ping'] },
      [WHOLE],
    ]) {
      expect(complaint(body)).toBe('a message of unknown type')
    }
    expect(complaint(JSON.parse('{"type":"ping","nonce":1,"__proto__":{"polluted":true}}'))).toBe(
      'ping is wrong: unrecognized_keys',
    )
    expect('polluted' in {}).toBe(false)
  })

  it('is of one of the types of the union', () => {
    expect(Message.options.map(({ shape }) => shape.type.value).toSorted()).toEqual(
      types.toSorted(),
    )
  })
})
