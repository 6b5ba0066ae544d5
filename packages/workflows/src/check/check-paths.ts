import type { Step, WorkflowDocument } from '../document/document.ts'
import { placeOf } from '../document/place.ts'
import { WorkflowError } from '../errors.ts'
import type { JsonSchema } from '../needs.ts'
import { isRecord } from '../records.ts'
import { template, type Use } from '../template.ts'
import { failing } from './check-keys.ts'
import type { BodyFacts, StepFacts } from './facts.ts'
import { quoted, type Finding } from './finding.ts'
import { bodyKinds, givenKinds, stepKinds, type Kinds } from './value-kinds.ts'

/** Places of prompts that look for what their value never has: a member of a text, items of a number. */
export function lostPaths(facts: BodyFacts, document: WorkflowDocument): readonly Finding[] {
  return lostIn(facts, givenKinds(document))
}

function lostIn(facts: BodyFacts, outer: Kinds): readonly Finding[] {
  const kinds = bodyKinds(facts.body, outer, facts.given)
  const mayFail = failing(facts)
  return facts.steps.flatMap((one) =>
    lostOf(one, { kinds, excused: mayFail(one.step) }).concat(
      one.bodies.flatMap((inner) => lostIn(inner, kinds)),
    ),
  )
}

/** What the prompts of one step look for in vain. */
function lostOf(
  { step, path }: StepFacts,
  { kinds, excused }: { readonly kinds: Kinds; readonly excused: boolean },
): readonly Finding[] {
  const own = stepKinds(step, kinds)
  return textsOf(step).flatMap(([member, text]) =>
    usesOf(text).flatMap((use) => {
      const lost = lostBy(use, own)
      return lost === undefined ? [] : [finding(use, lost, { path: path.concat(member), excused })]
    }),
  )
}

type Path = readonly PropertyKey[]

/** The prompts of a step, each with its place in it. */
function textsOf(step: Step): readonly (readonly [Path, string | undefined])[] {
  if (step.operator === 'search') return [[['query'], step.query]]
  if (step.operator === 'sample') return [[['prompt'], step.prompt]]
  if (step.operator === 'parallel' || step.operator === 'map') return []
  const { system, messages = [], prompt } = step
  return [
    [['system'], system],
    ...messages.map(({ content }, index) => [['messages', index, 'content'], content] as const),
    [['prompt'], prompt],
  ]
}

function usesOf(text: string | undefined): readonly Use[] {
  if (text?.includes('{{') !== true) return []
  try {
    return template(text).uses
  } catch (error) {
    if (error instanceof WorkflowError) return []
    throw error
  }
}

/** Why a value has not what is looked for. */
interface Lost {
  readonly reason: string
  /** Members that there are, where its schema lists them and may allow others. */
  readonly members?: readonly string[]
}

/** What all that may stand under a name lack; `undefined` where one of them may have it. */
function lostBy({ name, path, loops }: Use, kinds: Kinds): Lost | undefined {
  const found = kinds.of(name).map((kind) => follow(kind, { name, path, loops }))
  const lost = found.filter((entry) => entry !== undefined)
  return lost.length === found.length
    ? (lost.find(({ members }) => members !== undefined) ?? lost[0])
    : undefined
}

/** Follows a path into a schema, as far as that says what there is. */
function follow(
  schema: unknown,
  { name, path: [part, ...rest], loops }: Pick<Use, 'name' | 'path' | 'loops'>,
): Lost | undefined {
  if (!isRecord(schema) || OPEN.some((keyword) => Object.hasOwn(schema, keyword))) return undefined
  const scalar = SCALARS[String(schema['type'])]
  if (scalar !== undefined && (part !== undefined || loops)) {
    return { reason: `'${name}' is ${scalar}` }
  }
  if (part === undefined || schema['type'] !== 'object') return undefined
  const { properties } = schema
  if (!isRecord(properties)) return undefined
  if (!Object.hasOwn(properties, part)) return unlisted(schema, { name, properties, part })
  return follow(properties[part], { name: `${name}.${part}`, path: rest, loops })
}

/** Keywords by which a value may be more than the others say. */
const OPEN = ['$ref', 'anyOf', 'oneOf', 'allOf'] as const

const SCALARS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a number',
  boolean: 'true or false',
  null: 'null',
}

interface Member {
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly part: string
}

function unlisted(schema: JsonSchema, { name, properties, part }: Member): Lost | undefined {
  const { additionalProperties: others, patternProperties } = schema
  if (isRecord(others) || patternProperties !== undefined) return undefined
  const reason = `the schema of '${name}' lists no '${part}'`
  return others === false ? { reason } : { reason, members: Object.keys(properties) }
}

function finding(
  { name, path, required, loops }: Use,
  { reason, members }: Lost,
  { path: place, excused }: { readonly path: Path; readonly excused: boolean },
): Finding {
  const written = [name, ...path].join('.')
  const certain = required && !excused && members === undefined
  const listed =
    members === undefined || members.length === 0 ? '' : `There are ${quoted(members)}. `
  return {
    severity: certain ? 'error' : 'warning',
    code: loops ? 'NEVER_WRITTEN' : 'UNKNOWN_KEY',
    path: placeOf(place),
    message: loops
      ? `{{#each ${written}}} has nothing to loop over: ${reason}`
      : `{{${written}}} has no value: ${reason}`,
    mend: `${listed}Name what there is, or give what writes '${name}' a schema that has it.`,
  }
}
