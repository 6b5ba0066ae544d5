import type { Define } from '../program.ts'
export const defineDoctor: Define = () => {}
