// The rooms of docs/architecture.md, top to bottom: imports only go down.
const rooms = {
  cli: ['api', 'workers', 'workflows', 'activities', 'db', 'vendors', 'runtime', 'domain'],
  api: ['db', 'domain', 'workflows/messages'],
  workers: ['workflows', 'activities', 'db', 'domain'],
  activities: ['db', 'vendors', 'domain'],
  vendors: ['domain'],
  db: ['domain'],
  runtime: [],
};

const downOnly = Object.entries(rooms).map(([room, below]) => ({
  name: `${room}-imports-down`,
  severity: 'error',
  comment: `${room}/ may import ${below.length > 0 ? below.join(', ') : 'no other room'}.`,
  from: { path: `^${room}/` },
  to: {
    path: '^(cli|api|workers|workflows|activities|vendors|db|runtime|domain|web|test|bench)/',
    pathNot: [room, ...below].map((name) => `^${name}(/|\\.ts$)`),
  },
}));

module.exports = {
  forbidden: [
    ...downOnly,
    {
      name: 'workflows-import-pure-code',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(cli|api|workers|vendors|db|runtime|web|test|bench)/' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'domain/ imports itself and zod.',
      from: { path: '^domain/' },
      to: { pathNot: '^domain/|node_modules/zod/' },
    },
    {
      name: 'no-product-code-in-tests-only',
      severity: 'error',
      comment: 'Product code does not import tests or benchmarks.',
      from: { path: '^(cli|api|workers|workflows|activities|vendors|db|runtime|domain)/' },
      to: { path: '^(test|bench)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'default'],
    },
  },
};
