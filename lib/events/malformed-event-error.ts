/** An event that cannot be read: its message is one line that names what is wrong, and holds nothing of the content. */
export class MalformedEventError extends Error {
  override readonly name = 'MalformedEventError';
}
