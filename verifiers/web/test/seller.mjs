// A small seller: writes a log, its head, a statement and the proof file, by sections 1 to 5 of docs/reference/proof-file.md
// and with Node's own SHA-256, Ed25519 and deflate. What it writes can be spoilt at every stage.
import { createHash, createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto';
import { crc32 as zlibCrc32, deflateRawSync } from 'node:zlib';

export const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An Ed25519 key from 32 equal bytes: public key, and `sign`. */
export function keyOf(byte) {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.alloc(32, byte)]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { publicKey, sign: (message) => signWith(null, Buffer.from(message), key) };
}

const idOf = (name, type, publicKey) => sha256(`${name}\n`, Buffer.of(type), publicKey).subarray(0, 4);
export const vkeyOf = (name, { publicKey }, type = 1) => `${name}+${idOf(name, type, publicKey).toString('hex')}+${Buffer.concat([Buffer.of(type), publicKey]).toString('base64')}`;
export const signatureLine = (name, { publicKey }, signature, type = 1) => `\u2014 ${name} ${Buffer.concat([idOf(name, type, publicKey), signature]).toString('base64')}\n`;

/** Canonical JSON of plain values. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

// --- the tree ---------------------------------------------------------------------------------------

export const leafHash = (entry) => sha256(Buffer.of(0), entry);

/** RFC 9162, section 2.1.1, as it is written there. */
export function rootOf(hashes) {
  if (hashes.length === 0) return sha256('');
  if (hashes.length === 1) return hashes[0];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return sha256(Buffer.of(1), rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

export function tilesOf(entries) {
  const members = {};
  const put = (kind, number, width, data) => {
    members[`log/tile/${kind}/${String(number).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`] = data;
  };
  for (let i = 0; i * 256 < entries.length; i++) {
    const bundle = entries.slice(i * 256, (i + 1) * 256);
    put('entries', i, bundle.length, Buffer.concat(bundle.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry])));
  }
  let hashes = entries.map(leafHash);
  for (let level = 0; hashes.length > 0; level++) {
    const above = [];
    for (let i = 0; i * 256 < hashes.length; i++) {
      const tile = hashes.slice(i * 256, (i + 1) * 256);
      put(level, i, tile.length, Buffer.concat(tile));
      if (tile.length === 256) above.push(rootOf(tile));
    }
    hashes = above;
  }
  return members;
}

// --- the log ----------------------------------------------------------------------------------------

export const ORIGIN = 'vendor.example/log/8f3a8f3a8f3a8f3a';
export const BUYER = 'acme.example/buyer';
export const keys = { log: keyOf(7), buyer: keyOf(8), other: keyOf(9) };
export const SALT = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
export const PAYLOAD = Buffer.from('{"ticket":"88231","reply":"..."}');
export const COMMITMENT = sha256(Buffer.of(4), SALT, PAYLOAD).toString('hex');

const CUT = '2026-01-31T23:00:00Z';
const usd = (amount) => ({ amount, currency: 'USD' });
const hexOf = (text) => sha256(text).toString('hex');

export function event(kind, id, data, more = {}) {
  const written = { specversion: '1.0', id, source: 'desk', type: `piecework.${kind}.v1`, subject: 'acme', time: '2026-01-06T09:00:00Z', ...more };
  return Object.keys(data).length > 0 ? { ...written, data } : written;
}

/** The buyer's signature on an event. */
export function signed(unsigned, key = keys.buyer, origin = ORIGIN, name = BUYER) {
  const bare = { ...unsigned, authorship: 'buyer', signer: `${name}+${idOf(name, 1, key.publicKey).toString('hex')}` };
  const signature = key.sign(`piecework/entry/v1\n${origin}\n${canonical(bare)}`).toString('hex');
  return { ...bare, signature };
}

export function published(holder, name, key, id) {
  const vkey = vkeyOf(name, key);
  return event('key.published', id, { holder, vkey, possession: key.sign(`piecework/key/v1\n${ORIGIN}\n${vkey}\n`).toString('hex'), by: 'it' }, { source: 'piecework' });
}

const service = { from: '2025-12-31T23:00:00Z', until: CUT };

export function statementBody(lines) {
  const cents = lines.reduce((sum, line) => sum + Math.round(Number(line.amount.amount) * 100), 0);
  const total = usd((cents / 100).toFixed(2));
  return {
    statement: 'billing statement, before tax', customer: 'acme', contract: 'acme-2026', cut: CUT, as_of: CUT, revision: 1, service, currency: 'USD', semantics: 1,
    documents: [{ contract: hexOf('contract text'), plan: hexOf('plan text'), version: 1 }], lines, total, authorship: { agreed: total }, pending: {},
  };
}

export const LINES = [
  { kind: 'charge', cell: 'acme-2026/platform/2025-12-31T23:00:00Z/v1/fee', surface: 'access', service, quantity: '1', amount: usd('500.00') },
  { kind: 'charge', cell: 'acme-2026/cases/2025-12-31T23:00:00Z/v1/class:confirmed', surface: 'outcome', service, quantity: '2', amount: usd('2.50') },
];

