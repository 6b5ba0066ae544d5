import { messageOf } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { ownColumns } from './own-columns.ts'
import type { Plan } from './plan.ts'
import { describeIssues } from '../schema-issues.ts'

/** What an input is for a plan, frozen; or why it does not fit. */
export function inputFor(
  { input: schema, inputNames, keepsInput }: Plan,
  input: unknown,
): { value: unknown } | { problem: string } {
  try {
    const parsed = schema?.safeParse(ownColumns(input, inputNames))
    if (parsed?.success === false) return { problem: describeIssues(parsed.error) }
    return { value: deepFreeze(parsed && !keepsInput ? parsed.data : input) }
  } catch (thrown) {
    // A transform or refinement of the user's schema threw, or a getter of the value.
    return { problem: `its schema threw: ${messageOf(thrown)}` }
  }
}
