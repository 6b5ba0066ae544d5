export { ClientError, type ClientErrorCode } from './errors.ts'
export { pipeline, type Pipeline } from './pipeline.ts'
export { step, type Step } from './step.ts'
