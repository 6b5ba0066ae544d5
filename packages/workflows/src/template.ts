import { parse } from '@handlebars/parser'
import { WorkflowError } from './errors.ts'

/**
 * Prompts: Handlebars' grammar, rendered in one pass by our own closures over own properties only.
 * What a value holds is text and is never read as a template again.
 */

/** Reads a name of memory; `undefined` where there is nothing. */
export type Lookup = (name: string) => unknown

/** A prompt ready to be rendered. */
export interface Template {
  /** Names that must have a value when rendered, in order of appearance. */
  readonly required: readonly string[]
  /** All names of memory that it reads. */
  readonly names: readonly string[]
  /** @throws {WorkflowError} `MISSING_VALUE` */
  render(lookup: Lookup): string
}

/** Nesting of blocks: more is no prompt. */
const MAX_DEPTH = 32

interface Scope {
  readonly lookup: Lookup
  readonly value: unknown
  readonly parent: Scope | undefined
  readonly index: number
  readonly key: string | undefined
  readonly last: boolean
}

type Render = (scope: Scope) => string
type Read = (scope: Scope) => unknown
/** The part of the parser's nodes that we read; everything else is refused. */
interface Syntax {
  readonly type: string
  readonly value?: unknown
  readonly path?: Syntax
  readonly params?: readonly Syntax[]
  readonly hash?: unknown
  readonly program?: { readonly body: readonly Syntax[]; readonly blockParams?: readonly string[] }
  readonly inverse?: { readonly body: readonly Syntax[] }
  readonly parts?: readonly unknown[]
  readonly data?: boolean
  readonly depth?: number
  readonly original?: unknown
}

interface Compilation {
  readonly names: Set<string>
  readonly required: Set<string>
  /** How many `#each` are open. */
  readonly depth: number
  readonly blocks: number
  /** Inside a block that may not be rendered. */
  readonly conditional: boolean
}

const cache = new Map<string, Template>()
const CACHE_SIZE = 4096

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

function compileTemplate(source: string): Template {
  if (!source.includes('{{')) {
    return { required: [], names: [], render: () => source }
  }
  const compilation: Compilation = {
    names: new Set(),
    required: new Set(),
    depth: 0,
    blocks: 0,
    conditional: false,
  }
  const render = compileBody(syntaxOf(source), compilation)
  return {
    required: [...compilation.required],
    names: [...compilation.names],
    render: (lookup) =>
      render({
        lookup,
        value: undefined,
        parent: undefined,
        index: 0,
        key: undefined,
        last: true,
      }),
  }
}

function syntaxOf(source: string): readonly Syntax[] {
  refuseDeepNesting(source)
  try {
    return parse(source).body as readonly Syntax[]
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    throw new WorkflowError('INVALID_TEMPLATE', `the prompt cannot be read: ${reason}`, {
      cause: error,
    })
  }
}

