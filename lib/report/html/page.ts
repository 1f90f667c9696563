/**
 * What every page is made of: one file that asks for nothing, with a policy in its head that lets nothing run but the page's own
 * script and nothing look but its own style.
 */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { style } from './style.ts';

export interface PageOptions {
  readonly title: string;
  readonly script: string;
  /** What the page may do beyond showing itself, forms included, as Content-Security-Policy spells it. */
  readonly allow: string;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** The picture that a browser would ask the server for otherwise. */
const noIcon = html`<link rel="icon" href="data:,">`;

export function pageHead({ title, script, allow }: PageOptions): string {
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; img-src data:; base-uri 'none'; ${allow}`;
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.trim()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${noIcon}
<style>${raw(style)}</style>
</head>
<body>
<main>
`);
}

export function pageEnd({ script }: PageOptions): string {
  return `</main>\n<script>${script}</script>\n</body>\n</html>\n`;
}
