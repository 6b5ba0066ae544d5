import { canonicalJson, sha256 } from './canonical.ts'
import type { WorkflowDocument } from './document.ts'
import { mermaid } from './mermaid.ts'
import { outline } from './outline.ts'
import { programOf } from '../compile/program.ts'

/** A built workflow: plain JSON, plus the types of what goes in and what comes out. */
export interface Workflow<in In, out Out> {
  readonly name: string
  /** SHA-256 over the canonical JSON of the document, as 64 hexadecimal digits. */
  readonly id: string
  readonly document: WorkflowDocument
  toJSON(): WorkflowDocument
  /** The flow as a Mermaid diagram. */
  toMermaid(): string
  /** The flow in words, a line for each step. */
  describe(): string
  /** Types only; never there. */
  readonly '~in'?: (input: In) => void
  readonly '~out'?: () => Out
}

/** The id of a document: equal documents have equal ids on every machine. */
export function workflowId(document: WorkflowDocument): string {
  return sha256(canonicalJson(document))
}

/**
 * Makes a workflow of a document, as `parseWorkflow` returns it.
 *
 * @throws {WorkflowError} where the document does not compile
 */
export function workflowFrom(
  document: WorkflowDocument,
): Workflow<Readonly<Record<string, unknown>>, unknown> {
  return workflowOf(document)
}

/** The same, with the types that the caller vouches for. */
export function workflowOf<In, Out>(document: WorkflowDocument): Workflow<In, Out> {
  programOf(document)
  return {
    name: document.name,
    id: workflowId(document),
    document,
    toJSON: () => document,
    toMermaid: () => mermaid(document),
    describe: () => outline(document),
  }
}
