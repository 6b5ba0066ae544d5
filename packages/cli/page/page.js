/** @import { PageMoment, ShownRun } from '../src/page/page.ts' */
/** @import { RunSummary } from '../src/views/runs.ts' */

const TOKEN = 'token'
const LOOK_MS = 500

const LOST = 'The connection is lost; trying again …'
const STRANGER = 'Open the address that “skein ui” has printed: it has a token in it.'

/** What is shown, as the server names it. */
let shown = ''

/** Ends the present pause. */
let wake = () => {}

keepToken()
addEventListener('hashchange', () => {
  keepToken()
  wake()
})
document.addEventListener('visibilitychange', () => wake())
for (;;) {
  if (!document.hidden) await look()
  await pause()
}

/** Takes the token out of the address: what is copied from there gives nothing away. Other tabs have it, too. */
function keepToken() {
  const said = new URLSearchParams(location.hash.slice(1))
  const token = said.get(TOKEN)
  if (token === null) return
  localStorage.setItem(TOKEN, token)
  said.delete(TOKEN)
  history.replaceState(null, '', `#${said}`)
}

/** Nobody looks at a page that is hidden: until it is shown, or another run is wanted, there is nothing to ask. */
function pause() {
  return new Promise((resolve) => {
    const timer = document.hidden ? undefined : setTimeout(resolve, LOOK_MS)
    wake = () => {
      clearTimeout(timer)
      resolve(undefined)
    }
  })
}

/** Shows how things are now. */
async function look() {
  try {
    const run = new URLSearchParams(location.hash.slice(1)).get('run')
    const query = run === null ? '' : `?run=${encodeURIComponent(run)}`
    const authorization = `Bearer ${localStorage.getItem(TOKEN) ?? ''}`
    const headers = { authorization, 'if-none-match': shown }
    const response = await fetch(`moment${query}`, { headers })
    if (response.status === 304) return
    if (!response.ok) {
      shown = ''
      notice(response.status === 401 ? STRANGER : LOST)
      return
    }
    draw(await response.json())
    shown = response.headers.get('etag') ?? ''
  } catch (error) {
    // What is there already is shown again when the server is.
    shown = ''
    notice(LOST)
    reportError(error)
  }
}

/** @param {string} text */
function notice(text) {
  write(element('notice'), text)
}

/** @param {PageMoment} moment */
function draw({ runs, hasMore, run, problem }) {
  fill(element('runs'), runs, {
    keyOf: ({ id }) => id,
    make: makeRunItem,
    update: (item, summary) => updateRunItem(item, summary, summary.id === run?.id),
  })
  element('more').hidden = !hasMore
  element('nothing').hidden = runs.length > 0 || problem !== undefined
  element('run').hidden = run === undefined
  notice(problem ?? '')
  document.title = run === undefined ? 'Skein' : `${run.id} ${run.state} – Skein`
  if (run !== undefined) drawRun(run)
}

function makeRunItem() {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.append(document.createElement('strong'), document.createElement('span'))
  item.append(link)
  return item
}

/**
 * @param {Element} item
 * @param {RunSummary} summary
 * @param {boolean} isShown
 */
function updateRunItem(item, { id, plan, state, rows, failed }, isShown) {
  const [link] = item.children
  if (!(link instanceof HTMLAnchorElement)) return
  const [name, facts] = link.children
  link.href = `#${new URLSearchParams({ run: id })}`
  if (isShown) link.setAttribute('aria-current', 'page')
  else link.removeAttribute('aria-current')
  write(name, id)
  const counts = [counted(rows, 'row'), ...(failed > 0 ? [`${failed} failed`] : [])]
  write(facts, [state, ...(plan === undefined ? [] : [plan]), ...counts].join(' · '))
  mark(facts, state)
}

/** @param {ShownRun} run */
function drawRun(run) {
  const { id, state, error, bySteps, failures, metrics, failed } = run
  write(element('id'), id)
  write(element('state'), state)
  mark(element('state'), state)
  write(element('facts'), factsOf(run))
  element('error').hidden = error === undefined
  write(element('error'), error?.message ?? '')
  drawSteps(bySteps)
  drawTable(
    'failures',
    failures.map(({ place, step, attempts, error: { message } }) => [
      place,
      step,
      attempts,
      message,
    ]),
  )
  const hidden = failed - failures.length
  element('more-failures').hidden = hidden <= 0
  write(element('more-failures'), `… and ${hidden.toLocaleString('en')} more`)
  drawTable('metrics', Object.entries(metrics))
}

