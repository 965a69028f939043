// The corpus of good and bad files that `cargo run -p piecework-proof --example corpus -- DIR` writes, and what other verifiers
// say of them. PIECEWORK_CORPUS names the directory; without it these tests are reported as skipped.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifier as page } from './script.mjs';

const directory = process.env.PIECEWORK_CORPUS;
const expected = directory && join(directory, 'expected.tsv');

/** What only the population of a sample shows, which takes the statement computed again. */
const NEEDS_THE_POPULATION = ['sample-item-left-out', 'sample-method-altered'];

/** What the seller's system wrote is not corrected: the entry has no such form. A reader that lets it through finds it with the statement. */
const CORRECTS_THE_STATEMENT = ['statement-corrected', 'statement-part-corrected'];

/** How this page may answer where the answer of the others is `code`. */
function answers(name, code) {
  if (code === 'recompute') return ['-', 'recompute'];
  if (NEEDS_THE_POPULATION.includes(name)) return ['-'];
  if (CORRECTS_THE_STATEMENT.includes(name)) return ['entry', 'statement'];
  return [code];
}

async function verdict(file, pins) {
  const report = await page.verify(new Uint8Array(readFileSync(join(directory, file))), page.readPins(pins));
  assert.equal(report.notChecked, undefined);
  return [report.refused?.code ?? '-', report];
}

test('every file of the corpus gets the answer of the other verifiers, or “not recomputed here”', { skip: !directory && 'PIECEWORK_CORPUS names no directory' }, async (t) => {
  assert.ok(existsSync(expected), `${expected} is not there`);
  const [, ...lines] = readFileSync(expected, 'utf8').trimEnd().split('\n');
  assert.ok(lines.length > 300, 'the whole corpus');
  for (const line of lines) {
    const [file, , code, vkey, size, root] = line.split('\t');
    const name = file.replace(/\.proof\.zip$/, '');
    await t.test(name, async () => {
      const pins = [vkey !== '-' && `vkey ${vkey}`, size !== '-' && `head ${size} ${root}`].filter(Boolean).join('\n');
      const [given, report] = await verdict(file, pins);
      assert.ok(answers(name, code).includes(given), `${code} expected, ${given} given: ${report.refused?.reason}`);
      if (given === '-') assert.deepEqual([report.keyPinned, report.headPinned], [vkey !== '-', size !== '-']);
    });
  }
});
