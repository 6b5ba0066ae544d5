import { describe, expect, it } from 'vitest'
import { textTests } from '../../src/schema/formats.ts'

/** Whether a text passes all tests of a format. */
function fits(format: string, text: string): boolean {
  return textTests({ type: 'string', format }).every(({ matches }) => matches(text))
}

describe('a text of a form', () => {
  it.each([
    ['date', ['2024-02-29', '2023-12-31', '0099-01-01', '2000-02-29']],
    ['time', ['23:59:59Z', '00:00', '12:30:00.5+02:00', '12:30:00.123456789-11:30', '01:02:03']],
    ['date-time', ['2024-02-29T23:59:59Z', '2024-02-29t00:00:00+01:00', '2024-02-29 12:00']],
    [
      'duration',
      ['P1W', 'P12W', 'P1Y2M3D', 'P1DT12H', 'PT36H', 'PT1M', 'PT1.5S', 'PT0,25S', 'P1M'],
    ],
    ['email', ['a@b.example', 'first.last+tag@sub.domain.org', `${'a'.repeat(64)}@b.de`]],
    ['uri', ['https://example.org/a?b#c', 'mailto:a@b.de', 'urn:isbn:1', 'a+b-c.d:x']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000', 'ABCDEF01-2345-6789-abcd-ef0123456789']],
    ['ipv4', ['0.0.0.0', '255.255.255.255', '192.168.1.10', '249.199.99.9']],
  ])('[D10] is a %s', (format, texts) => {
    expect(texts.filter((text) => !fits(format, text))).toEqual([])
  })

  it.each([
    [
      'date',
      [
        '2023-02-29',
        '2023-13-01',
        '2023-00-10',
        '2023-04-31',
        '2023-1-1',
        '1900-02-29',
        ' 2023-01-01',
        '2023-01-01x',
        'x2023-01-01',
        '',
      ],
    ],
    [
      'time',
      [
        '24:00',
        '12:60',
        '12:30:60',
        '12:30:00.',
        '12:30:00.1234567890',
        '1:30',
        '12:30+2:00',
        '12:30+24:00',
        '12:30+02:60',
        'a12:30',
        '12:30Za',
      ],
    ],
    [
      'date-time',
      [
        '2024-02-30T12:00:00Z',
        '2024-02-29T25:00:00Z',
        '2024-02-29',
        '2024-02-29x12:00',
        '2024-02-29T',
        'x2024-02-29T12:00',
      ],
    ],
    [
      'duration',
      ['P', 'PT', 'P1', '1D', 'P1DT', 'P1H', 'P1W2D', 'PT1D', 'P-1D', 'PT1.S', 'xP1D', 'P1Dx'],
    ],
    [
      'email',
      [
        'a',
        '@b.de',
        'a@b',
        'a@',
        'a b@c.de',
        'a@b..de',
        'a@b.de.',
        `${'a'.repeat(65)}@b.de`,
        'a@b@c.de',
        'a@b.de x',
      ],
    ],
    ['uri', ['example.org', '/a', '1a:x', 'a:', 'https://a b', ':x', 'é:x']],
    [
      'uuid',
      [
        '123e4567e89b12d3a456426614174000',
        '123e4567-e89b-12d3-a456-42661417400',
        'x23e4567-e89b-12d3-a456-426614174000',
        '123e4567-e89b-12d3-a456-4266141740001',
        '1123e4567-e89b-12d3-a456-426614174000',
      ],
    ],
    [
      'ipv4',
      [
        '256.1.1.1',
        '1.1.1',
        '1.1.1.1.',
        '1.1.1.1.1',
        'a.1.1.1',
        '1.1.1.300',
        '1..1.1',
        'x1.1.1.1',
        '1.1.1.1x',
      ],
    ],
  ])('[D10] is no %s', (format, texts) => {
    expect(texts.filter((text) => fits(format, text))).toEqual([])
  })

  it('[D10] is told what was expected', () => {
    expect(textTests({ type: 'string', format: 'date' }).map(({ expected }) => expected)).toEqual([
      'a text of the form date',
    ])
    expect(textTests({ pattern: '^a$' }).map(({ expected }) => expected)).toEqual([
      'a text that matches ^a$',
    ])
  })

  it('[D10] must fit its pattern, too', () => {
    const tests = textTests({ type: 'string', format: 'date', pattern: '^2024' })
    expect(tests.map(({ matches }) => matches('2023-01-01'))).toEqual([true, false])
  })

  it('[D10] is checked by its form alone where the pattern only says it again, in what cannot be matched safely', () => {
    const tests = textTests({ type: 'string', format: 'email', pattern: '^(?=x)a$' })
    expect(tests.map(({ expected }) => expected)).toEqual(['a text of the form email'])
    const failure = expect.objectContaining({ code: 'INVALID_SCHEMA' }) as unknown
    expect(() => textTests({ type: 'string', pattern: '^(?=x)a$' })).toThrow(failure)
    expect(() => textTests({ type: 'string', format: 'email', pattern: 7 })).toThrow(failure)
  })

  it('[D10] of a form that nobody knows is refused, where it is a text at all', () => {
    expect(() => textTests({ type: 'string', format: 'shape' })).toThrow(
      'the format "shape" is not known',
    )
    expect(textTests({ type: 'string', format: 'shape', pattern: 'a' })).toHaveLength(1)
    expect(textTests({ type: 'integer', format: 'int32' })).toEqual([])
    expect(textTests({ type: 'string' })).toEqual([])
  })
})
