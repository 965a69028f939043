// A small good file by the page about the proof file, and the same file spoilt at every stage: each check refuses what is its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { BUYER, CHAIN, COMMITMENT, LINES, ORIGIN, PAYLOAD, SALT, build, canonical, drawn, event, keyOf, keys, published, sha256, signatureLine, signed, statementBody, story, vkeyOf, zip } from './seller.mjs';
import { verifier as page } from './script.mjs';

const NO_PINS = { vkeys: [], heads: [] };
const head = (size, root) => ({ size, root: page.unbase64(root) });

/** The code with which the file is refused, `-` where nothing is. */
async function codeOf(parts, pins = NO_PINS) {
  const report = await page.verify(build(parts).bytes, pins);
  assert.equal(report.notChecked, undefined);
  return report.refused?.code ?? '-';
}

function cases(code, table) {
  for (const [name, parts, pins] of table) test(`${code}: ${name}`, async () => assert.equal(await codeOf(parts, pins), code));
}

const drawOf = (more = {}) => (issued) => {
  const draft = build({ after: () => [] });
  const nonce = more.nonce ?? CHAIN.at(-2).toString('hex');
  const seed = drawn(draft.roots, { issued, until: issued - 1, nonce });
  const order = [6, 7, 8].sort((a, b) => (page.ticket(page.unhex(seed), a) < page.ticket(page.unhex(seed), b) ? -1 : 1));
  const data = { sample: 's1', statement: 'acme-0001', method: 'bottom_k', stratum: 'all', size: '2', nonce, seed, items: order.slice(0, 2).map(String), by: 'audit', ...more };
  if (data.nonce === 'none') delete data.nonce;
  return [signed(event('sample.drawn', 'draw', data))];
};

test('a good file passes, and the report says what it holds', async () => {
  const file = build({ after: drawOf() });
  const report = await page.verify(file.bytes);
  assert.deepEqual(report.refused, undefined);
  assert.equal(report.keyPinned, false);
  assert.equal(report.signatures.signedEntries, 4);
  assert.deepEqual(report.payloads.map(({ commitment, entries }) => [commitment, entries]), [[COMMITMENT, [8]]]);
  assert.equal(Buffer.from(report.payloads[0].bytes).toString(), PAYLOAD.toString());
  assert.equal(report.samples[0].seedChecked, true);
  assert.equal(report.secondOpinion, true, "Node's own Ed25519 agrees");
  const pinned = await page.verify(file.bytes, { vkeys: [file.vkey], heads: [head(file.size, file.root), head(3, file.roots(3)), head(0, page.base64(page.sha256()))] });
  assert.deepEqual([pinned.refused, pinned.keyPinned, pinned.headPinned], [undefined, true, true]);
});

test('a log of several bundles, with tiles of two levels', async () => {
  const extra = Array.from({ length: 600 }, (_, i) => event('usage.recorded', `u${i}`, { meter: 'messages', quantity: String(i) }));
  const file = build({ extra });
  assert.ok(file.members['log/tile/1/000.p/2']);
  const report = await page.verify(file.bytes, { vkeys: [], heads: [head(256, file.roots(256)), head(511, file.roots(511))] });
  assert.equal(report.refused, undefined);
  const tile = Buffer.from(file.members['log/tile/1/000.p/2']);
  tile[40] ^= 1;
  assert.equal(await codeOf({ extra, members: { 'log/tile/1/000.p/2': tile } }), 'tree');
});

const spoilt = (spoil) => ({ zip: (members) => zip(members, spoil) });
const only = (wanted, fields) => (name) => (name === wanted ? fields : {});

