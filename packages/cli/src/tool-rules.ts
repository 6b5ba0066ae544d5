import { parseToolPolicy, type ToolPolicy } from '@skein/node'
import { CliError } from './errors.ts'
import { readJson } from './files.ts'

/** What the tools of workflows may reach, as the options say. */
export interface ToolOptions {
  /** Hosts for GET over https. */
  readonly allowHost?: readonly string[]
  /** A JSON file with hosts and limits. */
  readonly tools?: string
}

/** @throws {CliError} `USAGE` naming the option or the file, and what is wrong in it */
export async function readToolRules({ allowHost = [], tools }: ToolOptions): Promise<ToolPolicy> {
  const written = tools === undefined ? {} : parse(await readJson(tools), tools)
  const named = parse({ hosts: allowHost.map((host) => ({ host })) }, '--allow-host')
  return { ...written, hosts: [...(written.hosts ?? []), ...(named.hosts ?? [])] }
}

function parse(json: unknown, where: string): ToolPolicy {
  try {
    return parseToolPolicy(json)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ''
    throw new CliError('USAGE', `${where}: ${reason}`, { cause })
  }
}
