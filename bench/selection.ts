/**
 * How long `quorate select` takes, as a whole command with reading and for choosing alone: by size of the pool and of the
 * batch, and beside scikit-activeml, small-text and modAL on the same vectors where a Python that has them is named.
 * `node dist/bench/selection.js [--pools 1000,10000,100000,1000000] [--batches 10,100,1000] [--rounds 3]
 * [--python python3] [--peers coreset,badge,small-text,modal]`
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../cli/output.ts';
import { seededRng } from '../domain/rng.ts';
import { packageRoot } from '../runtime/paths.ts';
import { machine } from './support.ts';
import { middle, type Timing, timed } from './timed.ts';

const DIMS = 384;
const LABELED = 1000;
const CLASSES = 5;
const CENTRES = 200;
const COMPARED_POOL = 100_000;
const BATCH = 100;
const STRATEGIES = ['combined', 'badge', 'diversity'];
const PEERS: Readonly<Record<string, string>> = {
  coreset: 'scikit-activeml CoreSet',
  badge: 'scikit-activeml Badge',
  'small-text': 'small-text greedy core-set',
  modal: 'modAL uncertainty batch',
};
const PEER_LIMIT_S = 300;

const { values: flags } = parseArgs({
  options: {
    pools: { type: 'string', default: '1000,10000,100000,1000000' },
    batches: { type: 'string', default: '10,100,1000' },
    rounds: { type: 'string', default: '3' },
    python: { type: 'string' },
    peers: { type: 'string', default: 'coreset,badge,small-text,modal' },
  },
});
const numbers = (text: string) => text.split(',').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'quorate-selection-'));
const labeledFile = join(folder, 'labeled.jsonl');

/** Vectors in groups, as embeddings of texts are. */
function makePool(rows: number): string {
  const file = join(folder, `${rows}.npy`);
  const rng = seededRng('selection');
  const centres = Float32Array.from({ length: CENTRES * DIMS }, () => 0.6 * rng.normal());
  const noise = Float32Array.from({ length: 1_000_003 }, () => rng.normal());
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${DIMS}), }`.padEnd(117);
  const out = openSync(file, 'w');
  writeSync(
    out,
    Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]), Buffer.from(`${header}\n`)]),
  );
  const chunk = new Float32Array(1000 * DIMS);
  for (let from = 0; from < rows; from += 1000) {
    for (let row = 0; row < 1000; row++) {
      const centre = rng.int(CENTRES) * DIMS;
      let at = rng.int(noise.length);
      for (let d = 0; d < DIMS; d++) {
        chunk[row * DIMS + d] = (centres[centre + d] as number) + (noise[at] as number);
        at = at + 1 === noise.length ? 0 : at + 1;
      }
    }
    writeSync(out, new Uint8Array(chunk.buffer));
  }
  closeSync(out);
  return file;
}

const PEER = `
import sys, time
import numpy as np
from sklearn.linear_model import LogisticRegression
kind, path, labeled, classes = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
X = np.load(path)
known = np.arange(labeled) * 7 % len(X)
y = np.full(len(X), np.nan)
if labeled:
    y[known] = np.arange(labeled) % classes
if kind == 'small-text':
    from small_text.query_strategies.coresets import greedy_coreset
elif kind == 'modal':
    from modAL.batch import uncertainty_batch_sampling
    from modAL.models import ActiveLearner
else:
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import CoreSet, Badge
start = time.time()
if kind == 'coreset':
    chosen = CoreSet(random_state=0).query(X, y, batch_size=${BATCH})
elif kind == 'small-text':
    open = np.setdiff1d(np.arange(len(X)), known)
    chosen = greedy_coreset(X, open, known, ${BATCH}, distance_metric='euclidean')
elif kind == 'modal':
    open = np.setdiff1d(np.arange(len(X)), known)
    learner = ActiveLearner(LogisticRegression(), X_training=X[known], y_training=y[known])
    chosen = uncertainty_batch_sampling(learner, X[open], n_instances=${BATCH})
    chosen = np.asarray(chosen[0] if isinstance(chosen, tuple) else chosen).ravel()
else:
    clf = SklearnClassifier(LogisticRegression(), classes=list(range(classes)))
    chosen = Badge(random_state=0).query(X, y, clf, batch_size=${BATCH})
assert len(set(np.asarray(chosen).tolist())) == ${BATCH}
print(time.time() - start)
`;

function select(file: string, strategy: string, n: number, labeled: boolean): Timing {
  const known = labeled ? ['--labeled', labeledFile] : [];
  const args = ['select', '--pool', file, '--strategy', strategy, '-n', String(n), ...known, '--json'];
  const rounds = Array.from({ length: Number(flags.rounds) }, () =>
    timed(process.execPath, [join(packageRoot(), 'bin', 'quorate'), ...args]),
  );
  return middle(rounds);
}

/** The seconds of choosing are a peer's last line, and in the JSON of ours. */
const choosingS = ({ output }: Timing) => Number(/"seconds":\s*([\d.]+)/.exec(output)?.[1] ?? output);
const shown = (timing: Timing) => [
  choosingS(timing).toFixed(2),
  timing.wallS.toFixed(2),
  timing.cpuS.toFixed(2),
  timing.peakMb,
];

try {
  process.stdout.write(`${machine()}; vectors of ${DIMS} numbers; the whole command, median of ${flags.rounds}\n\n`);
  const rows: (string | number)[][] = [];
  for (const pool of numbers(flags.pools)) {
    const file = makePool(pool);
    const labels = Array.from({ length: Math.min(LABELED, pool / 10) }, (_, i) =>
      JSON.stringify({ index: (i * 7) % pool, label: i % CLASSES }),
    );
    writeFileSync(labeledFile, `${labels.join('\n')}\n`);
    const add = (strategy: string, n: number, labeled: boolean) => {
      const count = labeled ? labels.length : 0;
      rows.push([pool, strategy, n, count, ...shown(select(file, strategy, n, labeled))]);
      process.stderr.write(`${rows.at(-1)?.join(' ')}\n`);
    };
    for (const strategy of STRATEGIES) for (const labeled of [false, true]) add(strategy, BATCH, labeled);
    if (pool === COMPARED_POOL) {
      for (const n of numbers(flags.batches)) if (n !== BATCH) for (const s of STRATEGIES) add(s, n, true);
      if (flags.python !== undefined) {
        for (const peer of flags.peers.split(',')) {
          const args = ['-c', PEER, peer, file, String(labels.length), String(CLASSES)];
          const ran = timed(flags.python, args, { limitS: PEER_LIMIT_S });
          const cells = ran ? shown(ran) : ['', `over ${PEER_LIMIT_S}`, '', ''];
          rows.push([pool, PEERS[peer] ?? peer, BATCH, labels.length, ...cells]);
          process.stderr.write(`${rows.at(-1)?.join(' ')}\n`);
        }
      }
    }
    rmSync(file);
  }
  const headings = ['pool', 'strategy', 'batch', 'labelled', 'choosing s', 'wall s', 'CPU s', 'peak MB'];
  process.stdout.write(`${table(headings, rows).join('\n')}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