cases('-', [
  ['stored', spoilt({ method: 0 })],
  ['deflated', spoilt({ method: 8 })],
  ['deflated in another way', spoilt({ packed: (name, data) => (name === 'statement.json' ? deflateRawSync(data, { level: 1 }) : data) })],
  ['without payloads', { members: { [`payloads/${COMMITMENT}`]: undefined } }],
  ['another README', { members: { 'README.txt': 'x' } }],
  ['marked conflict', { extra: [event('usage.recorded', 'u', { meter: 'm', quantity: '1' }), { event: event('usage.recorded', 'u', { meter: 'm', quantity: '2' }), received_at: '2026-02-01T09:00:00Z', conflict: true }] }],
  ['a paid statement is not voided', { after: () => [event('payment.recorded', 'p', { statement: 'acme-0001', amount: { amount: '502.50', currency: 'USD' } }), event('statement.voided', 'v', { number: 'acme-0001', reason: 'x', by: 'finance' })] }],
  ['a statement that a payment over several keeps is not voided', { after: () => [event('payment.recorded', 'p', { amount: { amount: '502.50', currency: 'USD' }, allocations: [{ amount: { amount: '1.00', currency: 'USD' }, statement: 'acme-0001' }] }), event('statement.voided', 'v', { number: 'acme-0001', reason: 'x', by: 'finance' })] }],
  ['a successor signed by the buyer', { extra: [signed(published('buyer', 'acme.example/next', keys.other, 'k2'))] }],
  ['a draw without a nonce', { after: drawOf({ nonce: 'none' }) }],
  ['a line of an unknown key', { signatures: (text) => signatureLine(ORIGIN, keys.log, keys.log.sign(text)) + signatureLine('witness.example', keys.other, Buffer.alloc(64)) }],
  ['a pinned key, whatever the file says', { about: { vkey: 'nonsense' } }, { vkeys: [vkeyOf(ORIGIN, keys.log)], heads: [] }],
]);

cases('zip', [
  ['something before it', spoilt({ before: Buffer.from('x') })],
  ['something behind it', spoilt({ behind: Buffer.from('x') })],
  ['a gap', spoilt({ gap: Buffer.from('x') })],
  ['out of order', spoilt({ order: (names) => names.sort().reverse() })],
  ['a flag', spoilt({ local: only('proof.json', { flags: 0x800 }) })],
  ['a time', spoilt({ local: only('proof.json', { time: 1 }) })],
  ['version 45', spoilt({ local: only('proof.json', { version: 45 }) })],
  ['an extra field', spoilt({ local: only('proof.json', { extra: Buffer.from('xxxx') }) })],
  ['another CRC', spoilt({ local: only('proof.json', { crc: 1 }) })],
  ['another size', spoilt({ local: only('statement.json', { size: 7 }) })],
  ['another method', spoilt({ local: only('statement.json', { method: 12 }) })],
  ['the directory says another size', spoilt({ central: only('proof.json', { size: 7 }) })],
  ['the directory says another place', spoilt({ central: only('proof.json', { header: 7 }) })],
  ['made by unix', spoilt({ central: only('proof.json', { madeBy: 0x0314 }) })],
  ['attributes', spoilt({ central: only('proof.json', { external: 0o120777 * 65536 }) })],
  ['a comment of a member', spoilt({ central: only('proof.json', { comment: Buffer.from('x') }) })],
  ['a comment', spoilt({ end: () => ({ comment: 1 }), behind: Buffer.from('x') })],
  ['fewer members than there are', spoilt({ end: ({ count }) => ({ here: count - 1, count: count - 1 }) })],
  ['a second disk', spoilt({ end: () => ({ disk: 1 }) })],
  ['deflated data that go on', spoilt({ packed: (name, data) => (name === 'statement.json' ? Buffer.concat([deflateRawSync(data), Buffer.from('x')]) : data) })],
  ['deflated data that end early', spoilt({ packed: (name, data) => (name === 'statement.json' ? deflateRawSync(data).subarray(0, -3) : data) })],
  ['a bomb', spoilt({ local: only('statement.json', { size: 60_000_000 }) })],
  ['a README beyond its limit', { members: { 'README.txt': Buffer.alloc((1 << 20) + 1) } }],
  ['a checkpoint beyond its limit', { members: { 'log/checkpoint': Buffer.alloc(1_000_001) } }],
  ['a proof.json beyond its limit', { members: { 'proof.json': Buffer.alloc((1 << 20) + 1) } }],
  ['a statement beyond its limit', { members: { 'statement.json': Buffer.alloc((64 << 20) + 1) } }],
  ['a payload beyond its limit', { members: { [`payloads/${'0'.repeat(64)}`]: Buffer.alloc((64 << 20) + 33) } }],
  ['a tile beyond its limit', { members: { 'log/tile/0/001': Buffer.alloc(8193) } }],
  ...['evil.sh', '../README.txt', 'log//checkpoint', '/README.txt', 'log/./checkpoint', 'log/', 'LOG/checkpoint', 'log\\checkpoint', 'log/tile/64/000', 'log/tile/0/000.p/256', 'log/tile/0/000.p/0', 'log/tile/0/x000/000', 'log/tile/0/0', 'payloads/x', `payloads/${'A'.repeat(64)}`, `README.txt${'x'.repeat(300)}`]
    .map((name) => [`a member ${name.slice(0, 40)}`, { members: { [name]: 'x' } }]),
  ...['MANIFEST', 'README.txt', 'log/checkpoint', 'proof.json', 'statement.json'].map((name) => [`without ${name}`, { zip: (members) => zip(Object.fromEntries(Object.entries(members).filter(([other]) => other !== name))) }]),
]);

