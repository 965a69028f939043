// Writes the digests of the page's script and style into its Content-Security-Policy.
//   node verifiers/web/seal.mjs
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

export const PAGE = fileURLToPath(new URL('verify.html', import.meta.url));

/** The text between the one pair of tags of that name. */
export function inside(page, tag) {
  const [, text, ...more] = page.split(new RegExp(`^<${tag}>|^</${tag}>`, 'm'));
  if (text === undefined || more.length !== 1) throw new Error(`the page must have one <${tag}>`);
  return text;
}

/** The page with the digests of what it holds. */
export function sealed(page) {
  for (const tag of ['script', 'style']) {
    const digest = createHash('sha256').update(inside(page, tag)).digest('base64');
    page = page.replace(new RegExp(`${tag}-src 'sha256-[^']*'`), `${tag}-src 'sha256-${digest}'`);
  }
  return page;
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, sealed(readFileSync(PAGE, 'utf8')));