export const nonces = (count, byte = 3) => Array.from({ length: count }).reduce((chain) => [...chain, sha256(Buffer.of(5), chain.at(-1))], [Buffer.alloc(32, byte)]);
export const CHAIN = nonces(3);

/** The entry that commits to a chain of nonces, X_0 to X_n. */
export const anchored = (chain, id) => event('sample.anchored', id, { anchor: chain.at(-1).toString('hex'), length: String(chain.length - 1), by: 'audit' });

/** The events of the log until the statement; `extra` go before it, each an event or a made entry, and `first` before everything. */
export function story(extra = [], first = []) {
  return [
    ...first,
    event('document.published', 'plan', { kind: 'plan', text: 'plan text', by: 'finance' }, { source: 'piecework' }),
    event('document.published', 'contract', { kind: 'contract', text: 'contract text', by: 'finance' }, { source: 'piecework' }),
    event('contract.signed', 'signed', { contract: 'acme-2026', digest: hexOf('contract text'), by: 'buyer' }, { source: 'piecework' }),
    published('buyer', BUYER, keys.buyer, 'key'),
    signed(event('document.acknowledged', 'ack', { what: 'contract', digest: hexOf('contract text'), by: 'legal' })),
    signed(anchored(CHAIN, 'anchor')),
    event('work.answered', 'a1', { kind: 'answer', case: '17' }, { workid: 'w1' }),
    signed(event('work.confirmed', 'c1', { case: '17' }, { workid: 'w1', time: '2026-01-06T10:00:00Z' })),
    event('evidence.attached', 'e1', { case: '17', name: 'transcript', commitment: COMMITMENT }, { workid: 'w1' }),
    ...extra,
  ];
}

const entryOf = (item, i) => item.event ? item : { event: item, received_at: `2026-02-01T09:00:${String(i % 60).padStart(2, '0')}Z` };

/**
 * Writes a proof file. `parts` may replace any stage: `first` events, `extra` events before the statement, `after` it, `lines` or the whole `body`,
 * `issued` members, `about` members of proof.json, `checkpoint` text or `signatures`, `members`, `zip` of the bytes.
 */
export function build(parts = {}) {
  const body = canonical(parts.body ?? statementBody(parts.lines ?? LINES));
  const cells = (parts.cells ?? (parts.lines ?? LINES).map(({ cell, quantity, amount }) => ({ amount, cell, quantity })));
  const before = story(parts.extra, parts.first);
  const attempt = { contract: 'acme-2026', cut: CUT, revision: '1', cells_digest: hexOf(canonical(cells)) };
  const control = { source: 'piecework', time: CUT };
  const issue = { ...attempt, number: 'acme-0001', coverage: String(before.length), body: hexOf(body), parts: '1', by: 'finance', ...parts.issued };
  const events = [
    ...before,
    event('statement.stated', 'stated', { ...attempt, part: '1', cells }, control),
    event('statement.issued', 'statement/acme-0001', issue, control),
    ...(parts.after?.(before.length + 1) ?? []),
  ];
  const entries = events.map((item, i) => Buffer.from(Buffer.isBuffer(item) ? item : canonical(entryOf(item, i))));
  const root = rootOf(entries.map(leafHash));
  const text = parts.checkpoint ?? `${ORIGIN}\n${entries.length}\n${root.toString('base64')}\n`;
  const lines = parts.signatures?.(text) ?? signatureLine(ORIGIN, keys.log, keys.log.sign(text));
  const about = {
    v: 1, kind: 'statement', mode: 'full', customer: 'acme', contract: 'acme-2026', number: 'acme-0001', cut: CUT, revision: '1', origin: ORIGIN, vkey: vkeyOf(ORIGIN, keys.log),
    coverage: { from: '0', until: String(before.length) }, head: { root: root.toString('base64'), size: String(entries.length) }, issued: String(before.length + 1),
    semantics: 1, time_zones: '2026f', engine: { name: 'piecework', version: '0.1.0' }, ...parts.about,
  };
  const members = {
    'README.txt': 'Proof of statement acme-0001\n', 'log/checkpoint': `${text}\n${lines}`, ...tilesOf(entries), [`payloads/${COMMITMENT}`]: Buffer.concat([SALT, PAYLOAD]),
    'proof.json': canonical(about), 'statement.json': body, ...parts.members,
  };
  for (const name of Object.keys(members)) if (members[name] === undefined) delete members[name];
  members.MANIFEST ??= Object.keys(members).sort().map((name) => `${hexOf(members[name])}  ${name}\n`).join('');
  return { bytes: (parts.zip ?? zip)(members), vkey: about.vkey, size: entries.length, root: root.toString('base64'), roots: (size) => rootOf(entries.slice(0, size).map(leafHash)).toString('base64'), members };
}

