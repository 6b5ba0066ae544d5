import { styleText } from 'node:util'

/** The only file that touches stdout and stderr: data goes to the one, talk to the other. */

export type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style, text: string) => string

/** One of the two streams of a command. */
export interface Output {
  /** Writes one line, or several. */
  line(text: string): void
  /** Colours for this stream: none where it is no terminal, or where `NO_COLOR` says so. */
  readonly paint: Paint
  /** Whether a person looks at it. */
  readonly isTerminal: boolean
  /** Characters of one line; 80 where nobody knows. */
  readonly columns: number
}

/** Lines that redraw themselves in place. */
export interface Live {
  update(text: string): void
  /** Removes the lines. */
  clear(): void
  /** Leaves the lines as they are. */
  done(): void
}

export interface Terminal {
  /** What a script reads. */
  readonly data: Output
  /** What only a person reads. */
  readonly talk: Output
  /** A live view on the stream of `talk`. Only where that is a terminal. */
  live(): Promise<Live>
}

/** The terminal of this process. */
export function createTerminal(): Terminal {
  // Nobody reads any more (`skein status --watch | head -1`): nothing is left to do.
  process.stdout.on('error', leaveOnClosedPipe)
  process.stderr.on('error', leaveOnClosedPipe)
  const paused: Persist = { line: undefined }
  return {
    data: output(process.stdout),
    talk: output(process.stderr, paused),
    live: () => liveView(paused),
  }
}

/** Where lines go while a live view holds the end of the screen. */
interface Persist {
  line: ((text: string) => void) | undefined
}

function output(stream: NodeJS.WriteStream, persist?: Persist): Output {
  return {
    line: (text) => {
      if (persist?.line) persist.line(text)
      else stream.write(`${text}\n`)
    },
    paint: (style, text) => styleText(style, text, { stream }),
    get isTerminal() {
      return stream.isTTY && process.env['TERM'] !== 'dumb'
    },
    get columns() {
      return stream.columns || 80
    },
  }
}

async function liveView(persist: Persist): Promise<Live> {
  const { createLogUpdate } = await import('log-update')
  const update = createLogUpdate(process.stderr)
  persist.line = (text) => update.persist(text)
  const end = (how: () => void): void => {
    persist.line = undefined
    how()
    update.done()
  }
  return {
    update: (text) => update(text),
    clear: () => end(() => update.clear()),
    done: () => end(() => {}),
  }
}

function leaveOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}
