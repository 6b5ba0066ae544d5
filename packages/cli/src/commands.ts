import type { CommandEntry } from './program.ts'

/** Every command. Its file is only loaded when it is called. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'see it work: three nodes on this machine, nothing to set up',
    load: async () => (await import('./commands/demo.ts')).defineDemo,
  },
  {
    name: 'run',
    summary: 'run a pipeline or a workflow on the nodes of your network',
    load: async () => (await import('./commands/run.ts')).defineRun,
  },
  {
    name: 'runs',
    summary: 'list recorded runs, look at them and go on with them',
    load: async () => (await import('./commands/runs.ts')).defineRuns,
  },
  {
    name: 'watch',
    summary: 'show how a run of another process goes',
    load: async () => (await import('./commands/watch.ts')).defineWatch,
  },
  {
    name: 'ui',
    summary: 'show how runs go on a page of this machine',
    load: async () => (await import('./commands/ui.ts')).defineUi,
  },
  {
    name: 'worker',
    summary: 'go on with runs whose process is gone',
    load: async () => (await import('./commands/worker.ts')).defineWorker,
  },
  {
    name: 'tasks',
    summary: 'answer what runs ask of people',
    load: async () => (await import('./commands/tasks.ts')).defineTasks,
  },
  {
    name: 'check',
    summary: 'find the mistakes of a workflow, and their mend',
    load: async () => (await import('./commands/check.ts')).defineCheck,
  },
  {
    name: 'preview',
    summary: 'show every prompt of a workflow, on every branch',
    load: async () => (await import('./commands/preview.ts')).definePreview,
  },
  {
    name: 'graph',
    summary: 'show what leads where in a workflow or pipeline',
    load: async () => (await import('./commands/graph.ts')).defineGraph,
  },
  {
    name: 'node',
    summary: "lend this machine's models to your network",
    load: async () => (await import('./commands/node.ts')).defineNode,
  },
  {
    name: 'status',
    summary: 'show the nodes of your network and how busy they are',
    load: async () => (await import('./commands/status.ts')).defineStatus,
  },
  {
    name: 'models',
    summary: 'list the models of your network, their free slots and speed',
    load: async () => (await import('./commands/models.ts')).defineModels,
  },
  {
    name: 'doctor',
    summary: 'check this machine: what works, and how to mend the rest',
    load: async () => (await import('./commands/doctor.ts')).defineDoctor,
  },
]
