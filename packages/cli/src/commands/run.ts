import type { Define } from '../program.ts'
export const defineRun: Define = () => {}
