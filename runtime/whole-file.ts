import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file for its owner's eyes alone, which is there whole or not at all, whatever a power cut does. */
export function writeWhole(path: string, content: string): void {
  const whole = `${path}.${process.pid}.new`;
  const file = openSync(whole, 'w', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(whole, path);
  syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  // Windows does not open folders.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
