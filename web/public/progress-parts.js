import { dollars } from './progress-text.js';

/** Puts a figure and what belongs to it into a tile. */
export function tile(holder, figure, words) {
  const bold = document.createElement('b');
  bold.textContent = figure;
  const small = document.createElement('span');
  small.textContent = words;
  holder.replaceChildren(bold, small);
}

/** One entry of the bar's legend. */
export function legend(name, words, micros) {
  const holder = document.createElement('div');
  holder.className = name;
  const term = document.createElement('dt');
  term.textContent = words;
  const value = document.createElement('dd');
  value.textContent = dollars(micros);
  holder.append(term, value);
  return holder;
}

/** A table; each cell is its text and its class, and columns of numbers stand to the right. */
export function table(head, rows) {
  const made = document.createElement('table');
  const titles = made.createTHead().insertRow();
  head.forEach((words, at) => {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = words;
    cell.className = rows[0][at][1] === 'number' ? 'number' : '';
    titles.append(cell);
  });
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach(([words, name], at) => {
      const cell = line.insertCell();
      cell.textContent = words;
      cell.className = name;
      // Shown beside the value where the page is too narrow for columns.
      cell.dataset.title = head[at];
    });
  }
  return made;
}
