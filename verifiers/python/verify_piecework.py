#!/usr/bin/env python3
"""Verify a Piecework proof file: one file, the standard library alone, no network.

    python3 verify_piecework.py acme-0001.proof.zip [--key VKEY] [--head SIZE ROOT] [--pins FILE] [--json]

A proof file holds a customer log, the signed head of that log, and one statement. This program checks
the file (`docs/reference/proof-file.md`) and computes the statement again from the log's entries
(`docs/reference/recompute.md`), to the last byte. It was written from those pages alone, without
reading the program that makes the statements: it is the second opinion.

Exit codes: 0 valid, 1 refused, 2 wrong usage.

The sections stand in the order of the data:

    PART A  the file          strict JSON, zip, MANIFEST, tree and tiles, Ed25519, notes, proof.json
    PART B  the statement     events, corrections, definitions, settlement, contracts, rating, body
    PART C  the verification  the 14 checks of proof-file.md section 6, the report, the command line

No number that is money, work or time is ever a binary float.
"""

from __future__ import annotations

import argparse
import base64
import bisect
import hashlib
import json
import re
import struct
import sys
import tomllib
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

# ======================================================================================================
# Limits (proof-file.md section 5, "Limits")
# ======================================================================================================

FILE_BYTES_MAX = 2**32 - 1
MEMBERS_MAX = 2_000_000
ENTRY_BYTES_MAX = 65_535
CHECKPOINT_BYTES_MAX = 1 << 20
SIGNATURE_LINES_MAX = 64
PROOF_JSON_BYTES_MAX = 1 << 20
PAYLOAD_BYTES_MAX = 64 << 20
JSON_DEPTH_MAX = 32
INTEGER_MAX = 2**53 - 1


class Refused(Exception):
    """The file is refused: `code` is one of proof-file.md section 6, `reason` is for people."""

    def __init__(self, code: str, reason: str):
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class Malformed(Exception):
    """Something does not have its form. The check that reads it turns this into `Refused`."""


# ======================================================================================================
# PART A: THE FILE
# ======================================================================================================

# ------------------------------------------------------------------------------------------------------
# A1. Strict JSON (proof-file.md section 2, "The strict profile")
# ------------------------------------------------------------------------------------------------------


def canonical_json(value) -> bytes:
    """The only form of `value` in the strict profile.

    Python's own writer already escapes exactly `\\" \\\\ \\b \\t \\n \\f \\r` and `\\u00xx` in lower-case hex
    when it is told to leave other characters alone. The order of members is the order of the dict, so
    values that this program builds itself go through `sorted_members` first.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def sorted_members(value):
    """`value` with the members of all its objects in the order of their names' bytes.

    Python compares strings by code point, which is the order of their UTF-8 bytes.
    """
    if isinstance(value, dict):
        return {name: sorted_members(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [sorted_members(item) for item in value]
    return value


def parse_strict_json(raw: bytes) -> dict:
    """The object in `raw`, or `Malformed`: `canonical(parse(x)) == x` and the profile's own rules."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8: {error}") from None
    if not text.startswith("{"):
        raise Malformed("not a JSON object")
    if raw.count(b"{") + raw.count(b"[") > JSON_DEPTH_MAX:
        refuse_depth(raw)
    try:
        value = STRICT_DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not strict JSON: {error}") from None
    try:
        written = canonical_json(value)
    except UnicodeEncodeError:
        raise Malformed("a string holds a lone surrogate") from None
    if written != raw:
        raise Malformed("not in canonical form")
    return value


def strict_integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise ValueError(f"integer {text[:20]} is beyond 2^53-1")
    return int(text)


def strict_object(members: list) -> dict:
    last = None
    for name, value in members:
        if last is not None and name <= last:
            raise ValueError(f"member {name!r} is out of order or occurs twice")
        last = name
        if value is None or (value.__class__ is list and holds_null(value)):
            raise ValueError(f"member {name!r} is null")
    return dict(members)