const manifest = (change) => ({ zip: (members) => zip({ ...members, MANIFEST: change(members.MANIFEST) }) });
cases('manifest', [
  ['an altered member', { zip: (members) => zip({ ...members, 'README.txt': 'other' }) }],
  ['a line less', manifest((text) => text.slice(text.indexOf('\n') + 1))],
  ['a line twice', manifest((text) => text.slice(0, text.indexOf('\n') + 1) + text)],
  ['upper case', manifest((text) => text.replace(/^[0-9a-f]{64}/, (digest) => digest.toUpperCase()))],
  ['one space', manifest((text) => text.replace('  ', ' '))],
  ['no last line feed', manifest((text) => text.slice(0, -1))],
  ['carriage returns', manifest((text) => text.replaceAll('\n', '\r\n'))],
]);

cases('proof', [
  ['another version', { about: { v: 2 } }],
  ['another kind', { about: { kind: 'receipt' } }],
  ['another mode', { about: { mode: 'some' } }],
  ['a member more', { about: { note: 'x' } }],
  ['a member less', { about: { engine: { name: 'piecework' } } }],
  ['other rules', { about: { semantics: 2 } }],
  ['a number for text', { about: { issued: 10 } }],
  ['a leading zero', { about: { issued: '010' } }],
  ['coverage from 1', { about: { coverage: { from: '1', until: '9' } } }],
  ['white space', { members: { 'proof.json': '{ }' } }],
]);

cases('key', [
  ['no key', { about: { vkey: 'nonsense' } }],
  ['a key of small order', { about: { vkey: vkeyOf(ORIGIN, { publicKey: Buffer.from('01' + '00'.repeat(31), 'hex') }) } }],
  ['a key that is no point', { about: { vkey: vkeyOf(ORIGIN, { publicKey: Buffer.from('02' + '00'.repeat(31), 'hex') }) } }],
  ['a key for cosignatures', { about: { vkey: vkeyOf(ORIGIN, keys.log, 4) } }],
  ['a key of another log', { about: { vkey: vkeyOf('vendor.example/log/0', keys.log) } }],
  ['a pinned key of another log', {}, { vkeys: [vkeyOf('vendor.example/log/0', keys.log)], heads: [] }],
]);

const noteWith = (signatures) => ({ signatures });
cases('checkpoint', [
  ['another signer', noteWith((text) => signatureLine(ORIGIN, keys.other, keys.other.sign(text)))],
  ['no signature', noteWith(() => '')],
  ['a forged signature', noteWith(() => signatureLine(ORIGIN, keys.log, Buffer.alloc(64, 1)))],
  ['one good and one forged signature', noteWith((text) => signatureLine(ORIGIN, keys.log, keys.log.sign(text)) + signatureLine(ORIGIN, keys.log, Buffer.alloc(64, 1)))],
  ['another pinned key', {}, { vkeys: [vkeyOf(ORIGIN, keys.other)], heads: [] }],
  ['an extension line', { checkpoint: `${ORIGIN}\n11\nAAAA\nmore\n` }],
  ['another size', { about: { head: { root: build().root, size: '9' } } }],
  ['another root', { about: { head: { root: Buffer.alloc(32).toString('base64'), size: '11' } } }],
]);

