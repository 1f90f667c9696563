/**
 * Drawings that many deployments share: estates are made from templates, so most of their pictures are the same but for a few names.
 * Each shape stands once in the page, and is referred to wherever it is shown.
 */
import { html, raw } from 'hono/html';

type Markup = ReturnType<typeof html>;

export class Shapes {
  readonly #ids = new Map<string, string>();
  #fresh = '';

  /** @returns what shows the shape: the page must hold what `fresh` gives */
  show(markup: Markup): Markup {
    const text = String(markup);
    const known = this.#ids.get(text);
    const id = known ?? `s${this.#ids.size}`;
    if (known === undefined) {
      this.#ids.set(text, id);
      this.#fresh += String(html`<symbol id="${id}">${markup}</symbol>`);
    }
    return raw(`<use href="#${id}"/>`);
  }

  /** The definitions that were not handed out yet. */
  fresh(): string {
    const text = this.#fresh === '' ? '' : `<svg class="shapes" aria-hidden="true">${this.#fresh}</svg>\n`;
    this.#fresh = '';
    return text;
  }
}
