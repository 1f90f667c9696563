/** Text between tags, made safe with no more than it takes there: quotes, of which commands are full, stay one byte. */
import { raw } from 'hono/html';
import { oneLine, visible } from '../text.ts';

function escaped(text: string) {
  return raw(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
}

/** One line of text, for between tags only: never for an attribute. */
export function line(text: string) {
  return escaped(oneLine(text));
}

/** Text that keeps its lines, for between tags only. */
export function block(text: string) {
  return escaped(
    text
      .split(/\r\n|[\n\r]/)
      .map(visible)
      .join('\n'),
  );
}
