// A browser as people have it: signs in, walks pages, looks at each in light, dark, on paper and 360 pixels wide.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const installed = fileURLToPath(new URL('../target/clients/package.json', import.meta.url));
/** Path of a Chromium, from `CHROMIUM` or where Debian puts it; nothing where there is none. */
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const SCREENSHOTS = fileURLToPath(new URL('../target/screenshots', import.meta.url));
/** Pages that one walk visits: of each kind the first that is met. */
const PAGES_MAX = 80;
const WAIT_MS_MAX = 120_000;
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 780 };

/** Why nothing can be driven here; nothing where it can. `dev/test` installs the packages. */
export const missing = !existsSync(installed) || !existsSync(installed.replace('package.json', 'node_modules/playwright-core')) ? 'playwright-core is not installed' : !chromium && 'no Chromium';

/** Starts it. */
export async function launch() {
  const require = createRequire(installed);
  const axe = require('axe-core').source;
  const browser = await require('playwright-core').chromium.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  mkdirSync(SCREENSHOTS, { recursive: true });
  return {
    axe,
    stop: () => browser.close(),
    /** Somebody of their own: a key to sign in with, or a link to open. `faults` is what their consoles said. */
    async person(address, { key, link }) {
      const context = await browser.newContext({ viewport: WIDE, acceptDownloads: true });
      // A page that folds a whole account takes long in a debug build on a busy machine.
      context.setDefaultTimeout(WAIT_MS_MAX);
      const page = await context.newPage();
      const faults = [];
      page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && faults.push(`${page.url()}: ${message.text()}`));
      page.on('pageerror', (error) => faults.push(`${page.url()}: ${error}`));
      page.on('response', (response) => response.status() >= 500 && faults.push(`${response.url()}: ${response.status()}`));
      const go = async (path) => {
        const answer = await page.goto(new URL(path, address).href);
        assert.ok(answer.ok(), `${path}: ${answer.status()} ${await page.locator('main').innerText().catch(() => '')}`);
      };
      if (link) await go(link);
      else {
        await go('/');
        await page.getByLabel('Key').fill(key);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('button', { name: 'Sign out' }).first().waitFor();
      }
      const text = () => page.locator('main').innerText();
      return { page, go, faults, text, close: () => context.close() };
    },
  };
}

/** Of which kind an address is: what names a customer, a work or a document in it is left out. */
function kind(url) {
  const path = url.pathname.split('/').map((part, at, all) => (at > 1 && !/^(works|statements|bridge|definitions|contracts|quotes|disputes|proof|signed|reconcile|so-far|say|preview|renewal|change|checks|compare|keys|links|webhooks|budgets|approvals|unassigned|runs|dispute)$/.test(part) ? (all[at - 1] ? ':' : part) : part));
  return path.join('/') + [...url.searchParams.keys()].sort().map((own) => `&${own}`).join('');
}

/** A file name for a kind of page. */
const named = (own) => own.replaceAll(':', 'x').replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '') || 'start';

/** Walks from some addresses, one page of each kind, and says what was wrong with any. */
export async function walk(person, axe, starts, prefix) {
  const { page, go } = person;
  const origin = new URL(page.url()).origin;
  const queue = starts.map((path) => new URL(path, origin));
  const seen = new Set(queue.map(kind));
  const wrong = [];
  let pages = 0;
  while (queue.length > 0 && pages < PAGES_MAX) {
    const url = queue.shift();
    await go(url.pathname + url.search);
    pages += 1;
    for (const fault of await look(page, axe, `${prefix}-${named(kind(url))}`)) wrong.push(`${url.pathname}${url.search}: ${fault}`);
    for (const href of await page.locator('main a[href], nav a[href]').evaluateAll((all) => all.map((own) => own.href))) {
      const next = new URL(href);
      const isPage = next.origin === origin && !/^\/(v1|log|link|openapi|metrics|problems|verify)\b/.test(next.pathname) && next.pathname !== '/';
      next.hash = '';
      if (isPage && !seen.has(kind(next))) {
        seen.add(kind(next));
        queue.push(next);
      }
    }
  }
  return { pages, wrong };
}

/** Looks at a page in every way; what a reader of any would stumble over. */
async function look(page, axe, name) {
  const wrong = [];
  const shot = (way) => page.screenshot({ path: join(SCREENSHOTS, `${name}-${way}.png`), fullPage: true });
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
  await page.evaluate(axe);
  const found = async (rules) => {
    const { violations } = await page.evaluate((own) => globalThis.axe.run(document, own), rules);
    for (const own of violations.filter((one) => ['serious', 'critical'].includes(one.impact))) wrong.push(`${own.id}: ${own.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  };
  await found({ resultTypes: ['violations'] });
  await shot('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await found({ runOnly: ['color-contrast'], resultTypes: ['violations'] });
  await shot('dark');
  await page.emulateMedia({ colorScheme: 'light', media: 'print' });
  await shot('print');
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize(NARROW);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > NARROW.width) wrong.push(`${width} pixels wide where ${NARROW.width} are there`);
  await shot('360');
  await page.setViewportSize(WIDE);
  return wrong;
}