def holds_null(items: list) -> bool:
    return any(item is None or (item.__class__ is list and holds_null(item)) for item in items)


def refuse_number(text: str):
    raise ValueError(f"{text} is not an integer")


STRICT_DECODER = json.JSONDecoder(
    object_pairs_hook=strict_object,
    parse_int=strict_integer,
    parse_float=refuse_number,
    parse_constant=refuse_number,
)


def refuse_depth(raw: bytes) -> None:
    """`Malformed` where objects and arrays are nested too deep. Braces inside strings do not count."""
    depth = 0
    in_string = False
    escaped = False
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"{[":
            depth += 1
            if depth > JSON_DEPTH_MAX:
                raise Malformed(f"nested deeper than {JSON_DEPTH_MAX}")
        elif byte in b"}]":
            depth -= 1


# ------------------------------------------------------------------------------------------------------
# A2. The zip profile (proof-file.md section 5, "The zip profile")
# ------------------------------------------------------------------------------------------------------

LOCAL_HEADER = struct.Struct("<IHHHHHIIIHH")
CENTRAL_HEADER = struct.Struct("<IHHHHHHIIIHHHHHII")
END_RECORD = struct.Struct("<IHHHHIIH")

MEMBER_NAME = re.compile(r"[A-Za-z0-9._/-]+\Z")
TILE_INDEX = r"(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/(?:[1-9][0-9]{0,2}))?"
MEMBER_KNOWN = re.compile(
    r"(?:MANIFEST|README\.txt|proof\.json|statement\.json|log/checkpoint"
    rf"|log/tile/entries/{TILE_INDEX}"
    rf"|log/tile/(?:0|[1-9][0-9]?)/{TILE_INDEX}"
    r"|payloads/[0-9a-f]{64})\Z"
)
MEMBERS_REQUIRED = ("MANIFEST", "README.txt", "log/checkpoint", "proof.json", "statement.json")


@dataclass
class Member:
    name: str
    method: int
    crc: int
    packed: int
    size: int
    local_at: int
    data_at: int = 0


def read_zip(data: bytes) -> dict[str, bytes]:
    """The members of a proof file by name. The central directory says what there is; the local headers
    must say the same, stand one after another from byte 0, and leave no byte between them."""
    if len(data) > FILE_BYTES_MAX:
        raise Refused("zip", "the file is larger than 4 GiB - 1")
    members, directory_at = read_central_directory(data)
    check_names(members)
    if sum(member.size for member in members) > FILE_BYTES_MAX:
        raise Refused("zip", "the members are larger than 4 GiB - 1 together")
    at = 0
    for member in members:
        at = read_local_header(data, member, at, directory_at)
    if at != directory_at:
        raise Refused("zip", "bytes between the last member and the central directory")
    return {member.name: inflate(data, member) for member in members}


def read_central_directory(data: bytes) -> tuple[list[Member], int]:
    end_at = len(data) - END_RECORD.size
    if end_at < 0:
        raise Refused("zip", "too short for a zip")
    (signature, disk, directory_disk, count_here, count, size, at, comment) = END_RECORD.unpack_from(data, end_at)
    if signature != 0x06054B50:
        raise Refused("zip", "no end record at the end of the file")
    if disk or directory_disk or comment or count_here != count:
        raise Refused("zip", "the end record has another disk, a comment or two counts")
    if count > MEMBERS_MAX:
        raise Refused("zip", f"more than {MEMBERS_MAX} members")
    if at + size != end_at:
        raise Refused("zip", "the central directory does not end where the end record begins")
    members = []
    for _ in range(count):
        member, at = read_central_header(data, at, end_at)
        members.append(member)
    if at != end_at:
        raise Refused("zip", "bytes after the last header of the central directory")
    return members, end_at - size


