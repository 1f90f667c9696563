/** An input that cannot be read: one line that names the file, the place in it, and what is the matter. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly file: string;
  /** `line 3, column 7`, or empty where no place can be named. */
  readonly place: string;

  constructor(file: string, place: string, problem: string) {
    super(`${file}: ${place === '' ? '' : `${place}: `}${problem}`);
    this.file = file;
    this.place = place;
  }
}