function refuseDeepNesting(source: string): void {
  let depth = 0
  for (const [tag] of source.matchAll(/\{\{~?[#/^]|\(/g)) {
    depth += tag.endsWith('/') ? -1 : 1
    if (depth > MAX_DEPTH * 8 && tag !== '(') throw refused('blocks nested too deeply')
  }
}

function compileBody(body: readonly Syntax[], compilation: Compilation): Render {
  const parts = body.map((node) => compileNode(node, compilation)).filter((part) => part !== '')
  const [first, ...rest] = parts
  if (first === undefined) return () => ''
  if (rest.length === 0) return typeof first === 'string' ? () => first : first
  return (scope) => {
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : part(scope)
    return text
  }
}

function compileNode(node: Syntax, compilation: Compilation): Render | string {
  switch (node.type) {
    case 'ContentStatement':
      return String(node.value)
    case 'CommentStatement':
      return ''
    case 'MustacheStatement':
      return compileMustache(node, compilation)
    case 'BlockStatement':
      return compileBlock(node, compilation)
    default:
      throw refused(`${node.type.replace('Statement', '')}s are not supported`)
  }
}

function compileMustache(node: Syntax, compilation: Compilation): Render {
  if ((node.params?.length ?? 0) > 0 || node.hash !== undefined) {
    throw refused(`the helper {{${named(node.path)} …}} is not known`)
  }
  const read = compilePath(node.path, compilation)
  const source = named(node.path)
  if (outermost(node.path, compilation) && !compilation.conditional) {
    compilation.required.add(String(node.path?.parts?.[0]))
  }
  return (scope) => {
    const value = read(scope)
    if (value === undefined) throw missing(source)
    return typeof value === 'string' ? value : textOf(value)
  }
}

function compileBlock(node: Syntax, compilation: Compilation): Render {
  const helper = named(node.path)
  const subject = node.params?.[0]
  if (subject === undefined || node.params?.length !== 1 || node.hash !== undefined) {
    throw refused(`{{#${helper}}} takes exactly one name`)
  }
  if (compilation.blocks >= MAX_DEPTH) throw refused('blocks nested too deeply')
  if ((node.program?.blockParams?.length ?? 0) > 0) throw refused('block parameters are not known')
  const read = compilePath(subject, compilation)
  const inner = { ...compilation, conditional: true, blocks: compilation.blocks + 1 }
  const otherwise = compileBody(node.inverse?.body ?? [], inner)
  const body = node.program?.body ?? []
  switch (helper) {
    case 'if':
      return choose(read, compileBody(body, inner), otherwise)
    case 'unless':
      return choose(read, otherwise, compileBody(body, inner))
    case 'each':
      return repeat(read, compileBody(body, { ...inner, depth: inner.depth + 1 }), otherwise)
    default:
      throw refused(`{{#${helper}}} is not known; there are #each, #if and #unless`)
  }
}

function choose(read: Read, then: Render, otherwise: Render): Render {
  return (scope) => (truthy(read(scope)) ? then(scope) : otherwise(scope))
}

function repeat(read: Read, body: Render, otherwise: Render): Render {
  return (scope) => {
    const value = read(scope)
    const entries = entriesOf(value)
    if (entries.length === 0) return otherwise(scope)
    let text = ''
    for (const [index, [key, item]] of entries.entries()) {
      const last = index === entries.length - 1
      text += body({ lookup: scope.lookup, value: item, parent: scope, index, key, last })
    }
    return text
  }
}

function entriesOf(value: unknown): readonly (readonly [string | undefined, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown) => [undefined, item] as const)
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

/** As Handlebars has it: an empty list is false too. */
function truthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function compilePath(path: Syntax | undefined, compilation: Compilation): Read {
  if (path?.type !== 'PathExpression') throw refused('only names can stand in {{…}}')
  const parts = (path.parts ?? []).map(String)
  if (path.data === true) return compileData(parts, path)
  const up = path.depth ?? 0
  if (up > compilation.depth) throw refused(`{{${named(path)}}} leads out of the prompt`)
  if (up === compilation.depth) return compileName(parts, up, compilation)
  return (scope) => own(ancestor(scope, up)?.value, parts, 0)
}

function compileName(parts: readonly string[], up: number, compilation: Compilation): Read {
  const [root] = parts
  if (root === undefined) throw refused('{{this}} stands only inside {{#each}}')
  compilation.names.add(root)
  const { length } = parts
  if (length === 1 && up === 0) return (scope) => scope.lookup(root)
  return (scope) => own(scope.lookup(root), parts, 1)
}

function compileData(parts: readonly string[], path: Syntax): Read {
  const up = path.depth ?? 0
  const [name] = parts
  if (parts.length !== 1) throw refused(`{{${named(path)}}} is not known`)
  switch (name) {
    case 'index':
      return (scope) => loop(scope, up)?.index
    case 'key':
      return (scope) => loop(scope, up)?.key ?? loop(scope, up)?.index
    case 'first':
      return (scope) => loop(scope, up)?.index === 0
    case 'last':
      return (scope) => loop(scope, up)?.last
    default:
      throw refused(`{{${named(path)}}} is not known; there are @index, @key, @first and @last`)
  }
}

function ancestor(scope: Scope, up: number): Scope | undefined {
  let found: Scope | undefined = scope
  for (let level = 0; level < up; level += 1) found = found?.parent
  return found
}

function loop(scope: Scope, up: number): Scope | undefined {
  const found = ancestor(scope, up)
  return found?.parent === undefined ? undefined : found
}

/** Reads own properties only: nothing of a prototype is ever seen. */
function own(value: unknown, parts: readonly string[], from: number): unknown {
  let found = value
  for (let at = from; at < parts.length; at += 1) {
    const part = parts[at]
    if (typeof found !== 'object' || found === null || part === undefined) return undefined
    if (!Object.hasOwn(found, part)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[part]
  }
  return found
}

/** The text of a value in a prompt: a text as it is, all else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function outermost(path: Syntax | undefined, compilation: Compilation): boolean {
  return path?.data !== true && (path?.depth ?? 0) === compilation.depth
}

function named(path: Syntax | undefined): string {
  return String(path?.original)
}

function refused(reason: string): WorkflowError {
  return new WorkflowError('INVALID_TEMPLATE', `the prompt cannot be read: ${reason}`)
}

function missing(name: string): WorkflowError {
  return new WorkflowError('MISSING_VALUE', `{{${name}}} has no value`)
}
