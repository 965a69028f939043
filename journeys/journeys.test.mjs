// What people come for, clicked through in a browser over the book of `piecework demo`, and every page looked at.
// `dev/test` runs it; skipped where there is no Chromium, no package or no binary. Pictures go to target/screenshots.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, missing, walk } from './browser.mjs';
import { isBuilt, start } from './server.mjs';

const skip = missing || (!isBuilt && 'target/debug/piecework is not built');
if (skip && process.env.CI) throw new Error(`dev/test needs it: ${skip}`);
let server;
let browser;
before(async () => {
  if (skip) return;
  [server, browser] = await Promise.all([start(), launch()]);
});
after(async () => {
  if (skip) return;
  await browser.stop();
  await server.stop();
});

/** A journey of one person, who finds no error in the console. */
function journey(name, who, steps) {
  test(name, { skip }, async () => {
    const person = await browser.person(server.address, who(server));
    try {
      await steps(person, person.page);
      assert.deepEqual(person.faults, []);
    } finally {
      await person.close();
    }
  });
}

const role = (own) => (on) => ({ key: on.keys[own] });
const byLink = (on) => ({ link: on.link });
/** The first work of a state that a page of works shows. */
const firstWork = (page) => page.locator('tbody th a').first();
/** What a link downloads. */
async function downloaded(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return download.path();
}

journey('the seller’s pages hold in light, dark, on paper and 360 pixels wide', role('operator'), async (person) => {
  const customer = `/customers/${server.buyer}`;
  const { pages, wrong } = await walk(person, browser.axe, ['/', '/customers', customer, `/works?customer=${server.buyer}`, `/disputes?customer=${server.buyer}`, '/settings', `/settings/links?customer=${server.buyer}`, '/events', '/costs/unassigned'], 'seller');
  assert.deepEqual(wrong, []);
  assert.ok(pages >= 12, `${pages}`);
});

journey('the portal’s pages hold in light, dark, on paper and 360 pixels wide', byLink, async (person) => {
  const portal = `/portal/${server.buyer}`;
  await person.go(`${portal}/works?state=counted`);
  const work = await firstWork(person.page).getAttribute('href');
  const { pages, wrong } = await walk(person, browser.axe, [portal, `${work}/say?kind=disputed&reason=no`], 'portal');
  assert.deepEqual(wrong, []);
  assert.ok(pages >= 10, `${pages}`);
});

journey('a work is found, and the proof of a fact', role('auditor'), async (person, page) => {
  await person.go(`/works?customer=${server.buyer}&state=counted`);
  const work = await firstWork(page).innerText();
  await page.getByLabel('Work id').fill(work);
  await page.getByRole('button', { name: 'Search' }).click();
  await firstWork(page).click();
  assert.match(await person.text(), /How it came to stand so/);
  const receipt = await page.locator('a[href*="/receipt"]').first().getAttribute('href');
  const answer = await page.request.get(new URL(receipt, server.address).href);
  assert.match(await answer.text(), /^c2sp.org\/tlog-proof@v1\n/);
});

journey('a buyer explains a line of its statement down to the facts of a work', byLink, async (person, page) => {
  await page.getByRole('link', { name: 'Statements', exact: true }).first().click();
  await page.locator('tbody th a').first().click();
  await page.locator('tr.drill summary').filter({ hasText: /work/ }).first().click();
  await page.locator('ul.works summary').first().click();
  assert.match(await page.locator('ul.works details[open]').first().innerText(), /work\.\w+|answered|verified/);
});

journey('a buyer disputes a work, and everybody sees whose word it is', byLink, async (person, page) => {
  await person.go(`/portal/${server.buyer}/works?state=counted`);
  await firstWork(page).click();
  await page.getByLabel('We dispute it').check();
  await page.getByLabel(/^Why, in words/).fill('The customer wrote again.');
  await page.getByRole('button', { name: 'Look at it before it is sent' }).click();
  assert.match(await person.text(), /relayed by the seller, not signed/);
  await page.getByRole('button', { name: 'Send it, relayed by the seller' }).click();
  assert.match(await page.getByRole('status').innerText(), /in the log, as entry \d+/);
  const address = new URL(page.url()).pathname.replace('/portal/', '/customers/');
  assert.match(await person.text(), /work\.disputed/);
  const seller = await browser.person(server.address, { key: server.keys.finance });
  await seller.go(address);
  assert.match(await seller.text(), /portal\/link-\w+/);
  await seller.close();
});

journey('a buyer signs what it says on its own machine, and brings it', byLink, async (person, page) => {
  await person.go(`/portal/${server.buyer}/works?state=counted`);
  await page.locator('tbody th a').nth(1).click();
  const address = page.url();
  await page.getByLabel('It was done', { exact: false }).first().check();
  await page.getByRole('button', { name: 'Look at it before it is sent' }).click();
  assert.match(await person.text(), /Not by a link/);
  const event = await page.getByLabel('The event to sign').innerText();
  await page.getByLabel('or pasted').fill(server.sign(event));
  await page.getByRole('button', { name: 'Bring them' }).click();
  assert.match(await person.text(), /accepted: entry \d+ of the shared log/);
  await page.goto(address);
  assert.match(await person.text(), /portal\/signed/);
});

journey('a buyer checks its proof file in the browser, and acknowledges the head', byLink, async (person, page) => {
  await page.getByRole('link', { name: 'Proof', exact: true }).click();
  const file = await downloaded(page, page.locator('a[href$="/proof"][href^="/v1/"]').first());
  const cosigned = server.acknowledge(file);
  await page.getByLabel('or pasted').fill(cosigned);
  await page.getByRole('button', { name: 'Acknowledge it' }).click();
  assert.match(await page.getByRole('status').innerText(), /is acknowledged/);
  await person.go('/verify');
  await page.locator('#file').setInputFiles({ name: 'a.proof.zip', mimeType: 'application/zip', buffer: readFileSync(file) });
  await page.locator('#verdict').filter({ hasText: /holds|pinned/i }).waitFor();
});

