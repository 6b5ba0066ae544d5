import type { Define } from '../program.ts'
export const defineModels: Define = () => {}
