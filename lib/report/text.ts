/** Text from outside, made harmless for a line of output. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const harmful = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Control characters but the tab, escape sequences and marks that turn the direction of writing, made visible. */
export function visible(text: string): string {
  return text.replace(harmful, '\ufffd').toWellFormed();
}

/** One line without control characters, escape sequences or marks that turn the direction of writing. */
export function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, ' ')).trim();
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/**
 * Breaks a line at spaces so that none is longer than `width`; a longer word (a resource id, to be copied) stays whole.
 * @param indent what stands before every line but the first
 * @param start column where the first line begins, after what stands before it
 */
export function wrap(text: string, width: number, indent: string, start: number): string {
  const lines: string[] = [];
  let line = '';
  let room = width - start;
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
      room = width - indent.length;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.join(`\n${indent}`);
}
