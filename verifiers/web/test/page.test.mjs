// The page in a browser, opened from disk as a buyer opens it. Skipped where there is no Chromium; CHROMIUM may name one.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PAGE, inside, sealed } from '../seal.mjs';
import { chromium, start } from './chromium.mjs';
import { CHAIN, LINES, build, event, otherStatement, withDraws } from './seller.mjs';

const source = readFileSync(PAGE, 'utf8');

test('the policy of the page names its own script and style, and nothing else', () => {
  assert.equal(source, sealed(source), 'run: node verifiers/web/seal.mjs');
  assert.match(source, /default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; base-uri 'none'; form-action 'none'/);
  assert.doesNotMatch(source, /unsafe/);
});

test('the page has no address to load from and sets no markup', () => {
  assert.doesNotMatch(source, /\b(src|href)="/);
  assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|fetch\(|XMLHttpRequest|WebSocket|localStorage|sessionStorage|cookie|import\(/);
  assert.doesNotMatch(inside(source, 'style'), /url\(|@import/);
});

const skip = !chromium && 'no Chromium';
let browser;
let directory;
before(async () => {
  if (skip) return;
  directory = mkdtempSync(join(tmpdir(), 'piecework-files-'));
  browser = await start();
});
after(async () => {
  if (skip) return;
  await browser.stop();
  rmSync(directory, { recursive: true });
});

const text = (selector) => `document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`;

/** The page after it checked a file that `build` made. */
async function shown(parts, pins = '') {
  const tab = await browser.open(pathToFileURL(PAGE).href);
  await tab.evaluate(`document.getElementById('pins').value = ${JSON.stringify(pins)}`);
  const path = join(directory, `${Math.random().toString(36).slice(2)}.proof.zip`);
  writeFileSync(path, parts.bytes ?? build(parts).bytes);
  await tab.choose(path);
  await tab.until('document.getElementById("result").children.length > 0');
  return tab;
}

test('a good file, not pinned: says so, and that nothing was recomputed', { skip }, async () => {
  const tab = await shown({});
  const verdict = await tab.evaluate(text('#verdict'));
  assert.match(verdict, /not pinned/i);
  assert.match(await tab.evaluate(text('.not-here')), /piecework verify .*\npython3 verifiers\/python\/verify_piecework.py /);
  assert.match(await tab.evaluate(text('#result')), /Total, before tax\s+502.50/);
  assert.equal(await tab.evaluate('document.activeElement.id'), 'verdict', 'the verdict has the focus');
  assert.deepEqual(tab.messages, [], 'nothing in the console: no error, no policy that was crossed');
  assert.deepEqual(tab.requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')), []);
});

test('a good file, pinned: the pins that it gives are the pins that it takes', { skip }, async () => {
  const file = build();
  const tab = await shown(file);
  const pins = await tab.evaluate('document.querySelector("#keep pre").innerText');
  assert.equal(pins.trim(), `vkey ${file.vkey}\nhead ${file.size} ${file.root}`);
  const again = await shown({ extra: [] }, pins);
  assert.match(await again.evaluate(text('#verdict')), /What this page checks holds[^]*The log continues the head/);
  const forked = await shown({ extra: [event('usage.recorded', 'x', { meter: 'm', quantity: '1' })] }, pins);
  assert.match(await forked.evaluate(text('#verdict')), /Refused: the log does not continue what you verified before/);
});

test('a refused file shows the check, the reason, and no amount', { skip }, async () => {
  const tab = await shown({ members: { 'statement.json': '{}' } });
  assert.match(await tab.evaluate(text('#verdict')), /Refused: the log does not issue this statement\s+Check 11 \(statement\): /);
  assert.doesNotMatch(await tab.evaluate(text('#result')), /502\.50/);
  assert.equal(await tab.evaluate('document.querySelectorAll("ol.checks > li.alarm").length'), 1);
});

test('a voided statement is shown as what it is', { skip }, async () => {
  const tab = await shown({ after: () => [event('statement.voided', 'v', { number: 'acme-0001', reason: 'wrong address', by: 'finance' })] });
  assert.match(await tab.evaluate(text('#verdict')), /Voided: nobody owes this statement[^]*wrong address/);
  assert.match(await tab.evaluate(text('#result')), /502\.50/);
});

test('a draw without a nonce is said, with the check and with the sample', { skip }, async () => {
  const tab = await shown(withDraws([otherStatement('other-0001'), ['acme-0001', CHAIN.at(-2)], ['other-0001', undefined]]));
  const result = await tab.evaluate(text('#result'));
  assert.match(result, /Samples were drawn by the rules\s+in part\s+from other-0001 drawn without a nonce of the buyer: the seller could have picked the head; nonce, seed and order/);
  assert.match(result, /of statement acme-0001[^]*?With the buyer’s nonce\./);
  assert.match(result, /of statement other-0001[^]*?Without a nonce of the buyer: the seller could have picked the head\./);
  const told = await shown(withDraws([['acme-0001', CHAIN.at(-2)]]));
  assert.doesNotMatch(await told.evaluate(text('#result')), /without a nonce/i);
});

test('hostile text stays text', { skip }, async () => {
  const hostile = '<img src=x onerror="globalThis.caught=1"><script>globalThis.caught=1</script>\u202e';
  const lines = [{ ...LINES[0], cell: `acme-2026/${hostile.replaceAll('/', '%2F')}/2025-12-31T23:00:00Z/v1/fee`, note: hostile }, LINES[1]];
  const tab = await shown({ lines, extra: [event('work.rejected', hostile, { case: hostile, reason: hostile })], after: () => [event('data.redacted', 'r', { target: { source: hostile, id: hostile }, reason: hostile, by: hostile })] });
  assert.match(await tab.evaluate(text('#result')), /<img src=x onerror/);
  assert.equal(await tab.evaluate('document.querySelectorAll("#result img, #result script").length'), 0);
  assert.equal(await tab.evaluate('globalThis.caught'), undefined);
  assert.deepEqual(tab.messages, []);
});

test('entries are found by work, by header, by event and by number, in the order of their time', { skip }, async () => {
  const tab = await shown({});
  const search = (query) => tab.evaluate(`(() => { const field = document.getElementById('work'); field.value = ${JSON.stringify(query)}; field.dispatchEvent(new Event('input')); return ${text('#entries')}; })()`);
  const found = await search('w1');
  assert.match(found, /1 match\n/);
  assert.match(found, /answered[^]*confirmed/);
  assert.match(found, /by the buyer, signed/);
  for (const query of ['17', 'c1', '7']) assert.match(await search(query), /confirmed/, query);
  assert.match(await search('no such thing'), /Nothing in the log has that/);
});

test('pins that cannot be read are said beside their field, and nothing is checked', { skip }, async () => {
  const tab = await browser.open(pathToFileURL(PAGE).href);
  await tab.evaluate(`document.getElementById('pins').value = 'head x y'; document.getElementById('pins-check').click()`);
  await tab.until(`${text('#pins-error')} !== ''`);
  assert.match(await tab.evaluate(text('#pins-error')), /Line 1: /);
  assert.equal(await tab.evaluate('document.activeElement.id'), 'pins');
});

test('nothing is wider than 360 pixels', { skip }, async () => {
  const tab = await shown({});
  await tab.send('Emulation.setDeviceMetricsOverride', { width: 360, height: 800, deviceScaleFactor: 1, mobile: true });
  assert.equal(await tab.evaluate('document.documentElement.scrollWidth'), 360);
});

test('everything works without WebCrypto', { skip }, async () => {
  const tab = await browser.open(pathToFileURL(PAGE).href);
  await tab.evaluate('Object.defineProperty(globalThis, "crypto", { value: undefined }); true');
  const path = join(directory, 'plain.proof.zip');
  writeFileSync(path, build().bytes);
  await tab.choose(path);
  await tab.until('document.getElementById("result").children.length > 0');
  assert.match(await tab.evaluate(text('#result')), /Total, before tax\s+502.50/);
});
