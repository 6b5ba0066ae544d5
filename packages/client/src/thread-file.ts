/** The file of that name beside a module, of which a thread is made: source beside source, else what it was compiled to. */
export function threadFile(name: string, module: string): URL {
  return new URL(`./${name}${module.endsWith('.ts') ? '.ts' : '.js'}`, module)
}
