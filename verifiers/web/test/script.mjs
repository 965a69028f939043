// The script of the page, without the page: what the browser runs is what the tests run.
import { readFileSync } from 'node:fs';
import { PAGE, inside } from '../seal.mjs';

(0, eval)(inside(readFileSync(PAGE, 'utf8'), 'script'));

export const verifier = globalThis.pieceworkVerifier;
