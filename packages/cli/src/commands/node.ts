import type { Define } from '../program.ts'
export const defineNode: Define = () => {}