/** @param {ShownRun} run */
function factsOf({ plan, project, startedAt, rows, failed, tokens, ms }) {
  const facts = [
    plan,
    project === 'default' ? undefined : `project ${project}`,
    startedAt && `since ${new Date(startedAt).toLocaleString()}`,
    counted(rows, 'row'),
    failed > 0 ? `${failed.toLocaleString('en')} failed` : undefined,
    counted(tokens, 'token'),
    duration(ms),
  ]
  return facts.filter((fact) => fact !== undefined && fact !== '').join(' · ')
}

/** @param {ShownRun['bySteps']} steps */
function drawSteps(steps) {
  const table = tableOf('steps')
  const hasCancelled = steps.some(({ cancelled }) => cancelled > 0)
  table.classList.toggle('has-cancelled', hasCancelled)
  const [body] = table.tBodies
  fill(body, steps, {
    keyOf: ({ step }) => step,
    make: makeStepRow,
    update: (row, { step, done, failed, running, cached, skipped, cancelled }) => {
      const [name, progress, ...counts] = row.children
      write(name, step)
      const parts = { done, failed, running, skipped, cancelled }
      const all = Math.max(1, done + failed + running + skipped + cancelled)
      for (const [part, count] of Object.entries(parts)) {
        const bar = progress?.querySelector(`.${part}`)
        if (bar instanceof HTMLElement) bar.style.width = `${(100 * count) / all}%`
      }
      const numbers = [done, failed, running, cached, skipped, cancelled]
      for (const [i, cell] of counts.entries()) write(cell, (numbers[i] ?? 0).toLocaleString('en'))
    },
  })
}

function makeStepRow() {
  const row = document.createElement('tr')
  const name = document.createElement('th')
  name.scope = 'row'
  const bar = document.createElement('div')
  bar.className = 'bar'
  // The numbers beside it say the same.
  bar.setAttribute('aria-hidden', 'true')
  for (const part of ['done', 'failed', 'running', 'skipped', 'cancelled']) {
    const piece = document.createElement('i')
    piece.className = part
    bar.append(piece)
  }
  row.append(name, document.createElement('td'))
  row.lastElementChild?.append(bar)
  for (let i = 0; i < 6; i++) row.append(numberCell())
  return row
}

function numberCell() {
  const cell = document.createElement('td')
  cell.className = 'number'
  return cell
}

/**
 * A table is there when it has rows.
 *
 * @param {string} id
 * @param {(readonly (string | number)[])[]} rows
 */
function drawTable(id, rows) {
  const table = tableOf(id)
  table.hidden = rows.length === 0
  fill(table.tBodies[0], rows.entries(), {
    keyOf: ([i]) => String(i),
    make: () => document.createElement('tr'),
    update: (row, [, cells]) => {
      while (row.children.length < cells.length) row.append(document.createElement('td'))
      for (const [i, cell] of cells.entries()) write(row.children[i], String(cell))
    },
  })
}

/**
 * An element for each: those that are there stay, with what is selected and focused in them.
 *
 * @template T
 * @param {Element | undefined} parent
 * @param {Iterable<T>} values
 * @param {{ keyOf: (value: T) => string, make: () => Element, update: (element: Element, value: T) => void }} how
 */
function fill(parent, values, { keyOf, make, update }) {
  if (parent === undefined) return
  const known = new Map(
    Array.from(parent.children, (child) => [child.getAttribute('data-key') ?? '', child]),
  )
  let next = parent.firstElementChild
  for (const value of values) {
    const key = keyOf(value)
    const child = known.get(key) ?? make()
    known.delete(key)
    child.setAttribute('data-key', key)
    update(child, value)
    if (child === next) next = child.nextElementSibling
    else parent.insertBefore(child, next)
  }
  for (const child of known.values()) child.remove()
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

/** @param {string} id */
function tableOf(id) {
  const found = element(id)
  if (!(found instanceof HTMLTableElement)) throw new Error(`${id} is no table`)
  return found
}

/**
 * As text, never as HTML. What is the same is left alone: a selection in it stays.
 *
 * @param {Element | undefined} target
 * @param {string} text
 */
function write(target, text) {
  if (target !== undefined && target.textContent !== text) target.textContent = text
}

/**
 * @param {Element | undefined} target
 * @param {string} state
 */
function mark(target, state) {
  target?.setAttribute('data-state', state)
}

/**
 * @param {number} count
 * @param {string} noun
 */
function counted(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/** @param {number} ms */
function duration(ms) {
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const minutes = Math.floor(Math.round(seconds) / 60)
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