const bundle = 'log/tile/entries/000.p/11';
cases('tree', [
  ['an altered entry', { members: { [bundle]: Buffer.from(Buffer.from(build().members[bundle]).toString('latin1').replace('"17"', '"18"'), 'latin1') } }],
  ['no hash tile', { members: { 'log/tile/0/000.p/11': undefined } }],
  ['an altered hash tile', { members: { 'log/tile/0/000.p/11': Buffer.alloc(352) } }],
  ['a tile more', { members: { 'log/tile/1/000.p/1': Buffer.alloc(32) } }],
  ['a bundle that ends in a length', { members: { [bundle]: Buffer.concat([build().members[bundle], Buffer.of(0)]) } }],
  ['a carry in mode full', { members: { carry: '', brought: '' } }],
  ['no carry in mode carry', { about: { mode: 'carry', coverage: { from: '1', until: '9' } } }],
]);

cases('pin', [
  ['another root', {}, { vkeys: [], heads: [head(3, Buffer.alloc(32).toString('base64'))] }],
  ['a head beyond this one', {}, { vkeys: [], heads: [head(12, build().root)] }],
]);

const entry = (name, made) => [name, { extra: [made] }];
const raw = (text) => Buffer.from(text);
const usage = event('usage.recorded', 'u', { meter: 'm', quantity: '1' });
const content = (value) => ({ event: value, received_at: '2026-02-01T09:00:00Z' });
cases('entry', [
  entry('white space', raw(`${canonical(content(usage))} `)),
  entry('a member twice', raw(canonical(content(usage)).replace('"meter":"m"', '"meter":"m","meter":"m"'))),
  entry('an unknown member', event('usage.recorded', 'u', { meter: 'm', quantity: '1', colour: 'red' })),
  entry('a member less', event('usage.recorded', 'u', { meter: 'm' })),
  entry('a number for a decimal', event('usage.recorded', 'u', { meter: 'm', quantity: 1 })),
  entry('spare zeros', event('usage.recorded', 'u', { meter: 'm', quantity: '1.0' })),
  entry('an unknown type', event('work.dreamt', 'u', {}, { workid: 'w' })),
  entry('a type that is a name of the language', event('constructor', 'u', {})),
  entry('a cost', event('cost.recorded', 'u', { amount: { amount: '1.00', currency: 'USD' } })),
  entry('work without any name', event('work.confirmed', 'u', {})),
  entry('the default said', { ...usage, authorship: 'seller' }),
  entry('empty data', { ...event('work.confirmed', 'u', {}, { workid: 'w' }), data: {} }),
  entry('another customer', { ...usage, subject: 'globex' }),
  entry('conflict false', { event: usage, received_at: '2026-02-01T09:00:00Z', conflict: false }),
  entry('no arrival', raw(canonical({ event: usage }))),
  entry('signed as the seller', { ...usage, signer: 'x', signature: 'y' }),
  entry('an entry that corrects itself', event('event.corrected', 'u', { target: { source: 'desk', id: 'u', digest: '0'.repeat(64), type: 'piecework.usage.recorded.v1' }, action: 'void' })),
  entry('a correction of what the system wrote', event('event.corrected', 'u', { target: { source: 'piecework', id: 'plan', digest: '0'.repeat(64), type: 'piecework.document.published.v1' }, action: 'void' })),
  entry('an event beyond its limit', event('document.published', 'u', { kind: 'plan', text: 'x'.repeat(60_001), by: 'finance' })),
  ['a customer that the log is not about', { about: { customer: 'globex' } }],
]);

cases('identity', [
  ['another content, not marked', { extra: [usage, event('usage.recorded', 'u', { meter: 'm', quantity: '2' })] }],
  ['marked, and the first', { extra: [{ ...content(usage), conflict: true }] }],
  ['the same twice', { extra: [usage, { ...content(usage), conflict: true }] }],
  ['17 contents', { extra: Array.from({ length: 17 }, (_, i) => ({ ...content(event('usage.recorded', 'u', { meter: 'm', quantity: String(i) })), ...(i > 0 ? { conflict: true } : {}) })) }],
]);
test('16 contents of one identity are allowed', async () => {
  const extra = Array.from({ length: 16 }, (_, i) => ({ ...content(event('usage.recorded', 'u', { meter: 'm', quantity: String(i) })), ...(i > 0 ? { conflict: true } : {}) }));
  assert.equal(await codeOf({ extra }), '-');
});

