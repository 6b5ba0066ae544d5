import { defineConfig } from 'vitest/config'

const source = {
  resolve: { conditions: ['@skein/source'] },
  ssr: { resolve: { conditions: ['@skein/source'], externalConditions: ['@skein/source'] } },
}

/** Tests that start processes or sockets wait longer than those that only compute. */
const slow = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  ...source,
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['packages/*/test/**/*.test.ts'], testTimeout: 20_000 },
      },
      { extends: true, test: { name: 'house', include: ['test/house/**/*.test.ts'], ...slow } },
      { extends: true, test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], ...slow } },
      { extends: true, test: { name: 'docs', include: ['test/docs/**/*.test.ts'], ...slow } },
      {
        extends: true,
        test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...slow },
      },
      {
        extends: true,
        test: {
          name: 'end-to-end',
          include: ['test/end-to-end/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
    // What comes late on a busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ['./test/property-seed.ts'],
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], reporter: ['text'] },
  },
})