/** The seed of a draw from the statement at `issued`. */
export function drawn(roots, { issued, until, nonce, stratum = 'all', title = 'piecework/sample/v1' }) {
  return hexOf(`${title}\norigin ${ORIGIN}\nsize ${issued + 1}\nroot ${roots(issued + 1)}\nrange 0 ${until}\nstratum ${stratum}\nnonce ${nonce}\ndrand none\n`);
}

/** Another statement, of another contract: what counts for nonces is that it is issued. */
export function otherStatement(number) {
  const data = { contract: 'other', cut: CUT, revision: '1', number, coverage: '1', body: '0'.repeat(64), carry: '0'.repeat(64), parts: '0', cells_digest: hexOf('[]'), by: 'finance' };
  return event('statement.issued', `statement/${number}`, data, { source: 'piecework', time: CUT });
}

/** Parts of a file with draws behind the statement: each of `steps` is an event, or a statement's number and the nonce, if any. */
export function withDraws(steps, { first = [], extra = [] } = {}) {
  const before = story(extra, first);
  const after = [];
  const places = new Map([['acme-0001', { issued: before.length + 1, until: before.length }]]);
  const place = (item, position) => item.data?.number && places.set(item.data.number, { issued: position, until: 1 });
  before.forEach(place);
  for (const step of steps) {
    if (Array.isArray(step)) {
      const [statement, nonce] = step;
      const { roots } = build({ first, extra, after: () => after });
      const seed = drawn(roots, { ...places.get(statement), nonce: nonce?.toString('hex') ?? 'none' });
      const data = { sample: 's', statement, method: 'bottom_k', stratum: 'all', size: '1', seed, items: [], by: 'audit', ...(nonce && { nonce: nonce.toString('hex') }) };
      after.push(signed(event('sample.drawn', `draw${after.length}`, data)));
    } else {
      place(step, before.length + 2 + after.length);
      after.push(step);
    }
  }
  return { first, extra, after: () => after };
}

// --- the zip ------------------------------------------------------------------------------------------

export const crc32 = (data) => zlibCrc32(data);

/** A zip of the profile; `spoil` may change the fields of a member's headers, or the end record's. */
export function zip(members, spoil = {}) {
  const local = [];
  const central = [];
  let at = 0;
  for (const name of spoil.order?.(Object.keys(members)) ?? Object.keys(members).sort()) {
    const data = Buffer.from(members[name]);
    const method = spoil.method ?? (name === 'statement.json' ? 8 : 0);
    const packed = spoil.packed?.(name, data) ?? (method === 8 ? deflateRawSync(data) : data);
    const fields = { version: 20, flags: 0, method, time: 0, date: 0x21, crc: crc32(data), packed: packed.length, size: data.length, extra: Buffer.alloc(0), ...spoil.local?.(name) };
    const there = { ...fields, madeBy: 20, comment: Buffer.alloc(0), disk: 0, internal: 0, external: 0, header: at, ...spoil.central?.(name) };
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    [fields.version, fields.flags, fields.method, fields.time, fields.date].forEach((value, i) => header.writeUInt16LE(value, 4 + 2 * i));
    [fields.crc, fields.packed, fields.size].forEach((value, i) => header.writeUInt32LE(value, 14 + 4 * i));
    header.writeUInt16LE(Buffer.byteLength(name), 26);
    header.writeUInt16LE(fields.extra.length, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    [there.madeBy, there.version, there.flags, there.method, there.time, there.date].forEach((value, i) => entry.writeUInt16LE(value, 4 + 2 * i));
    [there.crc, there.packed, there.size].forEach((value, i) => entry.writeUInt32LE(value, 16 + 4 * i));
    [Buffer.byteLength(name), 0, there.comment.length, there.disk, there.internal].forEach((value, i) => entry.writeUInt16LE(value, 28 + 2 * i));
    entry.writeUInt32LE(there.external, 38);
    entry.writeUInt32LE(there.header, 42);
    central.push(entry, Buffer.from(name), there.comment);
    const block = Buffer.concat([header, Buffer.from(name), fields.extra, packed, spoil.gap ?? Buffer.alloc(0)]);
    local.push(block);
    at += block.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  const count = Object.keys(members).length;
  const last = { disk: 0, first: 0, here: count, count, bytes: directory.length, at, comment: 0, ...spoil.end?.({ at, count }) };
  end.writeUInt32LE(0x06054b50, 0);
  [last.disk, last.first, last.here, last.count].forEach((value, i) => end.writeUInt16LE(value, 4 + 2 * i));
  end.writeUInt32LE(last.bytes, 12);
  end.writeUInt32LE(last.at, 16);
  end.writeUInt16LE(last.comment, 20);
  return new Uint8Array(Buffer.concat([spoil.before ?? Buffer.alloc(0), ...local, directory, end, spoil.behind ?? Buffer.alloc(0)]));
}
