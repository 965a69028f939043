// Section 7 of the page about the proof file: the values of a chain of nonces belong to statements, in the order of the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAIN, anchored, build, event, nonces, otherStatement, signed, withDraws } from './seller.mjs';
import { verifier as page } from './script.mjs';

// Every log of these tests anchors CHAIN, X_0 to X_3, before everything but `first`.
const [x0, x1, x2, x3] = CHAIN;
const SECOND = nonces(3, 4);
const [y0, y1, y2] = SECOND;
const second = signed(anchored(SECOND, 'second'));
const OWN = 'acme-0001';
const [a, b, c] = ['a', 'b', 'c'].map(otherStatement);

const check = (steps, log) => page.verify(build(withDraws(steps, log)).bytes);

function valid(name, steps, log) {
  test(`valid: ${name}`, async () => {
    const report = await check(steps, log);
    assert.equal(report.refused, undefined);
    const draws = steps.filter(Array.isArray).map(([statement, nonce]) => [statement, nonce?.toString('hex') ?? 'none', true]);
    assert.deepEqual(report.samples.map(({ statement, nonce, seedChecked }) => [statement, nonce, seedChecked]), draws);
  });
}

function refused(name, reason, steps, log) {
  test(`refused: ${name}`, async () => {
    const report = await check(steps, log);
    assert.equal(report.refused?.code, 'sample');
    assert.match(report.refused.reason, reason);
  });
}

const NOT_ITS_OWN = /the nonce is not that of the statement/;
valid('each statement has its value', [a, b, [OWN, x2], ['a', x1], ['b', x0]]);
valid('in whatever order they are drawn from', [a, b, ['b', x0], [OWN, x2], ['a', x1]]);
valid('after another was issued', [a, [OWN, x2]]);
refused('the value of the statement before', NOT_ITS_OWN, [a, ['a', x2]]);
refused('the value of the statement before, which has it too', NOT_ITS_OWN, [a, [OWN, x2], ['a', x2]]);
refused('the value of the statement after', NOT_ITS_OWN, [a, [OWN, x1]]);
refused('the anchor', NOT_ITS_OWN, [[OWN, x3]]);
refused('no value of the chain', NOT_ITS_OWN, [[OWN, Buffer.alloc(32, 1)]]);

const before = { extra: [a] };
const voided = event('statement.voided', 'v', { number: 'a', reason: 'wrong', by: 'finance' });
valid('a statement between uses its value up', [[OWN, x1]], before);
refused('a statement between used it up', NOT_ITS_OWN, [[OWN, x2]], before);
valid('so does one that is drawn from without a nonce', [['a', undefined], [OWN, x1]], before);
valid('and one that is voided', [[OWN, x1]], { extra: [a, voided] });
refused('one that is voided used it up', NOT_ITS_OWN, [[OWN, x2]], { extra: [a, voided] });

const AT_THE_END = /the chain has 3 nonces, and the statement is number 4/;
const three = { extra: [a, b, c] };
for (const nonce of [x0, x1, x3, Buffer.alloc(32)]) refused(`beyond the end of the chain, ${nonce.toString('hex', 0, 4)}`, AT_THE_END, [[OWN, nonce]], three);
valid('beyond the end of the chain, without a nonce', [['c', x0], [OWN, undefined]], three);

const NO_CHAIN = /no chain of nonces before the statement/;
refused('an anchor behind the statement', NO_CHAIN, [['a', x2]], { first: [a] });
refused('an anchor behind the statement, which is its nonce', NO_CHAIN, [['a', x3]], { first: [a] });
valid('what was issued before the anchor does not count', [[OWN, x2]], { first: [a] });
valid('an anchor behind the statement, without a nonce', [['a', undefined]], { first: [a] });

const two = { extra: [a, second] };
valid('each keeps the chain that was last before it', [b, ['a', x2], [OWN, y2], ['b', y1]], two);
valid('a chain that is anchored behind it changes nothing', [second, a, [OWN, x2], ['a', y2]]);
refused('a value of the second chain', NOT_ITS_OWN, [second, [OWN, y2]]);
for (const [name, nonce] of [['the next', x1], ['the last', x2], ['the first', x0]]) refused(`${name} value of the chain before`, NOT_ITS_OWN, [[OWN, nonce]], two);
refused('the count begins anew at an anchor', NOT_ITS_OWN, [[OWN, y1]], two);
refused('the first value of the second chain', NOT_ITS_OWN, [[OWN, y0]], two);
valid('of two anchors the second counts', [[OWN, y2]], { extra: [second] });
refused('of two anchors the first does not', NOT_ITS_OWN, [[OWN, x2]], { extra: [second] });
refused('an anchor that is not signed, and nothing drawn', /did not sign/, [], { extra: [anchored(SECOND, 'second')] });

const ANOTHER = /another nonce than the draw before/;
valid('two draws with one nonce', [[OWN, x2], a, [OWN, x2]]);
valid('two draws without', [[OWN, undefined], [OWN, undefined]]);
refused('two draws with two', ANOTHER, [[OWN, x2], [OWN, x1]]);
refused('one with, one without', ANOTHER, [[OWN, x2], [OWN, undefined]]);
refused('one without, one with', ANOTHER, [[OWN, undefined], [OWN, x2]]);
valid('a number that is given twice is the first', [otherStatement('a'), ['a', x1], { ...otherStatement('a'), id: 'again' }]);

test('no value of a chain is hashed twice', () => {
  const chain = nonces(100).map((value) => value.toString('hex'));
  const check = (orders) => {
    // The anchor alone is known at first; every value that is hashed is looked up once before it.
    let looked = 0;
    const known = new (class extends Map {
      has(value) {
        looked++;
        return super.has(value);
      }
    })([[chain.at(-1), 0]]);
    const places = new Map(orders.map((place) => [place, { chain: { known, length: 100 }, place }]));
    const state = { places, nonces: new Map() };
    for (const place of orders) page.checkNonce({ nonce: chain[100 - place], statement: `s${place}` }, { position: place }, state);
    assert.throws(() => page.checkNonce({ nonce: chain[50], statement: 'another' }, { position: orders.find((place) => place !== 50) }, state), NOT_ITS_OWN);
    return looked - orders.length - 1;
  };
  const all = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.equal(check(all), 100);
  assert.equal(check(all.toReversed()), 100);
  assert.equal(check([50, 3, 100, 51]), 100);
});
