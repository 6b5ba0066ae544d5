/** The names that a prompt reads, at compile time. */

type Space = ' ' | '\n' | '\t' | '\r'
type Trim<S extends string> = S extends `${Space | '~'}${infer R}`
  ? Trim<R>
  : S extends `${infer R}${Space | '~'}`
    ? Trim<R>
    : S
type Bare<S extends string> = Trim<S extends `{${infer R}` | `&${infer R}` ? R : S>
type Root<S extends string> = S extends `${infer R}.${string}` ? R : S
type Ignored = 'this' | 'else' | '' | `@${string}` | `!${string}` | `/${string}` | '^'

/** What one tag does: opens a loop, closes one, or reads a name. */
type Subject<Tag extends string> = Tag extends `#${'if' | 'unless'} ${infer V}`
  ? Root<Trim<V>>
  : Tag extends `else ${'if' | 'unless' | 'each'} ${infer V}`
    ? Root<Trim<V>>
    : Root<Bare<Tag>>

/** The names a `{{prompt}}` reads. `{{#each xs}}` and `{{#if x}}` read their subject; names inside `#each` belong to the item. */
export type PromptVariables<
  S extends string,
  Depth extends 1[] = [],
  Found = never,
> = string extends S
  ? string
  : S extends `${string}{{${infer Tag}}}${infer Rest}`
    ? Trim<Tag> extends `#each ${infer V}`
      ? PromptVariables<Rest, [...Depth, 1], Depth extends [] ? Found | Root<Trim<V>> : Found>
      : Trim<Tag> extends '/each'
        ? PromptVariables<Rest, Depth extends [1, ...infer D extends 1[]] ? D : [], Found>
        : PromptVariables<Rest, Depth, Depth extends [] ? Found | Subject<Trim<Tag>> : Found>
    : Exclude<Found, Ignored>

/** What a prompt must be besides a text: nothing, or an error that names the variable. */
export type CheckPrompt<S extends string, Known extends string> = string extends S
  ? unknown
  : S extends `${string}.md`
    ? unknown
    : [Exclude<PromptVariables<S>, Known>] extends [never]
      ? unknown
      : {
          readonly error: `unknown prompt variable {{${Exclude<PromptVariables<S>, Known>}}}`
          readonly known: Known
        }
