// What workflow code really loads: checked on the compiled files, where imports of types are gone.
module.exports = {
  forbidden: [
    {
      name: 'workflows-know-only-types-of-activities',
      severity: 'error',
      comment: 'Workflows run in a sandbox: of activities/ they know the types alone.',
      from: { path: '^dist/workflows/' },
      to: { reachable: true, path: '^dist/(cli|api|activities|workers|vendors|db|runtime)/' },
    },
    {
      name: 'workflows-stay-small',
      severity: 'error',
      comment: 'zod and heavy numerics cost memory in every cached workflow, directly or through another file.',
      from: { path: '^dist/workflows/' },
      to: {
        reachable: true,
        path: 'node_modules/(zod|drizzle-orm|postgres)/|^dist/domain/(tasks|settings|learning|agreement|aggregation|formats)',
      },
    },
  ],
  options: {
    parser: 'acorn',
    doNotFollow: { path: 'node_modules/(?!zod)' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};
