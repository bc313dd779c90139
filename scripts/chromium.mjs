// The browser of the browser tests and of the pictures.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium on this machine, or the one that QUORATE_CHROMIUM names; undefined where there is none. */
export function findChromium() {
  return [process.env.QUORATE_CHROMIUM, ...PLACES].find((path) => path !== undefined && existsSync(path));
}

/** Installs Chromium where there is none and the machine's own package tool can bring it; says what it does. */
export function bringChromium() {
  if (findChromium() !== undefined) return;
  const apt = (...args) => spawnSync('apt-get', [...args, '-qq'], { stdio: 'ignore' }).status === 0;
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0) {
    console.error('Installing Chromium for the browser tests...');
    if (apt('update') && apt('install', '-y', 'chromium')) return;
  }
  console.error('There is no Chromium (Debian: `apt-get install chromium` as root); the browser tests skip.');
}
