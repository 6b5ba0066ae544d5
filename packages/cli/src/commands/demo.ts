import type { Define } from '../program.ts'
export const defineDemo: Define = () => {}