def read_central_header(data: bytes, at: int, end_at: int) -> tuple[Member, int]:
    if at + CENTRAL_HEADER.size > end_at:
        raise Refused("zip", "the central directory is cut off")
    (signature, made_by, version, flags, method, time, day, crc, packed, size, name_length, extra, comment,
     disk, internal, external, local_at) = CENTRAL_HEADER.unpack_from(data, at)
    if signature != 0x02014B50:
        raise Refused("zip", "a header of the central directory has another signature")
    if (made_by, version, flags, time, day) != (20, 20, 0, 0, 0x0021):
        raise Refused("zip", "a central header has another version, flags, time or date than the profile")
    if extra or comment or disk or internal or external:
        raise Refused("zip", "a central header has an extra field, a comment, a disk or attributes")
    if method not in (0, 8):
        raise Refused("zip", f"method {method} is neither stored nor deflate")
    at += CENTRAL_HEADER.size
    if at + name_length > end_at:
        raise Refused("zip", "the central directory is cut off")
    name = data[at : at + name_length].decode("latin-1")
    return Member(name, method, crc, packed, size, local_at), at + name_length


def check_names(members: list[Member]) -> None:
    last = None
    for member in members:
        name = member.name
        if not MEMBER_NAME.match(name) or any(part in ("", ".", "..") for part in name.split("/")):
            raise Refused("zip", f"member name {name!r} has a character or a part that is not allowed")
        if last is not None and name <= last:
            raise Refused("zip", f"member {name} is out of order or occurs twice")
        if not MEMBER_KNOWN.match(name):
            raise Refused("zip", f"member {name} does not belong to a proof file")
        check_member_limit(member)
        last = name
    names = {member.name for member in members}
    for name in MEMBERS_REQUIRED:
        if name not in names:
            raise Refused("zip", f"member {name} is missing")


def check_member_limit(member: Member) -> None:
    limit = FILE_BYTES_MAX
    if member.name == "log/checkpoint":
        limit = CHECKPOINT_BYTES_MAX
    elif member.name == "proof.json":
        limit = PROOF_JSON_BYTES_MAX
    elif member.name.startswith("payloads/"):
        limit = PAYLOAD_BYTES_MAX + 32
    if member.size > limit:
        raise Refused("zip", f"member {member.name} is larger than {limit} bytes")


def read_local_header(data: bytes, member: Member, at: int, directory_at: int) -> int:
    """Checks the local header at `at` against `member`; where the next one begins."""
    if member.local_at != at:
        raise Refused("zip", f"member {member.name} does not stand directly after the one before it")
    if at + LOCAL_HEADER.size > directory_at:
        raise Refused("zip", f"the local header of {member.name} is cut off")
    (signature, version, flags, method, time, day, crc, packed, size, name_length,
     extra) = LOCAL_HEADER.unpack_from(data, at)
    name_at = at + LOCAL_HEADER.size
    name = data[name_at : name_at + name_length].decode("latin-1")
    if signature != 0x04034B50 or extra:
        raise Refused("zip", f"the local header of {member.name} has another signature or an extra field")
    if (version, flags, time, day) != (20, 0, 0, 0x0021):
        raise Refused("zip", f"the local header of {member.name} has another version, flags, time or date")
    if (method, crc, packed, size, name) != (member.method, member.crc, member.packed, member.size, member.name):
        raise Refused("zip", f"the two headers of {member.name} do not agree")
    member.data_at = name_at + name_length
    if member.data_at + packed > directory_at:
        raise Refused("zip", f"the data of {member.name} is cut off")
    return member.data_at + packed


def inflate(data: bytes, member: Member) -> bytes:
    packed = data[member.data_at : member.data_at + member.packed]
    if member.method == 0:
        content = packed
    else:
        decoder = zlib.decompressobj(-15)
        try:
            content = decoder.decompress(packed, member.size + 1)
        except zlib.error as error:
            raise Refused("zip", f"member {member.name} does not inflate: {error}") from None
        if not decoder.eof or decoder.unused_data or decoder.unconsumed_tail:
            raise Refused("zip", f"member {member.name} has another length than its header says")
    if len(content) != member.size:
        raise Refused("zip", f"member {member.name} has another length than its header says")
    if zlib.crc32(content) != member.crc:
        raise Refused("zip", f"member {member.name} has another CRC-32 than its header says")
    return content


