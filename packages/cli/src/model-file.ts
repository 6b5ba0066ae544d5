import { open } from 'node:fs/promises'
import { CliError, codeOf } from './errors.ts'
import { reasonOf } from './files.ts'

/** What a GGUF file begins with. */
const MAGIC = 'GGUF'

/**
 * Looks at a model file before it is opened: what its library says of a wrong one is not for people.
 *
 * @throws {CliError} `USAGE` naming the file and what it is
 */
export async function insistOnModelFile(path: string): Promise<void> {
  const problem = await problemOf(path)
  if (problem === undefined) return
  throw new CliError('USAGE', `cannot use the model ${path}: ${problem}`, {
    mend: 'Name a model file: --model NAME.gguf. One that was not loaded whole must be loaded again.',
  })
}

async function problemOf(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
    const isModel = buffer.subarray(0, bytesRead).toString('latin1') === MAGIC
    return isModel ? undefined : 'it is no GGUF file'
  } catch (cause) {
    return reasonOf(codeOf(cause))
  }
}
