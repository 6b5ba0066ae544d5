import { emitWarning } from 'node:process'
import { messageOf } from './errors.ts'
import { isThenable } from './guards.ts'

/**
 * Tells a function of the program something. What it throws, or what it promises and does not keep, harms nothing that
 * goes on: nobody is left to be told of it but the program's author, in a warning.
 */
export function tell<A extends readonly unknown[]>(
  name: string,
  handler: ((...told: A) => unknown) | undefined,
  ...told: A
): void {
  const warn = (thrown: unknown) => {
    emitWarning(`${name} threw: ${messageOf(thrown)}`, 'SkeinWarning')
  }
  try {
    const answer = handler?.(...told)
    if (isThenable(answer)) answer.then(undefined, warn)
  } catch (thrown) {
    warn(thrown)
  }
}