# ------------------------------------------------------------------------------------------------------
# A3. MANIFEST and proof.json (proof-file.md section 5)
# ------------------------------------------------------------------------------------------------------

MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)\Z")


def check_manifest(members: dict[str, bytes]) -> None:
    """`MANIFEST` lists every other member once, sorted, and every digest agrees."""
    try:
        text = members["MANIFEST"].decode("ascii")
    except UnicodeDecodeError:
        raise Refused("manifest", "MANIFEST is not ASCII") from None
    if not text.endswith("\n"):
        raise Refused("manifest", "MANIFEST does not end with a line feed")
    expected = [name for name in members if name != "MANIFEST"]
    lines = text[:-1].split("\n")
    for number, line in enumerate(lines):
        form = MANIFEST_LINE.match(line)
        if not form:
            raise Refused("manifest", f"line {number + 1} of MANIFEST has another form")
        if number >= len(expected) or form[2] != expected[number]:
            raise Refused("manifest", f"line {number + 1} of MANIFEST names {form[2]}, which is not the next member")
        if hashlib.sha256(members[form[2]]).hexdigest() != form[1]:
            raise Refused("manifest", f"the digest of {form[2]} is another than MANIFEST says")
    if len(lines) != len(expected):
        raise Refused("manifest", f"MANIFEST does not list {expected[len(lines)]}")


DECIMAL_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")


def parse_index(text) -> int:
    """A count or an index as a decimal string without leading zeros, below 2^63."""
    if not isinstance(text, str) or not DECIMAL_INDEX.match(text) or int(text) >= 2**63:
        raise Malformed(f"{text!r} is not a decimal index")
    return int(text)


# ------------------------------------------------------------------------------------------------------
# A4. Ed25519 (RFC 8032 section 5.1; proof-file.md section 1, "Keys")
# ------------------------------------------------------------------------------------------------------
#
# Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z. Speed does not matter much here: a signature
# takes two or three milliseconds.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point_add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * CURVE_D % P
    h = 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return (x * y % P, z * t % P, y * z % P, x * t % P)


def point_double(a):
    x2 = a[0] * a[0] % P
    y2 = a[1] * a[1] % P
    z2 = 2 * a[2] * a[2] % P
    h = x2 + y2
    e = h - (a[0] + a[1]) * (a[0] + a[1])
    g = x2 - y2
    f = z2 + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_negate(a):
    return (-a[0] % P, a[1], a[2], -a[3] % P)