const confirmed = event('work.confirmed', 'c2', { case: '18' });
const correction = (target, replacement) => event('event.corrected', 'fix', { target: { source: 'desk', id: 'c1', digest: '0'.repeat(64), type: `piecework.${target}.v1` }, ...(replacement ? { action: 'replace', replacement } : { action: 'void' }) });
const cosigned = (spoil) => (text) => {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(1_772_000_000n);
  const signature = spoil ? Buffer.alloc(64) : keys.buyer.sign(`cosignature/v1\ntime 1772000000\n${text}`);
  return signatureLine(ORIGIN, keys.log, keys.log.sign(text)) + signatureLine(BUYER, keys.buyer, Buffer.concat([time, signature]), 4);
};
cases('signature', [
  entry('by another key', signed(confirmed, keys.other)),
  entry('for another log', signed(confirmed, keys.buyer, 'vendor.example/log/0')),
  entry('of an event that was altered since', { ...signed(confirmed), id: 'c3' }),
  entry('in capital letters', { ...signed(confirmed), signature: signed(confirmed).signature.toUpperCase() }),
  entry('of what no buyer signs', signed(usage)),
  entry('a correction of what no buyer signs', signed(correction('usage.recorded'))),
  entry('a replacement of the seller', signed(correction('work.confirmed', event('work.confirmed', 'c1', { case: '17' })))),
  entry('a replacement that carries a signature', correction('work.confirmed', signed(event('work.confirmed', 'c1', { case: '17' })))),
  entry('a key without possession', event('key.published', 'k2', { ...published('seller', ORIGIN, keys.other).data, possession: '0'.repeat(128) })),
  entry('a second key of the buyer by the seller', published('buyer', 'acme.example/next', keys.other, 'k2')),
  entry('a key of the buyer with the name of the log', signed(published('buyer', ORIGIN, keys.other, 'k2'))),
  entry('a key of the log with another name', published('seller', 'vendor.example/other', keys.other, 'k2')),
  entry('a key twice', signed(published('buyer', BUYER, keys.buyer, 'k2'))),
  ['a spoilt cosignature of the buyer', { signatures: cosigned(true) }],
  ['a spoilt line of a successor', { extra: [published('seller', ORIGIN, keys.other, 'k2')], signatures: (text) => signatureLine(ORIGIN, keys.log, keys.log.sign(text)) + signatureLine(ORIGIN, keys.other, Buffer.alloc(64)) }],
]);
test('a cosignature and a successor are reported', async () => {
  const report = await page.verify(build({ signatures: cosigned(false) }).bytes);
  assert.deepEqual(report.signatures.cosignatures.map(({ name, time }) => [name, time]), [[BUYER, 1_772_000_000]]);
  const rotated = await page.verify(build({ extra: [published('seller', ORIGIN, keys.other, 'k2')], signatures: (text) => signatureLine(ORIGIN, keys.log, keys.log.sign(text)) + signatureLine(ORIGIN, keys.other, keys.other.sign(text)) }).bytes);
  assert.equal(rotated.signatures.alsoSigned.length, 2);
});

const count = story().length;
cases('statement', [
  ['another entry', { about: { issued: '3' } }],
  ['beyond the log', { about: { issued: '99' } }],
  ['another number', { about: { number: 'acme-0002' } }],
  ['another contract', { about: { contract: 'acme-2027' } }],
  ['another cut', { about: { cut: '2026-02-28T23:00:00Z' } }],
  ['another revision', { about: { revision: '2' } }],
  ['another coverage', { about: { coverage: { from: '0', until: String(count - 1) } } }],
  ['coverage beyond itself', { issued: { coverage: String(count + 2) }, about: { coverage: { from: '0', until: String(count + 2) } } }],
  ['another body', { members: { 'statement.json': canonical(statementBody(LINES.slice(0, 1))) } }],
  ['parts that are not there', { issued: { parts: '2' } }],
  ['a digest of other cells', { issued: { cells_digest: '0'.repeat(64) } }],
  ['the number given twice', { after: () => [event('statement.issued', 'again', { contract: 'acme-2026', cut: '2026-02-28T23:00:00Z', revision: '1', number: 'acme-0001', coverage: '1', body: '0'.repeat(64), parts: '0', cells_digest: '0'.repeat(64), by: 'finance' })] }],
]);

