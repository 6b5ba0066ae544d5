import { parse } from '@handlebars/parser'
import { bounded, MAX_TEXT_CHARS } from './bounds.ts'
import { WorkflowError } from './errors.ts'
import { isRecord } from './records.ts'

/**
 * Prompts: Handlebars' grammar, rendered in one pass by our own closures over own properties only. What a value
 * holds is text and is never read as a template again.
 *
 *     {{name}}  {{a.b}}  {{[some name]}}  {{this}}  {{../outer}}  {{@index}} {{@key}} {{@first}} {{@last}}
 *     {{#each xs}}…{{else}}…{{/each}}  {{#if x}}…{{else if y}}…{{else}}…{{/if}}  {{#unless x}}…{{/unless}}
 */

/** Reads a name of memory; `undefined` where there is nothing. */
export type Lookup = (name: string) => unknown

/** A place of a prompt that looks into a value of memory, or loops over one. */
export interface Use {
  readonly name: string
  /** What it looks for in the value: `{{a.b.0}}` has `b` and `0`. */
  readonly path: readonly string[]
  /** Whether the prompt cannot be rendered without what it looks for. */
  readonly required: boolean
  /** Whether it loops over that. */
  readonly loops: boolean
}

/** A prompt ready to be rendered. */
export interface Template {
  /** All names of memory that it reads. */
  readonly names: readonly string[]
  /** Those of them without which it cannot be rendered, whatever its conditions say. */
  readonly required: readonly string[]
  readonly uses: readonly Use[]
  /** @throws {WorkflowError} `MISSING_VALUE`, `STEP_FAILED` where it becomes too long */
  render(lookup: Lookup): string
}

/** Nesting of blocks: more is no prompt. */
const MAX_DEPTH = 32
/** Blocks and their other ways in one prompt: more would take long to parse where they nest. */
const MAX_BLOCKS = 256
/** Comments, and braces after a backslash, in one prompt: the parser's time grows with the square of their number. */
const MAX_ASIDES = 512
/** Characters of one `{{…}}` that is no comment, for the same reason. */
const MAX_NAME_CHARS = 256
const LONG_NAME = new RegExp(`(?<!(?<!\\\\)\\\\)\\{\\{(?!~?!)[^}]{${MAX_NAME_CHARS}}`)
/** Calls in one `{{…}}`: there are none to make, and the parser takes long where they nest. */
const MAX_CALLS = 8
const NESTED_CALLS = new RegExp(`\\{\\{(?!~?!)(?:[^}(]*\\(){${MAX_CALLS + 1}}`)
/** Turns of all loops of one rendering: loops in loops multiply. */
const MAX_TURNS = 1_000_000
/** Prompts kept compiled. */
const CACHE_SIZE = 4096

/** Where a name is looked for: memory, or the item of the loop. */
interface Scope {
  readonly lookup: Lookup
  readonly value: unknown
  readonly parent: Scope | undefined
  readonly index: number
  readonly key: string | number
  readonly last: boolean
  /** Turns of loops that are left to the whole rendering. */
  readonly budget: { turns: number }
}

type Render = (scope: Scope) => string
type Read = (scope: Scope) => unknown

interface Compilation {
  readonly names: Set<string>
  readonly required: Set<string>
  readonly uses: Use[]
  /** How many `#each` are open: a name with as many `../` belongs to memory. */
  readonly loops: number
  readonly blocks: number
}

const cache = new Map<string, Template>()

/**
 * Parses a prompt once; the same text gives the same template.
 *
 * @throws {WorkflowError} `INVALID_TEMPLATE`
 */
export function template(source: string): Template {
  const known = cache.get(source)
  if (known !== undefined) return known
  const made = compileTemplate(source)
  if (cache.size >= CACHE_SIZE) cache.clear()
  cache.set(source, made)
  return made
}

/** A prompt that renders as this very text: braces that would read as a template stand in quotes. */
export function literalTemplate(text: string): string {
  const quoted = text.replaceAll(/[{}\\]+/g, (run: string, at: number) => {
    const end = Math.max(run.lastIndexOf('{'), run.lastIndexOf('}')) + 1
    // A brace alone is text, unless it may meet another one: that of a tag before or after the whole.
    const meets = run === '{' ? at === text.length - 1 : run.startsWith('}') && at === 0
    return end > 1 || meets ? `{{"${run.slice(0, end)}"}}${run.slice(end)}` : run
  })
  // A backslash before a tag would escape it; of two, one is left.
  return quoted.endsWith('\\') ? `${quoted}\\{{""}}` : quoted
}

function compileTemplate(source: string): Template {
  if (!source.includes('{{')) {
    return { names: [], required: [], uses: [], render: () => source }
  }
  const compilation: Compilation = {
    names: new Set(),
    required: new Set(),
    uses: [],
    loops: 0,
    blocks: 0,
  }
  const render = compileBody(syntaxOf(source), compilation)
  return {
    names: [...compilation.names],
    required: [...compilation.required],
    uses: compilation.uses,
    render: (lookup) => {
      const budget = { turns: MAX_TURNS }
      return render({
        lookup,
        value: undefined,
        parent: undefined,
        index: 0,
        key: 0,
        last: true,
        budget,
      })
    },
  }
}

