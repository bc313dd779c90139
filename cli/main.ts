import { fileProblem } from './commands/files.ts';
import { EXIT, explain } from './output.ts';
import { runCli } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `quorate campaign list | head` ends the pipe early; that is no failure.
  if (error.code === 'EPIPE') process.exit(EXIT.success);
  process.stderr.write(`${explain(fileProblem(error, 'standard output')).text}\n`);
  process.exit(EXIT.failure);
});

// Who reads what we say may end first, as a Ctrl-C does to `quorate up 2>&1 | tee log`: we end in good order all the same.
process.stderr.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2));
