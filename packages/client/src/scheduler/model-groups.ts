import { ClientError } from '../errors.ts'
import { isList, isRecord } from '../guards.ts'

/** Lists of models, best first, by a name that stands for any of them. */
export type ModelGroups = Readonly<Record<string, readonly string[]>>

/**
 * Checks what a caller wrote.
 *
 * @throws {ClientError} `INVALID_INPUT` naming the group
 */
export function checkGroups(groups: ModelGroups): ModelGroups {
  if (!isRecord(groups)) throw new ClientError('INVALID_INPUT', 'modelGroups must be an object')
  for (const [name, models] of Object.entries<unknown>(groups)) {
    // No model at all would mean any.
    const isGroup = isList(models) && models.length > 0 && models.every(isName)
    if (isGroup) continue
    const message = `modelGroups.${name} must be a list of names of models, at least one`
    throw new ClientError('INVALID_INPUT', message)
  }
  return groups
}

/** The models, with those of groups in their places. */
export function withoutGroups(models: readonly string[], groups: ModelGroups): readonly string[] {
  if (!models.some((name) => Object.hasOwn(groups, name))) return models
  const names = models.flatMap((name) => (Object.hasOwn(groups, name) ? groups[name] : name) ?? [])
  return [...new Set(names)]
}

/** Whether some of the models from before are none of those now. Where none is named, any may be it. */
export function haveChanged(
  { before, now }: Record<'before' | 'now', readonly string[] | undefined>,
  groups: ModelGroups,
): boolean {
  if (!now || now.length === 0) return false
  if (!before || before.length === 0) return true
  const wanted = new Set(withoutGroups(now, groups))
  return withoutGroups(before, groups).some((model) => !wanted.has(model))
}

function isName(model: unknown): boolean {
  return typeof model === 'string' && model !== ''
}