def point_encode(a) -> bytes:
    inverse = pow(a[2], -1, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def point_decode(raw: bytes):
    """The point, or None where `raw` is no canonical encoding of one."""
    y = int.from_bytes(raw, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (CURVE_D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * SQRT_MINUS_ONE % P
    if v * x * x % P != u:
        return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def is_neutral(a) -> bool:
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


BASE = point_decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def strong_public_key(raw: bytes) -> bool:
    """A canonical encoding of a point that is not of small order: 8 times the point is not neutral."""
    if len(raw) != 32:
        return False
    point = point_decode(raw)
    if point is None:
        return False
    for _ in range(3):
        point = point_double(point)
    return not is_neutral(point)


def ed25519_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """`[S]B = R + [k]A`, without the cofactor, `S < L`, no weak key. The encoding of `[S]B - [k]A` is compared with
    the bytes of R, so R is canonical too."""
    if len(signature) != 64 or not strong_public_key(public_key):
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    minus_key = point_negate(point_decode(public_key))
    both = point_add(BASE, minus_key)
    total = NEUTRAL
    for bit in range(252, -1, -1):
        total = point_double(total)
        in_scalar, in_k = scalar >> bit & 1, k >> bit & 1
        if in_scalar and in_k:
            total = point_add(total, both)
        elif in_scalar:
            total = point_add(total, BASE)
        elif in_k:
            total = point_add(total, minus_key)
    return point_encode(total) == signature[:32]


# ------------------------------------------------------------------------------------------------------
# A5. Keys, signed notes, checkpoints, cosignatures (proof-file.md section 1; C2SP signed-note,
#     tlog-checkpoint, tlog-cosignature)
# ------------------------------------------------------------------------------------------------------

KEY_TYPE_ED25519 = 0x01
KEY_TYPE_COSIGNATURE = 0x04


def strict_base64(text: str) -> bytes:
    """Standard alphabet with padding, and only the one encoding of those bytes."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, UnicodeEncodeError):
        raise Malformed(f"{text[:80]!r} is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Malformed(f"{text[:80]!r} is not canonical base64")
    return raw


def key_id(name: str, key_type: int, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([key_type]) + public_key).digest()[:4]


def valid_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


@dataclass(frozen=True)
class Key:
    """A parsed vkey: `<name>+<key id>+<base64(type || public key)>`."""

    name: str
    key_type: int
    public_key: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.key_type, self.public_key)

    @property
    def signer(self) -> str:
        """Name and key id, as an event's `signer` writes them."""
        return f"{self.name}+{self.id.hex()}"

    @property
    def vkey(self) -> str:
        return f"{self.signer}+{base64.b64encode(bytes([self.key_type]) + self.public_key).decode()}"


def parse_vkey(text: str) -> Key:
    parts = text.split("+", 2)
    if len(parts) != 3 or not valid_key_name(parts[0]):
        raise Malformed(f"{text[:120]!r} is not a vkey")
    raw = strict_base64(parts[2])
    if len(raw) != 33 or raw[0] not in (KEY_TYPE_ED25519, KEY_TYPE_COSIGNATURE):
        raise Malformed(f"the vkey of {parts[0]} has another type or length than an Ed25519 key")
    key = Key(parts[0], raw[0], raw[1:])
    if key.id.hex() != parts[1]:
        raise Malformed(f"the vkey of {parts[0]} has another key id than its key")
    if not strong_public_key(key.public_key):
        raise Malformed(f"the vkey of {parts[0]} holds a weak key")
    return key


@dataclass
class Note:
    text: bytes
    signatures: list[tuple[str, bytes, bytes]]  # name, key id, what follows it


def parse_note(raw: bytes) -> Note:
    """A signed note: text, blank line, signature lines. The LAST blank line divides them."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the note is not UTF-8") from None
    if any(ord(c) < 0x20 and c != "\n" for c in text):
        raise Malformed("the note holds a control character")
    split = text.rfind("\n\n")
    if split < 0 or not text.endswith("\n") or split + 2 == len(text):
        raise Malformed("the note has no signatures")
    lines = text[split + 2 : -1].split("\n")
    if len(lines) > SIGNATURE_LINES_MAX:
        raise Malformed(f"the note has more than {SIGNATURE_LINES_MAX} signature lines")
    return Note(text[: split + 1].encode(), [parse_signature_line(line) for line in lines])


def parse_signature_line(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\u2014" or not valid_key_name(parts[1]):
        raise Malformed("a signature line has another form")
    raw = strict_base64(parts[2])
    if len(raw) < 5:
        raise Malformed("a signature is too short")
    return parts[1], raw[:4], raw[4:]


def note_verifies(note: Note, key: Key) -> bool:
    """Whether `key` signed the note. A signature by this very key that fails makes the note `Malformed`."""
    found = False
    for name, identifier, payload in note.signatures:
        if (name, identifier) != (key.name, key.id):
            continue
        if key.key_type == KEY_TYPE_COSIGNATURE:
            good = len(payload) == 72 and ed25519_verify(
                key.public_key, cosignature_message(note.text, struct.unpack(">Q", payload[:8])[0]), payload[8:]
            )
        else:
            good = ed25519_verify(key.public_key, note.text, payload)
        if not good:
            raise Malformed(f"the signature of {name} does not verify")
        found = True
    return found


def cosignature_message(text: bytes, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n".encode() + text


@dataclass
class Checkpoint:
    origin: str
    size: int
    root: bytes


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Three text lines: origin, size, base64 of the root. No extension lines."""
    lines = text.decode("utf-8").split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise Malformed("a checkpoint has three lines")
    root = strict_base64(lines[2])
    if len(root) != 32:
        raise Malformed("the root of a checkpoint has 32 bytes")
    return Checkpoint(lines[0], parse_index(lines[1]), root)


# ------------------------------------------------------------------------------------------------------
# A6. The tree and its tiles (RFC 9162 section 2.1; C2SP tlog-tiles; proof-file.md sections 1 and 5)
# ------------------------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """All complete subtrees over a list of leaf hashes: `rows[h][i]` covers leaves [i * 2^h, (i+1) * 2^h)."""

    def __init__(self, leaves: list[bytes]):
        sha256 = hashlib.sha256
        self.rows = [leaves]
        while len(self.rows[-1]) > 1:
            row = self.rows[-1]
            self.rows.append(
                [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)]
            )

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves: complete subtrees from left to right, joined from the right."""
        if size == 0:
            return hashlib.sha256(b"").digest()
        root = None
        for height in range(size.bit_length()):
            if size >> height & 1:
                subtree = self.rows[height][(size >> height) - 1]
                root = subtree if root is None else node_hash(subtree, root)
        return root


def tile_path(index: int, width: int) -> str:
    """`1234067` is `x001/x234/067`; a partial tile ends in `.p/<width>`."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return "/".join(groups) + (f".p/{width}" if width < 256 else "")


def tile_paths(count: int) -> list[tuple[str, int, int]]:
    """Path, first item and width of every tile over `count` items."""
    return [(tile_path(at // 256, min(256, count - at)), at, min(256, count - at)) for at in range(0, count, 256)]


def read_bundle(raw: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle: u16 length, then the entry, for each."""
    entries = []
    at = 0
    for _ in range(width):
        if at + 2 > len(raw):
            raise Malformed("an entry bundle is cut off")
        length = raw[at] << 8 | raw[at + 1]
        at += 2
        if at + length > len(raw):
            raise Malformed("an entry bundle is cut off")
        entries.append(raw[at : at + length])
        at += length
    if at != len(raw):
        raise Malformed("an entry bundle has bytes after its last entry")
    return entries


def read_log(members: dict[str, bytes], size: int, root: bytes) -> tuple[list[bytes], Tree]:
    """Check 6: bundles and tiles are exactly those of `size`, and all hashes are those of the entries."""
    present = {name for name in members if name.startswith("log/tile/")}
    # A size without its entries is refused before anything is allocated for it.
    if size > sum(len(members[name]) for name in present) // 2:
        raise Refused("tree", f"the file does not hold {size} entries")
    entries: list[bytes] = []
    expected = set()
    for path, _, width in tile_paths(size):
        name = f"log/tile/entries/{path}"
        expected.add(name)
        if name not in members:
            raise Refused("tree", f"{name} is missing")
        try:
            entries += read_bundle(members[name], width)
        except Malformed as error:
            raise Refused("tree", f"{name}: {error}") from None
    tree = Tree([leaf_hash(entry) for entry in entries])
    if tree.root(size) != root:
        raise Refused("tree", "the root of the entries is not the root of the checkpoint")
    level = 0
    while size >> 8 * level:
        hashes = tree.rows[8 * level]
        for path, first, width in tile_paths(size >> 8 * level):
            name = f"log/tile/{level}/{path}"
            expected.add(name)
            if members.get(name) != b"".join(hashes[first : first + width]):
                raise Refused("tree", f"{name} is missing or holds other hashes than the entries have")
        level += 1
    if present - expected:
        raise Refused("tree", f"{min(present - expected)} does not belong to a log of size {size}")
    return entries, tree
