import { expect, it } from 'vitest';
import { quorate } from './run.ts';

const printHelp = (...words: string[]) => quorate(undefined, ...words, '--help');

/** The names below "Commands:" in a help text, the help of the help itself aside. */
function commandsIn(help: string): string[] {
  const [, below = ''] = help.split('\nCommands:\n');
  const [block = ''] = below.split('\n\n');
  return [...block.matchAll(/^ {2}([a-z]\S*)/gm)].flatMap(([, name]) => (name && name !== 'help' ? [name] : []));
}

it('every command, and every command of a command, prints its help', async () => {
  const met: string[] = [];
  // The help lists `serve` nowhere.
  const open: string[][] = [[], ['serve']];
  for (let words = open.pop(); words !== undefined; words = open.pop()) {
    const { code, out, err } = await printHelp(...words);
    expect({ words, code, err }).toEqual({ words, code: 0, err: '' });
    expect(out).toContain(`Usage: ${['quorate', ...words].join(' ')}`);
    met.push(words.join(' '));
    for (const name of commandsIn(out)) open.push([...words, name]);
  }
  expect(met).toEqual(expect.arrayContaining(['', 'up', 'plan', 'serve', 'campaign create', 'ledger export']));
});

it('marks what must be given', async () => {
  const { out } = await printHelp('replay');
  expect(out).toMatch(/--gold <file> [^-]*\(required\)/);
  expect(out).not.toMatch(/--seeds <n> [^-]*\(required\)/);
});

it('says that there is no such command', async () => {
  expect(await quorate(undefined, 'help', 'nosuch')).toEqual({
    code: 2,
    out: '',
    err: 'There is no command "nosuch". `quorate help` lists them.\n',
  });
  expect((await quorate(undefined, 'help', 'aggregate')).out).toContain('Usage: quorate aggregate');
});

it('says a default price in dollars', async () => {
  expect((await printHelp('plan')).out).toMatch(/--judge-price <usd>.*?\(default: 0\.005\)/s);
});
