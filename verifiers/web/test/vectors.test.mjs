// Known answers from outside: FIPS 180-4, RFC 8032, RFC 6962, the C2SP documents, and the page about the proof file.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { keyOf } from './seller.mjs';
import { verifier as page } from './script.mjs';

const { hex, unhex, utf8 } = page;
const malformed = (run, what) => assert.throws(run, page.Malformed, what);

test('SHA-256 and SHA-512 are those of FIPS 180-4, at every length around a block', () => {
  assert.equal(hex(page.sha256()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(hex(page.sha256(utf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(hex(page.sha512(utf8('abc'))), 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f');
  assert.equal(hex(page.sha256(new Uint8Array(1_000_000).fill(97))), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
  for (let length = 0; length < 300; length++) {
    const bytes = randomBytes(length);
    const cut = length >> 1;
    assert.equal(hex(page.sha256(bytes.subarray(0, cut), bytes.subarray(cut))), createHash('sha256').update(bytes).digest('hex'));
    assert.equal(hex(page.sha512(bytes)), createHash('sha512').update(bytes).digest('hex'));
  }
});

const RFC_8032 = [
  ['d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '', 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'],
  ['3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72', '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'],
  ['fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82', '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'],
  ['ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf', 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f', 'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704'],
];
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const littleEndian = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const bytesOf = (number) => Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 255n));

test('Ed25519 takes the signatures of RFC 8032 and of Node, and no other', () => {
  for (const [key, message, signature] of RFC_8032) {
    const publicKey = page.readPublicKey(unhex(key));
    assert.ok(page.verifySignature(publicKey, unhex(message), unhex(signature)));
    for (let bit = 0; bit < 512; bit += 37) {
      const spoilt = unhex(signature);
      spoilt[bit >> 3] ^= 1 << (bit & 7);
      assert.ok(!page.verifySignature(publicKey, unhex(message), spoilt), `bit ${bit}`);
    }
    const s = littleEndian(unhex(signature).subarray(32));
    const malleable = Uint8Array.of(...unhex(signature).subarray(0, 32), ...bytesOf(s + ORDER));
    assert.ok(!page.verifySignature(publicKey, unhex(message), malleable), 'S + L');
    assert.ok(!page.verifySignature(publicKey, unhex(`${message}00`), unhex(signature)));
    assert.ok(!page.verifySignature(publicKey, unhex(message), unhex(signature).subarray(0, 63)));
  }
  for (let byte = 0; byte < 20; byte++) {
    const key = keyOf(byte);
    const message = randomBytes(byte * 31);
    assert.ok(page.verifySignature(page.readPublicKey(new Uint8Array(key.publicKey)), message, new Uint8Array(key.sign(message))));
  }
});

test('keys of small order and encodings that are not the one of a point are refused', () => {
  const weak = [
    '0100000000000000000000000000000000000000000000000000000000000000', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000', '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  ];
  const otherwise = [
    '0100000000000000000000000000000000000000000000000000000000000080', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', '0200000000000000000000000000000000000000000000000000000000000000',
  ];
  for (const key of [...weak, ...otherwise]) malformed(() => page.readPublicKey(unhex(key)), key);
});

// Affine arithmetic on the curve, written apart from the page's.
const P = 2n ** 255n - 19n;
const mod = (x) => ((x % P) + P) % P;
const power = (x, e) => (e === 0n ? 1n : mod(power(mod(x * x), e >> 1n) * (e & 1n ? x : 1n)));
const D = mod(-121665n * power(121666n, P - 2n));
const add = ([x1, y1], [x2, y2]) => {
  const t = mod(D * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + y1 * x2) * power(mod(1n + t), P - 2n)), mod((y1 * y2 + x1 * x2) * power(mod(1n - t), P - 2n))];
};
const times = (scalar, point) => (scalar === 0n ? [0n, 1n] : scalar & 1n ? add(point, times(scalar - 1n, point)) : times(scalar >> 1n, add(point, point)));
const BASE = [15112221349535400772501151409588531511454012693041857206046113283949847762202n, 46316835694926478169428394003475163141307993866256225615783033603165251855960n];
const encode = ([x, y]) => bytesOf(y | ((x & 1n) << 255n));

test('the equation is checked without the cofactor', () => {
  const [secret, nonce] = [123456789n, 987654321n];
  const [minusOne, message] = [[0n, P - 1n], utf8('text')];
  const key = page.readPublicKey(encode(times(secret, BASE)));
  const signatureWith = (r) => {
    const challenge = littleEndian(createHash('sha512').update(encode(r)).update(key.bytes).update(message).digest()) % ORDER;
    return Uint8Array.of(...encode(r), ...bytesOf((nonce + challenge * secret) % ORDER));
  };
  const honest = times(nonce, BASE);
  assert.ok(page.verifySignature(key, message, signatureWith(honest)));
  assert.ok(!page.verifySignature(key, message, signatureWith(add(honest, minusOne))), 'equal only after multiplying by 8');
});

const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

test('the tree is that of RFC 6962', () => {
  const frontier = new page.Frontier();
  assert.equal(hex(frontier.root()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  CT_LEAVES.forEach((leaf, i) => {
    frontier.push(page.leafHash(unhex(leaf)));
    assert.equal(hex(frontier.root()), CT_ROOTS[i]);
  });
  assert.equal(hex(page.leafHash(utf8('L123456'))), '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56');
  assert.equal(hex(page.nodeHash(utf8('N123'), utf8('N456'))), 'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb');
});

test('tiles have the paths of C2SP', () => {
  const last = (count, kind = 'entries', first = 0) => page.tilesOf(kind, count, first).at(-1).path;
  assert.equal(last(255), 'log/tile/entries/000.p/255');
  assert.equal(last(256), 'log/tile/entries/000');
  assert.equal(last(257), 'log/tile/entries/001.p/1');
  assert.equal(last(1234067 * 256 + 1, 0, 1234066), 'log/tile/0/x001/x234/067.p/1');
  assert.equal(page.tilesOf('entries', 70_000).length, 274);
});

test('notes and keys of the Go and C2SP documents', () => {
  const text = 'If you think cryptography is the answer to your problem,\nthen you don\'t know what your problem is.\n';
  const peter = '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
  const enoch = '\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
  const keys = ['PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'].map(page.readVkey);
  const note = page.readNote(utf8(`${text}\n${peter}${enoch}`));
  assert.equal(note.text, text);
  for (const key of keys) assert.equal(page.signaturesBy(note, key).length, 1);
  const other = page.readNote(utf8('This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'));
  assert.equal(page.signaturesBy(other, page.readVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')).length, 1);
  const checkpoint = page.readNote(utf8('vendor.example/log/8f3a\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\u2014 vendor.example/log/8f3a o93hEncRv5GI7OJMUWZftM4eIq7VMf6681O25ToBlC8eQfmb2hvCMELETxqOHax2EStoNpNrmzaDJ+e2lvTYv8riywI=\n'));
  assert.equal(page.signaturesBy(checkpoint, page.readVkey('vendor.example/log/8f3a+a3dde112+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs')).length, 1);

  malformed(() => page.signaturesBy(page.readNote(utf8(`${text.replace('you', 'we')}\n${peter}`)), keys[0]), 'another text');
  for (const bad of [text, `${text}\n`, `${text}\n${peter.slice(0, -1)}`, `\u0001${text}\n${peter}`, `${text}\n${peter}more\n`, `${text}\n${peter.replace('PeterNeumann', 'Peter Neumann')}`, `${text}\r\n${peter}`, `${text}\n${peter.repeat(65)}`]) {
    malformed(() => page.readNote(utf8(bad)), JSON.stringify(bad.slice(-60)));
  }
  malformed(() => page.readNote(Uint8Array.of(0xff, ...utf8(`${text}\n${peter}`))), 'not UTF-8');
  const good = keys[0].text;
  for (let length = 0; length < good.length; length++) malformed(() => page.readVkey(good.slice(0, length)), good.slice(0, length));
  for (let i = 0; i < good.length; i++) {
    const next = good.slice(0, i) + String.fromCharCode(good.charCodeAt(i) + 1) + good.slice(i + 1);
    malformed(() => page.readVkey(next), next);
  }
});

const strict = (text) => page.parseStrict(utf8(text));

test('the strict profile takes what it writes', () => {
  for (const text of ['{}', '{"a":[],"b":{},"c":true,"d":false}', '{"a":-9007199254740991,"b":0,"c":9007199254740991}', '{"":"","A":"1","a":"2"}', '{"a":"\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001f\u007f/\u2028\u00e9\ud83d\ude00"}', '{"__proto__":"x","constructor":"y"}', `{"a":${'['.repeat(31)}${']'.repeat(31)}}`]) {
    assert.equal(page.canonical(strict(text)), text);
  }
});

test('the strict profile refuses every other spelling', () => {
  const bad = [
    '', '[]', '"a"', '1', 'true', ' {}', '{} ', '{}\n', '{ }', '{"a": 1}', '{"a":1,}', '{"a":[1,]}', '{,"a":1}', '{"a":1 ,"b":2}', '\ufeff{}', '{}{}',
    '{"a":1,"a":1}', '{"b":1,"a":2}', '{"aa":1,"a":2}', '{"\u00e9":1}', '{"\\u0061":1}', '{"a":null}', '{"a":undefined}', '{"a":tru}', '{"a":True}',
    '{"a":-0}', '{"a":01}', '{"a":1.0}', '{"a":1e3}', '{"a":1E3}', '{"a":+1}', '{"a":.5}', '{"a":9007199254740992}', '{"a":-9007199254740992}', '{"a":18446744073709551616}', '{"a":--1}', '{"a":-}',
    '{"a":"\\u0041"}', '{"a":"\\/"}', '{"a":"\\u000a"}', '{"a":"\\u001F"}', '{"a":"\\ud800"}', '{"a":"\\ud83d\\ude00"}', '{"a":"\t"}', '{"a":"\u0000"}', '{"a":"\\x41"}', '{"a":"\\', '{"a":"', '{"a":"\\u00', "{'a':1}", '{a:1}',
    `{"a":${'['.repeat(32)}${']'.repeat(32)}}`,
  ];
  for (const text of bad) malformed(() => strict(text), text);
  for (const bytes of ['7b2261223a22ed a080227d', '7b2261223a22c0af227d', '7b2261223a22f8227d', '7b2261223a22ff227d']) malformed(() => page.parseStrict(unhex(bytes.replaceAll(' ', ''))), bytes);
});

test('numbers, amounts and times have one spelling', () => {
  const table = (reads, good, bad) => {
    for (const value of good) assert.ok(reads(value), value);
    for (const value of bad) assert.ok(!reads(value), JSON.stringify(value));
  };
  table(page.decimal, ['0', '-12', '1500', '0.000003', '170141183460469231731687303715884105727', `0.${'1'.repeat(28)}`],
    ['', '-0', '00', '01', '1.', '.5', '1.50', '0.0', '+1', '1e3', '1 ', '\u0661', '170141183460469231731687303715884105728', `0.${'0'.repeat(28)}1`, 1, '1\n', '-', '--1']);
  const amount = (text, currency = 'USD') => new Map([['amount', text], ['currency', currency]]);
  table(page.amount, [amount('2.50'), amount('2.505'), amount('-0.01'), amount('0.00'), amount('3', 'JPY'), amount('0.500', 'KWD')],
    [amount('2.5'), amount('2'), amount('2.500'), amount('-0.00'), amount('3.0', 'JPY'), amount('0.50', 'KWD'), amount('1.00', 'XXX'), amount('1.00', 'usd'), new Map([['amount', '1.00']]), '1.00 USD']);
  table(page.instant, ['2026-01-06T09:00:00Z', '2026-01-06T09:00:00.25Z', '2024-02-29T23:59:59.123456789Z', '2000-02-29T00:00:00Z'],
    ['2026-01-06T09:00:00+00:00', '2026-01-06T09:00:00z', '2026-01-06t09:00:00Z', '2026-01-06T09:00:00.250Z', '2026-01-06T09:00:00.Z', '2026-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-01-00T00:00:00Z', '2026-01-06T24:00:00Z', '2026-01-06T09:60:00Z', '2026-01-06T09:00:60Z', '2026-01-06T09:00Z', '2026-01-06T09:00:00.1234567891Z', '12026-01-06T09:00:00Z']);
  table(page.identifier, ['a', '\u00e9', 'x'.repeat(256)], ['', 'x'.repeat(257), '\u00e9'.repeat(129), 'a\nb', '\u0085', 7]);
  assert.equal(page.sumOf(['0.1', '0.2', '-1.005']), '-0.705');
  assert.equal(page.sumOf([]), '0');
});

test('deflate gives back what zlib packed, and refuses what is not whole', () => {
  const texts = [Buffer.alloc(0), Buffer.from('a'), Buffer.from('abcabcabc'.repeat(5000)), randomBytes(100_000), Buffer.concat([Buffer.alloc(70_000), randomBytes(500), Buffer.from('{"a":1}'.repeat(9000))])];
  for (const data of texts) {
    for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: constants.Z_FIXED }, { strategy: constants.Z_HUFFMAN_ONLY }, { strategy: constants.Z_RLE }]) {
      const packed = new Uint8Array(deflateRawSync(data, options));
      assert.deepEqual(Buffer.from(page.inflate(packed, data.length)), data);
      malformed(() => page.inflate(packed.subarray(0, -1), data.length), 'cut off');
      malformed(() => page.inflate(new Uint8Array([...packed, 0]), data.length), 'more behind');
      malformed(() => page.inflate(packed, data.length + 1), 'shorter than said');
      if (data.length > 0) malformed(() => page.inflate(packed, data.length - 1), 'longer than said');
    }
  }
  for (const bad of ['07', '0100ff0000', '05e0817f', 'fdffffff']) malformed(() => page.inflate(unhex(bad), 1), bad);
});

test('nonces, seeds and tickets are those of the page about the proof file', () => {
  let nonce = new Uint8Array(32);
  for (const start of ['96a01e6b435b11ab', 'eaad36725feac4ea', '65a441d2ff4e86d8']) {
    nonce = page.nextNonce(nonce);
    assert.ok(hex(nonce).startsWith(start));
  }
  const root = page.unbase64('XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=');
  const seed = page.sampleSeed({ origin: 'vendor.example/log/8f3a', size: 8, root, until: 8, stratum: 'all', nonce: '0'.repeat(64) }, 'revenue-engine.example/sample/v1');
  assert.equal(hex(seed), 'f9e3297fba31474a8e3830a2735e0c040e9a4c8ba2a11e728a51661f7b24688d');
  const order = (count) => Array.from({ length: count }, (_, item) => item).sort((a, b) => (page.ticket(seed, a) < page.ticket(seed, b) ? -1 : 1));
  assert.deepEqual(order(8), [4, 6, 5, 1, 3, 0, 7, 2]);
  assert.deepEqual(order(1000).slice(0, 10).sort((a, b) => a - b), [73, 96, 336, 358, 368, 548, 682, 803, 975, 989]);
  const salt = Uint8Array.from({ length: 32 }, (_, i) => i);
  assert.equal(page.base64(page.sha256(Uint8Array.of(4), salt, utf8('{"ticket":"88231","reply":"..."}'))), 'K9FZZqG/yB1DRbWN3ETIo+lCjadcAVQYWMVh+lLa/J0=');
});

test('pins are read by line, and errors name the line', () => {
  const pins = page.readPins('vkey a+b+c\r\nhead 8 XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n');
  assert.deepEqual([pins.vkeys, pins.heads[0].size], [['a+b+c'], 8]);
  assert.deepEqual(page.readPins(' a+b+c ').vkeys, ['a+b+c']);
  for (const bad of ['vkey', 'head 8', 'head 08 XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=', 'head 8 AAAA', 'head 8 nonsense!', 'key x']) {
    assert.throws(() => page.readPins(`\n${bad}`), /^Error: Line 2: |Line 2: /, bad);
  }
});