/** A piece of a prompt: text, or the name of a value. */
export type Segment = { readonly text: string } | { readonly name: string }

/**
 * The pieces of a prompt that is nothing but text and names; `undefined` for one with blocks or paths.
 *
 * @throws {WorkflowError} `INVALID_TEMPLATE`
 */
export function segmentsOf(source: string): readonly Segment[] | undefined {
  const segments = nodes(syntaxOf(source), 'body').map(segmentOf)
  const known = segments.filter((segment) => segment !== undefined)
  return known.length === segments.length ? known : undefined
}

function segmentOf(node: unknown): Segment | undefined {
  const type = field(node, 'type')
  const path = field(node, 'path')
  if (type === 'CommentStatement') return { text: '' }
  if (type === 'ContentStatement') return { text: String(field(node, 'value')) }
  if (type !== 'MustacheStatement') return undefined
  if (field(path, 'type') === 'StringLiteral') return { text: originalOf(path) }
  const [name, ...rest] = nodes(path, 'parts')
  const simple = rest.length === 0 && field(path, 'data') !== true && field(path, 'depth') === 0
  return simple && typeof name === 'string' ? { name } : undefined
}

function syntaxOf(source: string): unknown {
  refuseMonsters(source)
  try {
    return parse(source)
  } catch (error) {
    const [first = '', snippet = ''] = error instanceof Error ? error.message.split('\n') : []
    throw new WorkflowError(
      'INVALID_TEMPLATE',
      `the prompt cannot be read${placeOf(first, snippet.trim())}`,
      { cause: error },
    )
  }
}

/** Where the parser stumbled, which says "Parse error on line 3:", or "if doesn't match each - 3:7". */
function placeOf(message: string, snippet: string): string {
  const [, line] = /line (\d+)/.exec(message) ?? []
  if (line !== undefined) return ` on line ${line}, near '${snippet}'`
  const [, reason, number] = /^(.*) - (\d+):\d+$/.exec(message) ?? []
  return number === undefined ? '' : ` on line ${number}: ${reason}`
}

/**
 * The parser takes a time that grows with the cube of what nests. So what could nest is bounded before, wherever it
 * stands: in comments and in quotes too.
 */
