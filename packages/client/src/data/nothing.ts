import type { z } from 'zod'

/** What a schema is made of. */
export interface Definition extends z.core.$ZodTypeDef {
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly coerce?: boolean
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly items?: readonly z.ZodType[]
  readonly valueType?: z.ZodType
}

export type Nothing = null | undefined

/** Schemas that say that a value may be missing, and in which form. */
const WORDS: Readonly<Record<string, Nothing>> = {
  optional: undefined,
  default: undefined,
  prefault: undefined,
  undefined: undefined,
  void: undefined,
  nullable: null,
  null: null,
}

/**
 * Whether nothing is a value to the schema: it stays nothing, or has a default. One that coerces takes it as well, but
 * makes a text, a number or a date of it that nobody wrote.
 */
export function takesNothing(schema: z.ZodType, nothing: Nothing): boolean {
  const parsed = schema.safeParse(nothing)
  if (!parsed.success) return false
  return parsed.data === undefined || parsed.data === null || saysSo(schema, nothing)
}

function saysSo(schema: z.ZodType, nothing: Nothing): boolean {
  const { type, innerType, in: first, options = [] }: Definition = schema.def
  if (Object.hasOwn(WORDS, type) && WORDS[type] === nothing) return true
  // What coerces fails of itself for some of what is nothing, and only then the value for failures is given.
  if (type === 'catch' && innerType) {
    return !innerType.safeParse(nothing).success || takesNothing(innerType, nothing)
  }
  const inner = innerType ?? first
  if (inner) return saysSo(inner, nothing)
  return options.some((option) => saysSo(option, nothing)) && !options.some(coercesEmpty)
}

/** Whether it would make 0 or a date of an empty text. */
export function coercesEmpty(schema: z.ZodType): boolean {
  const { type, coerce = false, innerType, in: first, options = [] }: Definition = schema.def
  if (coerce) return type === 'number' || type === 'bigint' || type === 'date'
  const inner = innerType ?? first
  return inner ? coercesEmpty(inner) : options.some(coercesEmpty)
}

/** What a value must be, without the value that stands in for one that fails. */
export function withoutCatch(schema: z.ZodType): z.ZodType {
  const { type, innerType }: Definition = schema.def
  return type === 'catch' && innerType ? withoutCatch(innerType) : schema
}