cases('void', [
  ['after its payment was voided', { after: () => [event('payment.recorded', 'p', { statement: 'acme-0001', amount: { amount: '502.50', currency: 'USD' } }), event('payment.voided', 'w', { entry: 'p', reason: 'wrong', by: 'finance' }), event('statement.voided', 'v', { number: 'acme-0001', reason: 'x', by: 'finance' })] }],
]);
cases('void', [['after it was issued', { after: () => [event('statement.voided', 'v', { number: 'acme-0001', reason: 'wrong', by: 'finance' })] }]]);

const wrong = (change) => ({ body: { ...statementBody(LINES), ...change } });
cases('recompute', [
  ['lines that do not add up', wrong({ total: { amount: '502.51', currency: 'USD' } })],
  ['authorship that does not add up', wrong({ authorship: { buyer: { amount: '1.00', currency: 'USD' } } })],
  ['another currency in a line', { lines: [LINES[0], { ...LINES[1], amount: { amount: '2.50', currency: 'EUR' } }] }],
  ['another customer', wrong({ customer: 'globex' })],
  ['another revision', wrong({ revision: 2 })],
  ['an unknown member', wrong({ hint: 'x' })],
  ['cells that are not those of the lines', { cells: [{ amount: { amount: '502.50', currency: 'USD' }, cell: LINES[0].cell, quantity: '1' }] }],
]);

const payload = (data, name = COMMITMENT) => ({ members: { [`payloads/${name}`]: data } });
cases('payload', [
  ['an altered payload', payload(Buffer.concat([SALT, Buffer.from('{}')]))],
  ['an altered salt', payload(Buffer.concat([Buffer.alloc(32), PAYLOAD]))],
  ['too short for a salt', payload(Buffer.from('x'), sha256(Buffer.of(4), 'x').toString('hex'))],
  ['nobody committed to it', payload(Buffer.concat([SALT, Buffer.from('x')]), sha256(Buffer.of(4), SALT, 'x').toString('hex'))],
]);

cases('sample', [
  ['another seed', { after: drawOf({ seed: '0'.repeat(64) }) }],
  ['a nonce of its own', { after: drawOf({ nonce: '1'.repeat(64) }) }],
  ['a nonce that skips one', { after: drawOf({ nonce: CHAIN.at(-3).toString('hex') }) }],
  ['another stratum', { after: drawOf({ stratum: 'unit:x' }) }],
  ['of no statement', { after: drawOf({ statement: 'acme-0009' }) }],
  ['items out of order', { after: (issued) => drawOf({ items: drawOf()(issued)[0].data.items.reverse() })(issued) }],
  ['an item more', { after: drawOf({ size: '1' }) }],
  ['an item beyond the coverage', { after: drawOf({ items: ['99'], method: 'money', size: '1' }) }],
  ['a chain that the buyer did not sign', { extra: [event('sample.anchored', 'a2', { anchor: '0'.repeat(64), length: '1', by: 'audit' })] }],
]);

test('no single bit of a file can be turned', async () => {
  const { bytes } = build();
  for (let bit = 0; bit < bytes.length * 8; bit += 1009) {
    const turned = bytes.slice();
    turned[bit >> 3] ^= 1 << (bit & 7);
    const report = await page.verify(turned);
    assert.ok(report.refused, `bit ${bit}`);
  }
});

test('a file cut off anywhere is refused', async () => {
  const { bytes } = build();
  for (let length = 0; length < bytes.length; length += 97) assert.equal((await page.verify(bytes.subarray(0, length))).refused?.code, 'zip');
});

test('weak keys do not sign a head that fits every text', async () => {
  // Under the neutral point as key, R = [S]B fits every message; Node's own Ed25519 takes such signatures.
  const weak = { publicKey: Buffer.from('01' + '00'.repeat(31), 'hex') };
  const signature = Buffer.concat([keyOf(1).publicKey.fill(0), Buffer.alloc(32)]);
  signature[0] = 1;
  const parts = { about: { vkey: vkeyOf(ORIGIN, weak) }, signatures: () => signatureLine(ORIGIN, weak, signature) };
  assert.equal(await codeOf(parts), 'key');
  await assert.rejects(async () => page.readVkey(vkeyOf(ORIGIN, weak)), /small order/);
});
