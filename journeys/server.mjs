// A server over the book of `piecework demo`, on a free port, with a key for each kind of person.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.PIECEWORK_BINARY ?? fileURLToPath(new URL('../target/debug/piecework', import.meta.url));
/** When people look: a month after the demonstration's month was stated. */
const NOW = '2026-02-03T09:00:00Z';
const START_MS_MAX = 60_000;

/** Whether there is a binary to serve. */
export const isBuilt = existsSync(BINARY);

/**
 * Starts it: its address, an API key for each role, a customer with a link for its buyer, whose own key signs events and
 * acknowledges heads; `stop` ends it.
 */
export async function start() {
  const directory = mkdtempSync(join(tmpdir(), 'piecework-journeys-'));
  const book = join(directory, 'demo');
  const env = { ...process.env, PIECEWORK_NOW: NOW };
  delete env.PIECEWORK_CONFIG;
  const run = (...args) => execFileSync(BINARY, args, { cwd: existsSync(book) ? book : directory, env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
  const json = (...args) => JSON.parse(run('--json', ...args));
  run('demo', '--keep', 'demo', '--html', 'demo.html');
  // A house that wants to know of every outcome what would have been without it.
  appendFileSync(join(book, 'piecework.toml'), '\n[checks]\ncounterfactual = "every_outcome"\n');
  const customers = json('customer', 'list').map((own) => own.customer);
  const keys = {};
  for (const role of ['ingest', 'operator', 'finance', 'auditor']) keys[role] = json('api-key', 'create', '--role', role, '--label', 'a journey').key;
  // By their ids: the first has a statement of each month that is over, the second none of the last.
  const [buyer, unstated] = customers;
  keys.buyer = json('api-key', 'create', '--role', 'buyer', '--customer', buyer, '--label', 'a journey').key;
  const link = new URL(json('link', 'create', '--customer', buyer, '--for', '7d', '--label', 'accounts payable').url).pathname;
  // The buyer's own key, made on its own machine, its public half in the log.
  run('key', 'create', '--buyer', 'buyer.example/key', '--out', 'buyer.key');
  const { origin } = json('key', 'show', '--customer', buyer).find((own) => own.log === 'shared');
  writeFileSync(join(book, 'announced.json'), run('key', 'announce', '--key', 'buyer.key', '--origin', origin));
  run('key', 'publish', 'announced.json', '--customer', buyer, '--by', 'finance');
  const sign = (event) => {
    writeFileSync(join(book, 'event.jsonl'), event);
    return run('sign', 'event.jsonl', '--origin', origin, '--key', 'buyer.key');
  };
  const acknowledge = (file) => run('acknowledge', file, '--key', 'buyer.key');

  const file = join(directory, 'address');
  const child = spawn(BINARY, ['serve', '--listen', '127.0.0.1:0', '--address-file', file], { cwd: book, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-20_000)));
  for (const end = Date.now() + START_MS_MAX; !existsSync(file); ) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`the server does not listen: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));
    rmSync(directory, { recursive: true, force: true });
  };
  return { address: readFileSync(file, 'utf8').trim(), keys, link, buyer, unstated, sign, acknowledge, stop };
}