function refuseMonsters(source: string): void {
  const blocks = source.match(/\{\{~?(?:[#^]|\s*else\s)/g)?.length ?? 0
  if (blocks > MAX_BLOCKS) throw refused(`it has more than ${MAX_BLOCKS} blocks`)
  const asides = source.match(/\\\{\{|\{\{~?!/g)?.length ?? 0
  if (asides > MAX_ASIDES)
    throw refused(`it has more than ${MAX_ASIDES} comments and escaped braces`)
  if (LONG_NAME.test(source)) throw refused(`a {{…}} is longer than ${MAX_NAME_CHARS} characters`)
  if (NESTED_CALLS.test(source)) throw refused(`a {{…}} has more than ${MAX_CALLS} brackets`)
}

function compileBody(program: unknown, compilation: Compilation): Render {
  const parts = nodes(program, 'body').map((node) => compileNode(node, compilation))
  return (scope) => {
    let text = ''
    for (const part of parts) {
      text += typeof part === 'string' ? part : part(scope)
      if (text.length > MAX_TEXT_CHARS) throw tooLong()
    }
    return text
  }
}

function compileNode(node: unknown, compilation: Compilation): Render | string {
  const type = field(node, 'type')
  if (type === 'ContentStatement') return String(field(node, 'value'))
  if (type === 'CommentStatement') return ''
  if (type === 'MustacheStatement') return compileMustache(node, compilation)
  if (type === 'BlockStatement') return compileBlock(node, compilation)
  throw refused(`a ${String(type).replace('Statement', '').toLowerCase()} is not supported`)
}

function compileMustache(node: unknown, compilation: Compilation): Render {
  const path = field(node, 'path')
  const source = originalOf(path)
  if (field(path, 'type') === 'StringLiteral') return () => source
  if (nodes(node, 'params').length > 0 || field(node, 'hash') !== undefined) {
    throw refused(`there is no helper '${source}'`)
  }
  const read = compilePath(path, compilation)
  return (scope) => {
    const value = read(scope)
    if (value === undefined) throw missing(source)
    return textOf(value)
  }
}

function compileBlock(node: unknown, outer: Compilation): Render {
  const helper = originalOf(field(node, 'path'))
  const [subject, ...others] = nodes(node, 'params')
  if (!BLOCKS.has(helper))
    throw refused(`there is no {{#${helper}}}; there are #each, #if and #unless`)
  if (subject === undefined || others.length > 0 || field(node, 'hash') !== undefined) {
    throw refused(`{{#${helper}}} takes exactly one name`)
  }
  if (outer.blocks >= MAX_DEPTH) throw refused(`blocks are nested deeper than ${MAX_DEPTH}`)
  const inner = { ...outer, blocks: outer.blocks + 1 }
  const loops = helper === 'each' ? outer.loops + 1 : outer.loops
  const read = compilePath(subject, inner, helper)
  const body = compileBody(field(node, 'program'), { ...inner, loops })
  const otherwise = compileBody(field(node, 'inverse'), inner)
  if (helper === 'each') return repeat(read, body, otherwise)
  return helper === 'if' ? choose(read, body, otherwise) : choose(read, otherwise, body)
}

const BLOCKS: ReadonlySet<string> = new Set(['each', 'if', 'unless'])

function choose(read: Read, then: Render, otherwise: Render): Render {
  return (scope) => (truthy(read(scope)) ? then(scope) : otherwise(scope))
}

/** As Handlebars has it: an empty list is false too. */
function truthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function repeat(read: Read, body: Render, otherwise: Render): Render {
  return (scope) => {
    const subject = read(scope)
    const keys = isRecord(subject) ? Object.keys(subject) : undefined
    const values = valuesOf(subject)
    if (values.length === 0) return otherwise(scope)
    const { lookup, budget } = scope
    budget.turns -= values.length
    if (budget.turns < 0) throw tooLong()
    let text = ''
    for (let index = 0; index < values.length; index += 1) {
      const key = keys?.[index] ?? index
      const last = index === values.length - 1
      text += body({ lookup, value: values[index], parent: scope, index, key, last, budget })
      if (text.length > MAX_TEXT_CHARS) throw tooLong()
    }
    return text
  }
}

function valuesOf(subject: unknown): readonly unknown[] {
  if (Array.isArray(subject)) return subject
  return isRecord(subject) ? Object.values(subject) : []
}

/** A name; in a `block` it is what that looks at. */
function compilePath(path: unknown, compilation: Compilation, block = ''): Read {
  if (field(path, 'type') !== 'PathExpression') throw refused('only names can stand in {{…}}')
  const parts = nodes(path, 'parts')
  if (!parts.every((part) => typeof part === 'string'))
    throw refused('only names can stand in {{…}}')
  const up = Number(field(path, 'depth'))
  const source = originalOf(path)
  if (up > compilation.loops) throw refused(`{{${source}}} leads out of the prompt`)
  if (field(path, 'data') === true) return compileData(parts, up, source)
  if (up === compilation.loops) return compileName(parts, compilation, block)
  return (scope) => own(ancestor(scope, up)?.value, parts)
}

function compileName(parts: readonly string[], compilation: Compilation, block: string): Read {
  const [root, ...rest] = parts
  if (root === undefined) throw refused('{{this}} stands only inside {{#each}}')
  compilation.names.add(root)
  const required = compilation.blocks === 0
  if (required) compilation.required.add(root)
  const loops = block === 'each'
  if (loops || (required && rest.length > 0)) {
    compilation.uses.push({ name: root, path: rest, required, loops })
  }
  return (scope) => own(scope.lookup(root), rest)
}

const LOOP_DATA: Readonly<Record<string, Read>> = {
  index: (scope) => scope.index,
  key: (scope) => scope.key,
  first: (scope) => scope.index === 0,
  last: (scope) => scope.last,
}

function compileData(parts: readonly string[], up: number, source: string): Read {
  const [name = ''] = parts
  const read = parts.length === 1 && Object.hasOwn(LOOP_DATA, name) ? LOOP_DATA[name] : undefined
  if (read === undefined) {
    throw refused(`there is no {{${source}}}; there are @index, @key, @first and @last`)
  }
  return (scope) => {
    const found = ancestor(scope, up)
    return found?.parent === undefined ? undefined : read(found)
  }
}

function ancestor(scope: Scope, up: number): Scope | undefined {
  let found: Scope | undefined = scope
  for (let level = 0; level < up; level += 1) found = found?.parent
  return found
}

/** Follows a path over own properties only: nothing of a prototype is ever seen. */
function own(value: unknown, parts: readonly string[]): unknown {
  let found = value
  for (const part of parts) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = Reflect.get(found, part)
  }
  return found
}

/**
 * The text of a value in a prompt: a text as it is, all else as JSON.
 *
 * @throws {WorkflowError} `STEP_FAILED` where it becomes too long
 */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(bounded(value))
}

function field(node: unknown, key: string): unknown {
  return isRecord(node) ? node[key] : undefined
}

function nodes(node: unknown, key: string): readonly unknown[] {
  const found = field(node, key)
  return Array.isArray(found) ? found : []
}

function originalOf(path: unknown): string {
  return String(field(path, 'original'))
}

function refused(reason: string): WorkflowError {
  return new WorkflowError('INVALID_TEMPLATE', `the prompt cannot be read: ${reason}`)
}

function tooLong(): WorkflowError {
  return new WorkflowError('STEP_FAILED', 'the prompt becomes longer than any model can read')
}

function missing(name: string): WorkflowError {
  return new WorkflowError('MISSING_VALUE', `{{${name}}} has no value`)
}
