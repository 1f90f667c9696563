import { defineConfig } from 'vitest/config';

/** Where CI wants the results as JSON, for its summary. */
const summary = process.env.TEST_SUMMARY;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // The watcher's tests wait more than they compute.
    maxWorkers: 3,
    reporters: summary === undefined ? ['default'] : ['default', ['json', { outputFile: summary }]],
  },
});
