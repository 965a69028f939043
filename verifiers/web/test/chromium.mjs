// Drives a Chromium over its debugging pipe, without a package: opens the page from disk as a buyer does.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-pipe'];
const ANSWER_MS_MAX = 120_000;

/** Path of a Chromium, from `CHROMIUM` or where Debian puts it; nothing where there is none. */
export const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

/** Starts it. `open(url)` gives a tab: `send(method, params)`, `evaluate(expression)`, `until(expression)`, and `messages`, what its console said. */
export async function start() {
  const profile = mkdtempSync(join(tmpdir(), 'piecework-page-'));
  const child = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const waiting = new Map();
  const listeners = [];
  let last = 0;
  let rest = '';
  child.stdio[4].setEncoding('utf8');
  child.stdio[4].on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages.map((one) => JSON.parse(one))) {
      const { resolve, reject } = waiting.get(message.id) ?? {};
      waiting.delete(message.id);
      if (message.error) reject?.(new Error(message.error.message));
      else if (resolve) resolve(message.result);
      else listeners.forEach((listen) => listen(message));
    }
  });
  const send = (method, params = {}, sessionId = undefined) => {
    const id = ++last;
    child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), ANSWER_MS_MAX);
      waiting.set(id, { resolve: (result) => (clearTimeout(timer), resolve(result)), reject: (error) => (clearTimeout(timer), reject(error)) });
    });
  };

  async function open(url) {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const tab = { messages: [], requests: [], send: (method, params) => send(method, params, sessionId) };
    listeners.push((message) => {
      if (message.sessionId !== sessionId) return;
      if (message.method === 'Log.entryAdded') tab.messages.push(message.params.entry.text);
      if (message.method === 'Runtime.exceptionThrown') tab.messages.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
      if (message.method === 'Network.requestWillBeSent') tab.requests.push(message.params.request.url);
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'DOM']) await tab.send(`${domain}.enable`);
    tab.evaluate = async (expression) => {
      const { result, exceptionDetails } = await tab.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    tab.until = async (expression) => {
      for (const end = Date.now() + ANSWER_MS_MAX; Date.now() < end; ) {
        if (await tab.evaluate(expression)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`never: ${expression}`);
    };
    /** Hands files to the page as its chooser does. */
    tab.choose = async (path) => {
      const { root } = await tab.send('DOM.getDocument');
      const { nodeId } = await tab.send('DOM.querySelector', { nodeId: root.nodeId, selector: '#file' });
      await tab.send('DOM.setFileInputFiles', { nodeId, files: [path] });
    };
    await tab.send('Page.navigate', { url });
    await tab.until('document.readyState === "complete"');
    return tab;
  }

  async function stop() {
    await send('Browser.close').catch(() => child.kill());
    await new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve()));
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  return { open, stop };
}
