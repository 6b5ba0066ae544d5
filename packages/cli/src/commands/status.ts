import type { Define } from '../program.ts'
export const defineStatus: Define = () => {}
