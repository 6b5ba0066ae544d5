import { defineConfig } from 'vitest/config'

/** Unit tests of the workflow language: those of the part that is mutated, as `npm run mutation` names them. */
const tests = process.env['MUTATION_TESTS']?.split(' ') ?? ['**/*']

export default defineConfig({
  resolve: { conditions: ['@skein/source'] },
  ssr: { resolve: { conditions: ['@skein/source'], externalConditions: ['@skein/source'] } },
  test: {
    include: tests.map((place) => `packages/workflows/test/${place}.test.ts`),
    setupFiles: ['./test/property-seed.ts'],
    testTimeout: 20_000,
  },
})