journey('a buyer compares a statement with its own export', byLink, async (person, page) => {
  await person.go(`/portal/${server.buyer}/works?state=counted`);
  const works = await page.locator('tbody th a').allInnerTexts();
  const rows = works.slice(0, 20).map((work) => `${work},solved,2025-12-20T09:00:00Z`);
  const csv = ['ticket_id,status,updated_at', ...rows].join('\n');
  await page.getByRole('link', { name: 'Your records' }).click();
  await page.locator('input[type=file]').setInputFiles({ name: 'export.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: 'Read it' }).click();
  assert.equal(await page.getByLabel('The work: the id of the ticket').inputValue(), 'ticket_id');
  await page.getByRole('button', { name: /^Compare with statement/ }).click();
  assert.match(await person.text(), /Billed, and in your records/i);
  assert.match(await person.text(), /Money in question/i);
});

journey('a buyer’s key sets the budget', role('buyer'), async (person, page) => {
  await person.go('/portal');
  await page.getByText('Set the budget').first().click();
  await page.getByLabel('At most, in a statement period').fill('50000.00 EUR');
  await page.getByRole('button', { name: 'Set it' }).click();
  await page.getByRole('status').or(page.getByRole('alert')).first().waitFor();
  assert.match(await person.text(), /The budget is 50000.00 EUR|currency/);
});

journey('a statement is refused by a check, somebody answers for it, and it is issued', role('finance'), async (person, page) => {
  const preview = `/customers/${server.unstated}/statements/preview`;
  await person.go(preview);
  assert.match(await person.text(), /It is not issued, because the check attribution fails/);
  assert.equal(await page.getByRole('button', { name: 'Issue it' }).count(), 0);
  await page.getByRole('link', { name: /^All checks of/ }).click();
  assert.match(await person.text(), /No statement of it is issued/);
  assert.match(await person.text(), /tier D: before and after/);
  await person.go(preview);
  await page.getByText(/^Waive the check/).click();
  await page.getByLabel('Why').fill('A holdout begins in March.');
  await page.getByLabel('Until which day').fill('2026-03-31');
  await page.getByLabel('Who answers for it').fill('cfo');
  await page.getByRole('button', { name: 'Waive it' }).click();
  assert.match(await page.getByRole('status').innerText(), /keeps no statement of .* from being issued until 2026-03-31/);
  await page.getByLabel('Who approves it').fill('finance');
  await page.getByRole('button', { name: 'Issue it' }).click();
  assert.match(await page.getByRole('status').innerText(), /Issued as/);
});

journey('an operator makes a key, which is told once, and revokes it', role('operator'), async (person, page) => {
  await person.go('/settings/keys');
  await page.getByText('Make a key', { exact: true }).click();
  await page.getByLabel('What it is for').fill('a feed');
  await page.getByRole('button', { name: 'Make it' }).click();
  const told = await page.getByRole('status').innerText();
  const [, key, id] = told.match(/(pw_(\w+?)_\w+)/);
  await page.reload();
  assert.doesNotMatch(await page.content(), new RegExp(key));
  await page.getByText('Revoke a key', { exact: true }).click();
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Revoke it' }) });
  await form.locator('select[name=key]').selectOption(id);
  await page.getByRole('button', { name: 'Revoke it' }).click();
  assert.match(await page.getByRole('status').innerText(), new RegExp(`${id} works no longer`));
});

journey('finance makes a link, and who opens it sees the portal', role('finance'), async (person, page) => {
  await person.go(`/settings/links?customer=${server.buyer}`);
  await page.getByText('Make a link', { exact: true }).click();
  await page.getByLabel('Whom it is for').fill('their auditors');
  await page.getByRole('button', { name: 'Make it' }).click();
  const [, link] = (await page.getByRole('status').innerText()).match(/http[^ ]*(\/link\/pwl_[\w-]+)/);
  const buyer = await browser.person(server.address, { link });
  assert.match(new URL(buyer.page.url()).pathname, /^\/portal\//);
  await buyer.close();
});

journey('a refused event is repaired on its page', role('operator'), async (person, page) => {
  const event = { specversion: '1.0', id: 'journey', source: 'desk', type: 'piecework.work.opened.v1', subject: server.buyer, time: 'yesterday', workid: 'journey-1' };
  const sent = await fetch(new URL('/api/v1/events', server.address), { method: 'POST', headers: { authorization: `Bearer ${server.keys.ingest}`, 'content-type': 'application/json' }, body: JSON.stringify(event) });
  assert.equal(sent.status, 400);
  await person.go('/events');
  await page.locator('tbody th a').first().click();
  await page.getByText('Repair it and send it again').click();
  await page.getByLabel('The event, repaired').fill(JSON.stringify({ ...event, time: '2026-01-20T09:00:00Z' }));
  await page.getByRole('button', { name: 'Send it again' }).click();
  assert.match(await page.getByRole('status').innerText(), /in the log/);
});

journey('what is not there, and what may not be seen, is a page that says so', byLink, async (person, page) => {
  for (const [path, status] of [['/customers', 403], ['/settings', 403], ['/portal/nobody', 404], [`/portal/${server.buyer}/works/nothing`, 404]]) {
    const answer = await page.goto(new URL(path, server.address).href);
    assert.equal(answer.status(), status, path);
    assert.ok(await page.getByRole('alert').count(), path);
  }
});
