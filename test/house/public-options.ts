import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/** A declaration that other files see, up to the next one. */
const DECLARATION =
  /^export (?:async )?(?:class|const|function|interface|type) (\w+)[^]*?(?=^(?:class|const|export|function|interface|type)\b|^\/\*\*|(?![^]))/gm

/** What may be said: of an interface or a type, or written into what a function takes. */
const OPTIONAL = /\breadonly (\w+)\?: (?!never\b)/g
/** The same in a schema. */
const OPTIONAL_IN_SCHEMA = /\b(\w+): [^\n]*\.(?:exactOptional|optional)\(\)/g
/** What must be said of the options that are written where they are taken. */
const NEEDED_INLINE = /(?:\boptions: |\| )\{ readonly (\w+): /g
/** What must be said, where a type is written to be made. */
const NEEDED = /^ {2}(?:readonly )?(\w+)[:(]/gm

/** Types whose every member somebody says. */
const IS_MADE =
  /(?:Components|Definition|Filter|Host|Options|Patience|Policy|Script|Stack|Timing|Tool)$/
/** They belong to what is public where a public declaration takes them. */
const OPTIONS = /\b[A-Z]\w*Options\b/g

/** What programs are told: they say nothing of it. */
const TOLD: ReadonlySet<string> = new Set([
  'Answer',
  'Completion',
  'CompletionNeed',
  'EmbedNeed',
  'EngineHealth',
  'GenerateEvent',
  'GenerateRequest',
  'GenerateTiming',
  'HttpRequest',
  'ModelInfo',
  'ModelStatus',
  'ModelSummary',
  'NodeShare',
  'OfferedModel',
  'Origin',
  'OutputTo',
  'Plan',
  'PlanChange',
  'PlanReport',
  'ProcessMark',
  'RehearsedStep',
  'RunEnding',
  'RunHead',
  'RunRecord',
  'StepTrace',
  'TaskEvent',
  'TaskResult',
  'ToolNeed',
])

/** The options of a package that others see: `RunOptions.seed`. */
export function publicOptionsOf(name: string): string[] {
  const declared = declarationsOf(name)
  return [...publicNamesOf(name, declared)].flatMap((type) => {
    const text = declared.get(type) ?? ''
    const kinds = [
      OPTIONAL,
      OPTIONAL_IN_SCHEMA,
      NEEDED_INLINE,
      ...(IS_MADE.test(type) ? [NEEDED] : []),
    ]
    const options = kinds.flatMap((kind) => Array.from(text.matchAll(kind), ([, option]) => option))
    return Array.from(new Set(options), (option) => `${type}.${option}`)
  })
}

function publicNamesOf(name: string, declared: ReadonlyMap<string, string>): ReadonlySet<string> {
  const index = read(`packages/${name}/src/index.ts`)
  const exported = Array.from(index.matchAll(/\w+/g), ([word]) => word)
  const names = new Set(exported.filter((word) => declared.has(word) && !TOLD.has(word)))
  // The set grows while it is walked: options of options are found as well.
  for (const known of names) {
    for (const [other] of (declared.get(known) ?? '').matchAll(OPTIONS)) {
      if (declared.has(other)) names.add(other)
    }
  }
  return names
}

/** By name; a schema and the type that is made of it share theirs. */
function declarationsOf(name: string): ReadonlyMap<string, string> {
  const declared = new Map<string, string>()
  for (const file of globSync(`packages/${name}/src/**/*.ts`, { cwd: ROOT })) {
    for (const [text, type = ''] of read(file).matchAll(DECLARATION)) {
      declared.set(type, `${declared.get(type) ?? ''}${text}`)
    }
  }
  return declared
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}
