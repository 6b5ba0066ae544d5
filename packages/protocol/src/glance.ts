import { z } from 'zod'

/**
 * A quick look at a value that came as JSON. True: the schema takes the value, and takes it as it is. False
 * says nothing: then the schema itself must be asked, which is ten times slower and knows what is wrong.
 */
export type Glance<T> = (value: unknown) => value is T

/** What is understood of a JSON Schema; one that says more is never taken at a glance. */
type Understood = z.infer<typeof Understood>
const Understood = z.strictObject({
  $schema: z.string().optional(),
  type: z.enum(['object', 'array', 'string', 'integer', 'number', 'boolean']).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  minLength: z.number().default(0),
  maxLength: z.number().default(Infinity),
  minimum: z.number().default(-Infinity),
  exclusiveMinimum: z.number().default(-Infinity),
  maximum: z.number().default(Infinity),
  items: z.unknown().optional(),
  maxItems: z.number().default(Infinity),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  propertyNames: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
})

type Look = (value: unknown) => boolean

const LOOKS: Readonly<Record<NonNullable<Understood['type']>, (schema: Understood) => Look>> = {
  boolean: () => (value) => typeof value === 'boolean',
  string: lookAtText,
  integer: (schema) => lookAtNumber(schema, Number.isSafeInteger),
  number: (schema) => lookAtNumber(schema, Number.isFinite),
  array: lookAtList,
  object: (schema) =>
    schema.properties === undefined ? lookAtRecord(schema) : lookAtObject(schema),
}

/**
 * Makes the glance of a schema, by way of its JSON Schema. That does not show refinements and changes of
 * texts: the schema must have none.
 */
export function glanceOf<T>(schema: z.ZodType<T>): Glance<T> {
  const look = compile(z.toJSONSchema(schema))
  return (value): value is T => look(value)
}

function compile(schema: unknown): Look {
  const understood = Understood.safeParse(schema)
  if (!understood.success) return () => false
  const { data } = understood
  if (data.enum !== undefined) return oneOf(data.enum)
  if (data.const !== undefined) return oneOf([data.const])
  return data.type === undefined ? (value) => value !== undefined : LOOKS[data.type](data)
}

function oneOf(values: readonly unknown[]): Look {
  const all = new Set(values)
  return (value) => all.has(value)
}

function lookAtText({ minLength, maxLength }: Understood): Look {
  return (value) =>
    typeof value === 'string' && value.length >= minLength && value.length <= maxLength
}

function lookAtNumber(
  { minimum, exclusiveMinimum, maximum }: Understood,
  isKind: (value: number) => boolean,
): Look {
  return (value) =>
    typeof value === 'number' &&
    isKind(value) &&
    value >= minimum &&
    value > exclusiveMinimum &&
    value <= maximum
}

function lookAtList({ items, maxItems }: Understood): Look {
  const look = compile(items)
  return (value) => Array.isArray(value) && value.length <= maxItems && value.every(look)
}

/** Of objects with these fields and no others. */
function lookAtObject({ properties = {}, required }: Understood): Look {
  const fields = Object.entries(properties).map(([key, schema]) => ({
    key,
    isRequired: required.includes(key),
    look: compile(schema),
  }))
  return (value) => {
    if (!isRecord(value)) return false
    let found = 0
    for (const { key, isRequired, look } of fields) {
      const member = value[key]
      if (member === undefined) {
        if (isRequired) return false
      } else if (look(member)) found += 1
      else return false
    }
    return Object.keys(value).length === found
  }
}

/** Of objects with any fields. `__proto__` as a field is for the schema to judge. */
function lookAtRecord({ propertyNames, additionalProperties }: Understood): Look {
  const lookAtName = compile(propertyNames)
  const look = compile(additionalProperties)
  return (value) =>
    isRecord(value) &&
    Object.keys(value).every((key) => key !== '__proto__' && lookAtName(key) && look(value[key]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
