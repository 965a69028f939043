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
    PART C  the verification  the 15 checks of proof-file.md section 6, the report, receipts, the command line

No number that is money, work or time is ever a binary float.
"""

from __future__ import annotations

import argparse
import base64
import bisect
import hashlib
import itertools
import json
import os
import re
import struct
import sys
import tomllib
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

# ======================================================================================================
# Limits (proof-file.md section 5, "Limits")
# ======================================================================================================

FILE_BYTES_MAX = 4_294_967_294
MEMBERS_MAX = 65_534
NAME_BYTES_MAX = 255
ENTRY_BYTES_MAX = 65_535
CHECKPOINT_BYTES_MAX = 1_000_000
STATEMENT_BYTES_MAX = 64 << 20
SIGNATURE_LINES_MAX = 64
PROOF_JSON_BYTES_MAX = 1 << 20
PAYLOAD_BYTES_MAX = 64 << 20
README_BYTES_MAX = 1 << 20
TILE_BYTES_MAX = 256 * 32
BUNDLE_BYTES_MAX = 256 * (2 + ENTRY_BYTES_MAX)
MANIFEST_BYTES_MAX = MEMBERS_MAX * 322
CARRY_BYTES_MAX = 2 << 30
DEFLATE_RATIO_MAX = 1_040
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


CANONICAL_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def canonical_json(value) -> bytes:
    """The only form of `value` in the strict profile.

    Python's own writer escapes exactly what the profile escapes, in lower-case hex, when it is told to leave other
    characters alone; and it sorts strings by code point, which is the order of their UTF-8 bytes.
    """
    return CANONICAL_ENCODER.encode(value).encode("utf-8")


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
        if not name.isascii():
            raise ValueError(f"member {name!r} is not ASCII")
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
    """`Malformed` where a value, scalar or not, is nested too deep: the outer object is at depth 0. Braces inside
    strings do not count."""
    depth = 0
    in_string = False
    escaped = False
    for at, byte in enumerate(raw):
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
            if depth > JSON_DEPTH_MAX and raw[at + 1 : at + 2] not in (b"}", b"]"):  # something is inside
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
TILE_WIDTH = r"(?:[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
TILE_INDEX = rf"(?:(?!x000)(?:x[0-9]{{3}}/)+)?[0-9]{{3}}(?:\.p/{TILE_WIDTH})?"
TILE_LEVEL = r"(?:[0-9]|[1-5][0-9]|6[0-3])"
MEMBER_KNOWN = re.compile(
    r"(?:MANIFEST|README\.txt|brought|carry|proof\.json|statement\.json|log/checkpoint"
    rf"|log/tile/entries/{TILE_INDEX}"
    rf"|log/tile/{TILE_LEVEL}/{TILE_INDEX}"
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
        raise Refused("zip", f"the file is larger than {FILE_BYTES_MAX} bytes")
    members, directory_at = read_central_directory(data)
    check_names(members)
    if sum(member.size for member in members) > FILE_BYTES_MAX:
        raise Refused("zip", f"the members are larger than {FILE_BYTES_MAX} bytes together")
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
    (
        signature,
        made_by,
        version,
        flags,
        method,
        time,
        day,
        crc,
        packed,
        size,
        name_length,
        extra,
        comment,
        disk,
        internal,
        external,
        local_at,
    ) = CENTRAL_HEADER.unpack_from(data, at)
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
        if (
            len(name) > NAME_BYTES_MAX
            or not MEMBER_NAME.match(name)
            or any(part in ("", ".", "..") for part in name.split("/"))
        ):
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
    elif member.name == "statement.json":
        limit = STATEMENT_BYTES_MAX
    elif member.name == "MANIFEST":
        limit = MANIFEST_BYTES_MAX
    elif member.name in ("carry", "brought"):
        limit = CARRY_BYTES_MAX
    elif member.name == "README.txt":
        limit = README_BYTES_MAX
    elif member.name.startswith("payloads/"):
        limit = PAYLOAD_BYTES_MAX + 32
    elif member.name.startswith("log/tile/entries/"):
        limit = BUNDLE_BYTES_MAX
    elif member.name.startswith("log/tile/"):
        limit = TILE_BYTES_MAX
    if member.size > limit:
        raise Refused("zip", f"member {member.name} is larger than {limit} bytes")
    if member.method == 8 and member.size > DEFLATE_RATIO_MAX * member.packed:
        raise Refused("zip", f"member {member.name} says more than {DEFLATE_RATIO_MAX} times its packed size")


def read_local_header(data: bytes, member: Member, at: int, directory_at: int) -> int:
    """Checks the local header at `at` against `member`; where the next one begins."""
    if member.local_at != at:
        raise Refused("zip", f"member {member.name} does not stand directly after the one before it")
    if at + LOCAL_HEADER.size > directory_at:
        raise Refused("zip", f"the local header of {member.name} is cut off")
    (signature, version, flags, method, time, day, crc, packed, size, name_length, extra) = LOCAL_HEADER.unpack_from(
        data, at
    )
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
# Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z. A signature takes about a millisecond once the
# multiples of its key are known.

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


@lru_cache(maxsize=1024)
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


@lru_cache(maxsize=1024)
def strong_public_key(raw: bytes) -> bool:
    """A canonical encoding of a point that is not of small order: 8 times the point is not neutral."""
    if len(raw) != 32:
        return False
    point = point_decode(raw)
    return point is not None and not is_small_order(point)


def is_small_order(point) -> bool:
    for _ in range(3):
        point = point_double(point)
    return is_neutral(point)


@lru_cache(maxsize=64)
def multiples(point) -> list:
    """`table[i][d]` is d * 16^i * point: a product is then 64 additions."""
    table = []
    for _ in range(64):
        row = [NEUTRAL, point]
        for _ in range(14):
            row.append(point_add(row[-1], point))
        table.append(row)
        point = point_add(row[-1], point)
    return table


def ed25519_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """`[S]B = R + [k]A`, without the cofactor, `S < L`, no weak key, no R of small order. The encoding of
    `[S]B - [k]A` is compared with the bytes of R, so R is canonical too."""
    if len(signature) != 64 or not strong_public_key(public_key):
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    total = NEUTRAL
    for factor, table in ((scalar, multiples(BASE)), (k, multiples(point_negate(point_decode(public_key))))):
        for row in table:
            total = point_add(total, row[factor & 15])
            factor >>= 4
    return point_encode(total) == signature[:32] and not is_small_order(total)


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
            self.rows.append([sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)])

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


# ======================================================================================================
# PART B: THE STATEMENT
# ======================================================================================================

# ------------------------------------------------------------------------------------------------------
# B1. Instants, local time, decimals, amounts (recompute/README.md, recompute/entries.md)
# ------------------------------------------------------------------------------------------------------
#
# An instant is an int, nanoseconds since 1970. A decimal is a Fraction whose denominator divides a power
# of ten; the few true divisions yield other Fractions, which are rounded where the pages say so.

NANOS = 1_000_000_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{0,8}[1-9]))?Z\Z")


def parse_instant(text) -> int:
    """RFC 3339 in UTC with `Z`, without trailing zeros in the fraction."""
    form = INSTANT.match(text) if isinstance(text, str) else None
    if not form:
        raise Malformed(f"{text!r} is not an instant")
    year, month, day, hour, minute, second = map(int, form.groups()[:6])
    try:
        days = date(year, month, day).toordinal() - EPOCH_ORDINAL
    except ValueError:
        raise Malformed(f"{text!r} is no day of the calendar") from None
    if hour > 23 or minute > 59 or second > 59:
        raise Malformed(f"{text!r} is no time of a day")
    nanos = int((form[7] or "0").ljust(9, "0"))
    return (days * 86_400 + hour * 3_600 + minute * 60 + second) * NANOS + nanos


def print_instant(instant: int) -> str:
    seconds, nanos = divmod(instant, NANOS)
    days, rest = divmod(seconds, 86_400)
    day = date.fromordinal(days + EPOCH_ORDINAL)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{day.isoformat():0>10}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}{fraction}Z"


def find_zone(name: str):
    """A zone of the tz database, whatever the case of its letters."""
    import zoneinfo

    global ZONE_NAMES
    if ZONE_NAMES is None:
        ZONE_NAMES = {known.lower(): known for known in zoneinfo.available_timezones()}
        if len(ZONE_NAMES) < 100:
            raise SystemExit(
                "This machine has no time-zone data, which recomputing a statement needs.\n"
                "Install the system's tzdata package, or: pip install tzdata"
            )
    known = ZONE_NAMES.get(name.lower()) if name.isascii() else None
    if known is None:
        raise Malformed(f"time zone {name!r} is not in the tz database of this machine")
    return zoneinfo.ZoneInfo(known)


ZONE_NAMES = None


def local_instant(zone, day: date, nanos_of_day: int = 0) -> int:
    """The instant of a local wall time: the earlier of two, and the offset from before a gap."""
    seconds, nanos = divmod(nanos_of_day, NANOS)
    wall = datetime(day.year, day.month, day.day, tzinfo=zone, fold=0).replace(
        hour=seconds // 3600, minute=seconds // 60 % 60, second=seconds % 60
    )
    offset = wall.utcoffset()
    days = day.toordinal() - EPOCH_ORDINAL
    return (days * 86_400 + seconds - offset.days * 86_400 - offset.seconds) * NANOS + nanos


def day_start(zone, day: date) -> int:
    return local_instant(zone, day)


def local_wall(zone, instant: int) -> tuple[date, int]:
    """Local date and nanoseconds of the day at an instant."""
    seconds, nanos = divmod(instant, NANOS)
    utc = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    wall = utc.astimezone(zone)
    return wall.date(), (wall.hour * 3600 + wall.minute * 60 + wall.second) * NANOS + nanos


def local_date(zone, instant: int) -> date:
    return local_wall(zone, instant)[0]


DECIMAL_MAGNITUDE_MAX = 2**127 - 1
DECIMAL_PLACES_MAX = 28
DECIMAL_CANONICAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?\Z")
DECIMAL_READ = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?\Z")


def decimal_parts(value: Fraction) -> tuple[int, int]:
    """(digits as one integer, digits after the point), without trailing zeros; or `Malformed` beyond the limits."""
    denominator = value.denominator
    twos = (denominator & -denominator).bit_length() - 1
    fives = 0
    rest = denominator >> twos
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    places = max(twos, fives)
    if rest != 1:
        raise Malformed("a number is no decimal")
    digits = value.numerator * (10**places // denominator)
    if places > DECIMAL_PLACES_MAX or abs(digits) > DECIMAL_MAGNITUDE_MAX:
        raise Malformed("a decimal is beyond the limits")
    return digits, places


def print_decimal(value: Fraction, places_least: int = 0) -> str:
    digits, places = decimal_parts(value)
    if places < places_least:
        digits, places = digits * 10 ** (places_least - places), places_least
    sign = "-" if digits < 0 else ""
    text = str(abs(digits)).rjust(places + 1, "0")
    return sign + (f"{text[:-places]}.{text[-places:]}" if places else text)


def parse_decimal_canonical(text) -> Fraction:
    """A decimal as events and bodies write it."""
    if not isinstance(text, str) or len(text) > 80 or not DECIMAL_CANONICAL.match(text) or text == "-0":
        raise Malformed(f"{text!r} is not a decimal in its printed form")
    whole, _, fraction = text.partition(".")
    value = Fraction(int(whole + fraction), 10 ** len(fraction))
    decimal_parts(value)
    return value


def parse_decimal(text: str) -> Fraction:
    """A decimal as documents write it: trailing zeros and an exponent are allowed."""
    form = DECIMAL_READ.match(text) if len(text) <= 200 else None
    if not form:
        raise Malformed(f"{text!r} is not a decimal")
    sign, whole, fraction, exponent = form.groups()
    value = Fraction(int(whole + (fraction or "")), 10 ** len(fraction or ""))
    shift = int(exponent or 0)
    value = value * 10**shift if shift >= 0 else value / 10**-shift
    value = -value if sign else value
    decimal_parts(value)
    return value


MINOR_DIGITS = {code: 0 for code in "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split()}
MINOR_DIGITS |= {code: 3 for code in "BHD IQD JOD KWD LYD OMR TND".split()}
MINOR_DIGITS |= {
    code: 2
    for code in """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
    COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
    MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
    SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
    WST XCD XCG YER ZAR ZMW ZWG""".split()
}


def print_amount(value: Fraction, currency: str) -> dict:
    return {"amount": print_decimal(value, MINOR_DIGITS[currency]), "currency": currency}


def parse_amount(value) -> tuple[Fraction, str]:
    """An amount as events write it: `{"amount":"2.50","currency":"USD"}`."""
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise Malformed("an amount has the members amount and currency")
    currency, text = value["currency"], value["amount"]
    if not isinstance(currency, str) or currency not in MINOR_DIGITS:
        raise Malformed(f"{currency!r} is not a currency")
    if not isinstance(text, str) or len(text) > 80:
        raise Malformed("an amount is a decimal string")
    number = parse_decimal(text)
    if print_amount(number, currency)["amount"] != text:
        raise Malformed(f"amount {text!r} is not in its printed form")
    return number, currency


# ------------------------------------------------------------------------------------------------------
# B2. Events (recompute/entries.md, "Events"; proof-file.md sections 3 and 4)
# ------------------------------------------------------------------------------------------------------

EVENT_BYTES_MAX = 60_000
CONTENTS_MAX = 16
PARTS_MAX = 256
CHAIN_LENGTH_MAX = 10_000
SAMPLE_SIZE_MAX = 2_000

HEADERS = frozenset(
    "unit case conversation issue user channel lead document repository patch deal tier department language"
    " category control environment".split()
)
ENVELOPE = frozenset(
    "specversion id source type subject time workid traceparent authorship data signer signature".split()
)
RANKS = {
    "work.opened": 10,
    "work.reopened": 20,
    "work.rejected": 30,
    "work.escalated": 30,
    "work.human_replied": 30,
    "work.overridden": 30,
    "work.disputed": 30,
    "work.dispute_decided": 35,
    "work.asked": 40,
    "work.rated": 40,
    "work.answered": 50,
    "work.verified": 60,
    "review.recorded": 60,
    "evidence.attached": 60,
    "work.valued": 60,
    "work.confirmed": 70,
    "work.closed": 80,
}
REMARKS = frozenset(  # they say something of work that was done (S7)
    "work.disputed work.dispute_decided review.recorded work.rated work.overridden evidence.attached".split()
)

CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f]")  # Unicode category Cc
HEX_64 = re.compile(r"[0-9a-f]{64}\Z")
HEX_128 = re.compile(r"[0-9a-f]{128}\Z")


def want_identifier(value):
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= 256 or CONTROL_CHARACTER.search(value):
        raise Malformed(f"{value!r} is not an identifier")


def want_text(value):
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= 2048:
        raise Malformed("a text has 1 to 2,048 bytes")


def want_string(value):
    if not isinstance(value, str):
        raise Malformed("not a string")


def want_digest(value):
    if not isinstance(value, str) or not HEX_64.match(value):
        raise Malformed(f"{value!r} is not a digest of 64 hexadecimal digits")


def want_signature(value):
    if not isinstance(value, str) or not HEX_128.match(value):
        raise Malformed("not 128 hexadecimal digits")


def want_whole(value):
    parse_index(value)


def want_part(value):
    if not 1 <= parse_index(value) <= PARTS_MAX:
        raise Malformed(f"a part is from 1 to {PARTS_MAX}")


def want_parts(value):
    if parse_index(value) > PARTS_MAX:
        raise Malformed(f"a statement has at most {PARTS_MAX} parts")


def want_small_whole(value):
    if parse_index(value) >= 2**32:
        raise Malformed(f"{value} is too large")


def want_priority(value):
    want_small_whole(value)
    if value == "0":
        raise Malformed("a priority of 0 is left out")


def want_restore_days(value):
    if parse_index(value) > 3_660 or value == "30":
        raise Malformed("restore_days is at most 3660, and left out where it is 30")


def want_scope(value):
    """The surfaces or components that a grant pays for."""
    want_list(value)
    if not 1 <= len(value) <= 64 or len(set(map(str, value))) != len(value):
        raise Malformed("a scope is a list of 1 to 64 names, none twice")
    for item in value:
        want_identifier(item)


def want_allocations(value):
    """What is for which statement: 1 to 100 parts of one currency, no statement twice."""
    want_list(value)
    if not 1 <= len(value) <= 100:
        raise Malformed("there are 1 to 100 parts")
    for item in value:
        want_members(item, {"statement": want_identifier, "amount": want_positive_amount})
    if len({item["statement"] for item in value}) != len(value):
        raise Malformed("a statement stands in the parts twice")
    if len({item["amount"]["currency"] for item in value}) != 1:
        raise Malformed("the parts are in several currencies")


def want_day(value):
    """A date of the calendar, in the one form `2026-01-31`."""
    want_string(value)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise Malformed(f"{value!r} is not a day")


def want_cover_parts(value):
    """The statements under a cover: 1 to 100, none twice."""
    want_list(value)
    if not 1 <= len(value) <= COVER_PARTS_MAX:
        raise Malformed(f"there are 1 to {COVER_PARTS_MAX} statements under a cover")
    part = {"statement": want_identifier, "body": want_digest, "total": want_amount, "payable": want_amount}
    for item in value:
        want_members(item, part)
    if len({item["statement"] for item in value}) != len(value):
        raise Malformed("a statement stands under a cover twice")


def want_instant(value):
    parse_instant(value)


def want_amount(value):
    parse_amount(value)


def want_positive_amount(value):
    if parse_amount(value)[0] <= 0:
        raise Malformed("the amount is not above zero")


def want_amount_not_negative(value):
    if parse_amount(value)[0] < 0:
        raise Malformed("the amount is below zero")


def want_not_negative(value):
    if parse_decimal_canonical(value) < 0:
        raise Malformed(f"{value} is negative")


def want_share(value):
    if not 0 <= parse_decimal_canonical(value) <= 1:
        raise Malformed(f"{value} is not between 0 and 1")


def want_true(value):
    if value is not True:
        raise Malformed("only `true` is written")


def want_false(value):
    if value is not False:
        raise Malformed("only `false` is written")


def want_list(value):
    if not isinstance(value, list):
        raise Malformed("not a list")


def want_cell_name(value):
    if not isinstance(value, str) or not value:
        raise Malformed("the name of a cell is not empty")


def want_stated_cells(value):
    """One cell at least, each in its form (recompute/statement.md)."""
    want_list(value)
    if not value:
        raise Malformed("a part of a statement has no cell")
    for cell in value:
        want_members(cell, STATED_CELL)
        if "waived" in cell and "credit" in cell:
            raise Malformed("what is waived needs no credit")


def want_not_empty(value):
    want_string(value)
    if not value:
        raise Malformed("an empty string")


def want_decimal(value):
    parse_decimal_canonical(value)


def want_indices(value):
    want_list(value)
    for item in value:
        parse_index(item)


def want_chain_length(value):
    if not 1 <= parse_index(value) <= CHAIN_LENGTH_MAX:
        raise Malformed(f"a chain of nonces has from 1 to {CHAIN_LENGTH_MAX}")


def want_sample_size(value):
    if not 1 <= parse_index(value) <= SAMPLE_SIZE_MAX:
        raise Malformed(f"a sample has from 1 to {SAMPLE_SIZE_MAX} items")


def want_sample_items(value):
    want_indices(value)
    if len(value) > SAMPLE_SIZE_MAX:
        raise Malformed(f"a sample has at most {SAMPLE_SIZE_MAX} items")


def want_stratum(value):
    want_identifier(value)
    if value != "all" and (not value.startswith("unit:") or value == "unit:"):
        raise Malformed(f"{value!r} is no stratum")


def want_anything(value):
    pass


def one_of(*words):
    def want(value):
        if value not in words:
            raise Malformed(f"{value!r} is none of {', '.join(words)}")

    return want


def want_target(value):
    """A correction's target: source, id, digest of the content that is meant, its wire type."""
    want_members(
        value, {"source": want_identifier, "id": want_identifier, "digest": want_digest, "type": want_identifier}
    )


def want_redacted(value):
    want_members(value, {"source": want_identifier, "id": want_identifier})


def want_members(value, members: dict):
    """An object with exactly these members; a name that ends in `?` may be absent."""
    if not isinstance(value, dict):
        raise Malformed("not an object")
    for name, member in value.items():
        want = members.get(name) or members.get(name + "?")
        if want is None:
            raise Malformed(f"unknown member {name!r}")
        want(member)
    for name in members:
        if not name.endswith("?") and name not in value:
            raise Malformed(f"member {name} is missing")


# Its key is read where statements are summed.
STATED_CELL = {
    "amount": want_amount,
    "cell": want_not_empty,
    "quantity": want_decimal,
    "waived?": want_text,
    "credit?": want_text,
}

# The members of `data` beside the headers, by type. `?` marks what may be absent.
FACT_MEMBERS = {
    "work.opened": {},
    "work.reopened": {},
    "work.rejected": {"reason?": want_text},
    "work.escalated": {"configured?": want_true},
    "work.human_replied": {"visible?": want_false, "minutes?": want_not_negative},
    "work.overridden": {"minutes?": want_not_negative},
    "work.disputed": {"reason?": want_text},
    "work.dispute_decided": {"verdict": one_of("stands", "credited")},
    "work.asked": {"kind": one_of("question", "thanks", "affirmation", "spam")},
    "work.rated": {"score": want_not_negative},
    "work.answered": {
        "kind": one_of("answer", "clarify", "greeting", "route"),
        "confidence?": want_share,
        "review?": want_identifier,
    },
    "work.verified": {"result": one_of("passed", "failed"), "check": want_identifier},
    "review.recorded": {
        "result": one_of("accepted", "edited", "rejected"),
        "edit_share?": want_share,
        "minutes?": want_not_negative,
    },
    "evidence.attached": {"name": want_identifier, "commitment": want_digest, "media_type?": want_identifier},
    "work.valued": {"amount": want_amount},
    "work.confirmed": {},
    "work.closed": {"reason?": want_text},
    "usage.recorded": {
        "meter": want_identifier,
        "quantity": want_not_negative,
        "amount?": want_amount,
        "item?": want_identifier,
    },
    "seat.assigned": {"seat": want_identifier},
    "seat.released": {"seat": want_identifier},
    "baseline.recorded": {
        "measure": want_identifier,
        "value": want_not_negative,
        "observations?": want_not_negative,
        "from": want_instant,
        "until": want_instant,
    },
    "event.corrected": {
        "target": want_target,
        "action": one_of("void", "replace", "choose"),
        "replacement?": want_anything,  # read as an event of its own
        "reason?": want_text,
    },
}
CONTROL_MEMBERS = {
    "document.published": {
        "kind": one_of("definition", "plan", "contract", "model_costs", "calibration", "measure", "baseline", "fx", "quote", "opening"),
        "text": want_string,
        "audience?": one_of("seller"),
        "by": want_identifier,
    },
    "contract.signed": {"contract": want_identifier, "digest": want_digest, "by": want_identifier},
    "contract.amended": {
        "contract": want_identifier,
        "digest": want_digest,
        "effective": want_instant,
        "reprice?": want_identifier,
        "by": want_identifier,
    },
    "contract.ended": {"contract": want_identifier, "effective": want_instant, "by": want_identifier},
    "contract.opened": {"contract": want_identifier, "digest": want_digest, "by": want_identifier},
    "quote.drafted": {"quote": want_identifier, "digest": want_digest, "by": want_identifier},
    "quote.sent": {"quote": want_identifier, "by": want_identifier},
    "quote.accepted": {"quote": want_identifier, "digest": want_digest, "how?": want_text, "by": want_identifier},
    "quote.declined": {"quote": want_identifier, "reason": want_text, "by": want_identifier},
    "quote.withdrawn": {"quote": want_identifier, "reason": want_text, "by": want_identifier},
    "statement.stated": {
        "contract": want_identifier,
        "cut": want_instant,
        "revision": want_whole,
        "cells_digest": want_digest,
        "part": want_part,
        "cells": want_stated_cells,
    },
    "statement.issued": {
        "contract": want_identifier,
        "cut": want_instant,
        "revision": want_whole,
        "number": want_identifier,
        "coverage": want_whole,
        "body": want_digest,
        "parts": want_parts,
        "cells_digest": want_digest,
        "carry": want_digest,
        "by": want_identifier,
    },
    "statement.voided": {"number": want_identifier, "reason": want_text, "by": want_identifier},
    "cover.chosen": {"per": one_of("contract", "customer"), "from": want_day, "by": want_identifier},
    "cover.issued": {
        "number": want_identifier,
        "through": want_day,
        "parts": want_cover_parts,
        "total": want_amount,
        "payable": want_amount,
        "by": want_identifier,
    },
    "cover.voided": {"number": want_identifier, "reason": want_text, "by": want_identifier},
    "credit.issued": {
        "contract": want_identifier,
        "amount": want_positive_amount,
        "reason": want_text,
        "by": want_identifier,
    },
    "credit.granted": {
        "grant": want_identifier,
        "contract?": want_identifier,
        "amount": want_positive_amount,
        "paid?": want_amount_not_negative,
        "priority?": want_priority,
        "starts?": want_instant,
        "expires?": want_instant,
        "surfaces?": want_scope,
        "components?": want_scope,
        "restore_days?": want_restore_days,
        "by": want_identifier,
    },
    "credit.amended": {
        "grant": want_identifier,
        "amount?": want_amount_not_negative,
        "priority?": want_small_whole,
        "expires?": want_instant,
        "reason": want_text,
        "by": want_identifier,
    },
    "credit.voided": {"grant": want_identifier, "reason": want_text, "by": want_identifier},
    "statement.credited": {
        "number": want_identifier,
        "line?": want_cell_name,
        "reason": want_text,
        "by": want_identifier,
    },
    "payment.recorded": {
        "statement?": want_identifier,
        "amount": want_positive_amount,
        "allocations?": want_allocations,
        "reference?": want_identifier,
    },
    "payment.allocated": {
        "payment?": want_identifier,
        "credit?": want_identifier,
        "allocations": want_allocations,
        "by": want_identifier,
    },
    "payment.refunded": {
        "payment?": want_identifier,
        "credit?": want_identifier,
        "amount": want_positive_amount,
        "reference?": want_identifier,
        "reason": want_text,
        "by": want_identifier,
    },
    "payment.voided": {"entry": want_identifier, "reason": want_text, "by": want_identifier},
    "balance.written_off": {
        "statement?": want_identifier,
        "payment?": want_identifier,
        "credit?": want_identifier,
        "amount": want_positive_amount,
        "reason": want_text,
        "by": want_identifier,
    },
    "check.waived": {
        "contract": want_identifier,
        "check": one_of("units", "order", "attribution", "proof"),
        "reason": want_text,
        "until": want_day,
        "by": want_identifier,
    },
    "data.redacted": {"target": want_redacted, "reason": want_text, "by": want_identifier},
    "key.published": {
        "holder": one_of("seller", "buyer"),
        "vkey": want_identifier,
        "possession": want_signature,
        "by": want_identifier,
    },
    "document.acknowledged": {
        "what": one_of("exhibit", "contract", "plan", "definition", "balance", "opening"),
        "digest": want_digest,
        "definition?": want_digest,
        "by": want_identifier,
    },
    "sample.anchored": {"anchor": want_digest, "length": want_chain_length, "by": want_identifier},
    "sample.drawn": {
        "sample": want_identifier,
        "statement": want_identifier,
        "method": one_of("bottom_k", "money"),
        "stratum": want_stratum,
        "size": want_sample_size,
        "nonce?": want_digest,
        "seed": want_digest,
        "items": want_sample_items,
        "by": want_identifier,
    },
}


class Event:
    """An event, read and checked. `raw` is its canonical JSON value; `kind` the type without prefix and suffix."""

    __slots__ = ("raw", "kind", "source", "id", "time", "work", "authorship", "data", "replacement", "_digest")

    @property
    def digest(self) -> str:
        if self._digest is None:
            self._digest = hashlib.sha256(canonical_json(self.raw)).hexdigest()
        return self._digest

    @property
    def identity(self) -> tuple[str, str]:
        return (self.source, self.id)

    @property
    def signed(self) -> bool:
        return "signature" in self.raw


def parse_event(raw) -> Event:
    """The event in `raw`, a value read by `parse_strict_json`; `Malformed` with what is wrong."""
    if not isinstance(raw, dict):
        raise Malformed("an event is an object")
    for name in raw:
        if name not in ENVELOPE:
            raise Malformed(f"unknown member {name!r} of the envelope")
    event = Event()
    event.raw = raw
    event._digest = None
    if raw.get("specversion") != "1.0":
        raise Malformed("specversion is not 1.0")
    for name in ("id", "source", "subject"):
        want_identifier(raw.get(name))
    for name in ("workid", "traceparent"):
        if name in raw:
            want_identifier(raw[name])
    if raw["subject"].startswith("_"):
        raise Malformed("the subject begins with `_`")
    event.source, event.id, event.work = raw["source"], raw["id"], raw.get("workid")
    event.time = parse_instant(raw.get("time"))
    event.authorship = raw.get("authorship", "seller")
    if "authorship" in raw and event.authorship not in ("buyer", "third_party"):
        raise Malformed(f"authorship {event.authorship!r} is not written")
    event.kind = event_kind(raw.get("type"))
    event.data = raw.get("data", {})
    if not isinstance(event.data, dict) or ("data" in raw and not event.data):
        raise Malformed("data is an object, and left out where it would be empty")
    event.replacement = None
    check_data(event)
    check_signed_form(event)
    return event


WIRE_TYPE = re.compile(r"piecework\.([a-z_]+\.[a-z_]+)\.v1\Z")


def event_kind(wire_type) -> str:
    form = WIRE_TYPE.match(wire_type) if isinstance(wire_type, str) else None
    if not form or (form[1] not in FACT_MEMBERS and form[1] not in CONTROL_MEMBERS and form[1] != "cost.recorded"):
        raise Malformed(f"type {wire_type!r} is not known")
    return form[1]


def check_data(event: Event) -> None:
    if event.kind == "cost.recorded":
        raise Malformed("costs belong to the seller's log")
    control = CONTROL_MEMBERS.get(event.kind)
    members = FACT_MEMBERS[event.kind] if control is None else control
    own = {}
    headers = event.work is not None
    for name, value in event.data.items():
        if name in HEADERS:
            want_identifier(value)
            headers = True
        else:
            own[name] = value
    want_members(own, members)
    if event.kind in RANKS and not headers:
        raise Malformed("an event about work carries at least one header")
    if event.kind == "event.corrected":
        check_correction(event)
    if event.kind == "baseline.recorded" and parse_instant(own["until"]) <= parse_instant(own["from"]):
        raise Malformed("a baseline ends where it begins, or before")
    if event.kind == "document.acknowledged" and ("definition" in own) != (own["what"] == "exhibit"):
        raise Malformed("an exhibit names the definition that it explains, and nothing else does")
    if event.kind == "cover.issued":
        amounts = [own[name] for name in ("total", "payable")]
        amounts += [part[name] for part in own["parts"] for name in ("total", "payable")]
        if len({amount["currency"] for amount in amounts}) != 1:
            raise Malformed("a cover is in one currency")
    if event.kind in ("payment.allocated", "payment.refunded", "balance.written_off"):
        named = [name for name in ("statement", "payment", "credit") if name in own]
        if len(named) != 1:
            raise Malformed("an entry about money names one balance that it moves")
    if event.kind == "payment.recorded" and "allocations" in own:
        amount, currency = parse_amount(own["amount"])
        parts = [parse_amount(part["amount"]) for part in own["allocations"]]
        if "statement" in own or parts[0][1] != currency or sum(part for part, _ in parts) > amount:
            raise Malformed("a payment is for one statement, or for parts that come to no more than it")


def check_correction(event: Event) -> None:
    target = event.data["target"]
    if (target["source"], target["id"]) == event.identity:
        raise Malformed("a correction does not target itself")
    if event_kind(target["type"]) == "cost.recorded":
        raise Malformed("a correction of a cost belongs to the seller's log")
    if event_kind(target["type"]) in CONTROL_MEMBERS:
        raise Malformed("what piecework wrote is not corrected")
    if ("replacement" in event.data) != (event.data["action"] == "replace"):
        raise Malformed("a replacement goes with the action `replace`, and only with it")
    if "replacement" in event.data:
        event.replacement = parse_event(event.data["replacement"])
        if event.replacement.identity != (target["source"], target["id"]):
            raise Malformed("the replacement has another source or id than the target")
        if event.replacement.raw["subject"] != event.raw["subject"]:
            raise Malformed("the replacement is of another customer")
        if event.replacement.kind in CONTROL_MEMBERS:
            raise Malformed("a replacement is no control entry")


# What a buyer may sign (proof-file.md section 4).
BUYER_KINDS = frozenset(
    "work.asked work.confirmed work.rejected work.reopened work.rated work.disputed review.recorded"
    " document.acknowledged sample.anchored sample.drawn key.published event.corrected quote.accepted quote.declined".split()
)


def check_signed_form(event: Event) -> None:
    if ("signer" in event.raw) != ("signature" in event.raw):
        raise Malformed("signer and signature go together")
    if event.signed:
        want_identifier(event.raw["signer"])
        want_signature(event.raw["signature"])
        if event.authorship != "buyer":
            raise Malformed("what is signed is the buyer's")


def parse_entry(raw: bytes) -> tuple[Event, bool]:
    """The event of an entry, and whether the entry is marked as a conflict."""
    if len(raw) > ENTRY_BYTES_MAX:
        raise Malformed("an entry is larger than 65,535 bytes")
    value = parse_strict_json(raw)
    if len(raw) > EVENT_BYTES_MAX and len(canonical_json(value.get("event"))) > EVENT_BYTES_MAX:
        raise Malformed("an event is larger than 60,000 bytes")
    want_members(value, {"conflict?": want_true, "event": want_anything, "received_at": want_instant})
    return parse_event(value["event"]), "conflict" in value


# ------------------------------------------------------------------------------------------------------
# B3. Which contents stand (recompute/entries.md, "Which contents stand"; semantics.md S4, S5)
# ------------------------------------------------------------------------------------------------------


class Fact:
    """A content that stands. `headers` are its own and, after `inherit_headers`, those of its work."""

    __slots__ = ("event", "entry", "corrected_by", "headers", "kind", "time", "rank", "source", "id", "order")

    def __init__(self, event: Event, entry: int, corrected_by):
        self.event = event
        self.entry = entry
        self.corrected_by = corrected_by
        self.headers = {}
        if event.kind not in CONTROL_MEMBERS:  # they may carry headers, which mean nothing
            self.headers = {name: value for name, value in event.data.items() if name in HEADERS}
            if event.work is not None:
                self.headers["work"] = event.work
        self.kind = event.kind
        self.time = event.time
        self.rank = RANKS.get(event.kind, 0)
        self.source = event.source
        self.id = event.id
        self.order = (event.time, self.rank, event.source, event.id)

    @property
    def data(self) -> dict:
        return self.event.data

    @property
    def reference(self) -> tuple[str, str]:
        return (self.source, self.id)


STANDING_DEPTH_MAX = 64


class Corrections:
    """Decides what each touched identity stands for."""

    def __init__(self, contents: list[tuple[int, Event]]):
        self.contents = defaultdict(list)  # identity -> [(position, event)]
        for position, event in contents:
            self.contents[event.identity].append((position, event))
        self.touched = {identity for identity, several in self.contents.items() if len(several) > 1}
        for _, event in contents:
            if event.kind == "event.corrected":
                self.touched.add(event.identity)
                self.touched.add(target_of(event))
        self.on_target = defaultdict(list)
        for _, event in contents:
            if event.identity in self.touched:
                while event is not None and event.kind == "event.corrected":
                    self.on_target[target_of(event)].append(event)
                    event = event.replacement
        self.known = {}
        self.computing = set()

    def standing(self, identity, depth: int = 0):
        """(event, corrected_by), or None where nothing stands."""
        if identity in self.known:
            return self.known[identity]
        if identity not in self.contents:
            return None
        first = self.contents[identity][0][1]
        if depth > STANDING_DEPTH_MAX or identity in self.computing:
            return (first, None)
        self.computing.add(identity)
        effective = {}
        for correction in self.on_target[identity]:
            stands = self.standing(correction.identity, depth + 1)
            if stands and stands[0].digest == correction.digest:
                effective[correction.digest] = correction
        in_order = sorted(effective.values(), key=lambda c: (c.time, c.source, c.id))
        result = self.apply(identity, first, in_order)
        self.computing.discard(identity)
        self.known[identity] = result
        return result

    def apply(self, identity, first: Event, effective: list[Event]):
        contents = {event.digest: event for _, event in self.contents[identity]}
        if first.kind in CONTROL_MEMBERS:
            effective = []  # what piecework wrote is not corrected
        if any(event.signed for event in contents.values()):
            effective = [c for c in effective if c.signed]  # S5: only the buyer corrects what the buyer signed
        now, by = first, None
        for correction in reversed(effective):
            chosen = contents.get(correction.data["target"]["digest"])
            if correction.data["action"] == "choose" and chosen is not None:
                now, by = chosen, correction.identity
                break
        used = set()
        while True:
            rivals = [c for c in effective if c.data["action"] != "choose" and c.data["target"]["digest"] == now.digest]
            if not rivals or rivals[-1].digest in used:
                return (now, by)
            winner = rivals[-1]
            used.add(winner.digest)
            if winner.replacement is None:
                return None
            now, by = winner.replacement, winner.identity


def target_of(correction: Event) -> tuple[str, str]:
    return (correction.data["target"]["source"], correction.data["target"]["id"])


def standing_facts(contents: list[tuple[int, Event]]) -> list[Fact]:
    """The facts of the log, sorted by position. `contents` are (position, event), in order."""
    corrections = Corrections(contents)
    facts = [Fact(event, position, None) for position, event in contents if event.identity not in corrections.touched]
    for identity in sorted(corrections.touched):
        stands = corrections.standing(identity)
        if stands and stands[0].kind != "event.corrected":
            facts.append(Fact(stands[0], corrections.contents[identity][0][0], stands[1]))
    facts.sort(key=lambda fact: fact.entry)
    return facts


def inherit_headers(facts: list[Fact]) -> None:
    """An event of a work takes the headers it does not name from the work's other events, the earliest first."""
    ordered = sorted((fact for fact in facts if fact.event.work is not None), key=lambda fact: fact.order)
    known = defaultdict(dict)
    for fact in ordered:
        of_work = known[fact.event.work]
        for header, value in fact.headers.items():
            of_work.setdefault(header, value)
    for fact in ordered:
        fact.headers = known[fact.event.work] | fact.headers


# ------------------------------------------------------------------------------------------------------
# B4. Reading documents: TOML with exact numbers
# ------------------------------------------------------------------------------------------------------


class BareNumber(str):
    """A TOML number with a point or an exponent, kept as its text."""


TOML_STRINGS_AND_COMMENTS = re.compile(
    r""""{3}(?:\\.|[^\\])*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*""", re.DOTALL
)
TOML_OTHER_BASE = re.compile(r"(?<![A-Za-z0-9_.+-])[+-]?0[xob]")


def parse_toml(text: str) -> dict:
    if TOML_OTHER_BASE.search(TOML_STRINGS_AND_COMMENTS.sub("", text)):
        raise Malformed("a number in another base than ten")
    try:
        return tomllib.loads(text, parse_float=lambda digits: BareNumber(digits.replace("_", "").removeprefix("+")))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise Malformed(f"not TOML: {error}") from None


def keys_of(table, where: str, required: str = "", optional: str = "") -> dict:
    """`table`, which has these keys and no others."""
    if not isinstance(table, dict):
        raise Malformed(f"{where} is not a table")
    required, known = required.split(), set(required.split()) | set(optional.split())
    for key in table:
        if key not in known:
            raise Malformed(f"{where}: unknown key {key!r}")
    for key in required:
        if key not in table:
            raise Malformed(f"{where}: key {key} is missing")
    return table


def toml_string(value, where: str) -> str:
    if not isinstance(value, str) or isinstance(value, BareNumber):
        raise Malformed(f"{where} is not a string")
    return value


def toml_bool(value, where: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(f"{where} is neither true nor false")
    return value


def toml_list(value, where: str) -> list:
    if not isinstance(value, list):
        raise Malformed(f"{where} is not a list")
    return value


def toml_decimal(value, where: str) -> Fraction:
    """A number, bare or in quotes."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Malformed(f"{where} is not a number")
    return parse_decimal(str(value))


def trimmed(text: str) -> str:
    return text.strip(WHITE_SPACE)


# White_Space of Unicode; Python's own `isspace` also takes U+001C to U+001F.
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def toml_text(value, where: str) -> str:
    text = toml_string(value, where)
    if not trimmed(text) or len(text.encode()) > 2048:
        raise Malformed(f"{where} is empty or larger than 2,048 bytes")
    return text


def toml_texts(value, where: str) -> list[str]:
    texts = [toml_text(item, where) for item in toml_list(value, where)]
    if len(set(texts)) != len(texts):
        raise Malformed(f"{where} says something twice")
    return texts


def toml_word(value, where: str, words: str) -> str:
    if toml_string(value, where) not in words.split():
        raise Malformed(f"{where}: {value!r} is none of {words}")
    return value


NAME = re.compile(r"[a-z][a-z0-9_.-]{0,255}\Z")


def toml_name(value, where: str) -> str:
    if not NAME.match(toml_string(value, where)):
        raise Malformed(f"{where}: {value!r} is not a name")
    return value


# ------------------------------------------------------------------------------------------------------
# B5. Spans and conditions (recompute/definitions.md)
# ------------------------------------------------------------------------------------------------------

UNITS_A_DAY = {"m": 1_440, "h": 24, "d": 1}
SPAN_DAYS_MAX = 3_660
SPAN = re.compile(r"([0-9]{1,18})([mhd])\Z")


@dataclass(frozen=True)
class Span:
    """`30m`, `72h`, `30d`, or `forever` (unit is then empty)."""

    number: int
    unit: str


FOREVER = Span(0, "")
END_OF_YEAR_9999 = (date(9999, 12, 31).toordinal() - EPOCH_ORDINAL + 1) * 86_400 * NANOS


def parse_span(text: str) -> Span:
    if text == "forever":
        return FOREVER
    form = SPAN.match(text)
    if not form or int(form[1]) // UNITS_A_DAY[form[2]] > SPAN_DAYS_MAX:
        raise Malformed(f"{text!r} is not a span")
    return Span(int(form[1]), form[2])


def toml_span(value, where: str, ending: bool = False) -> Span:
    span = parse_span(toml_string(value, where))
    if (span.unit and span.number == 0) or (ending and span == FOREVER):
        raise Malformed(f"{where}: {value} is no span that ends and is not zero")
    return span


def after(span: Span, start: int, zone):
    """The instant at which the span ends, or None where it never does."""
    if not span.unit:
        return None
    if span.unit != "d":
        end = start + span.number * (60 if span.unit == "m" else 3_600) * NANOS
        return end if end < END_OF_YEAR_9999 else None
    day, nanos = local_wall(zone, start)
    try:
        end = local_instant(zone, day + timedelta(days=span.number), nanos)
    except OverflowError:
        return None
    return end if end < END_OF_YEAR_9999 else None


def reaches(span: Span, start: int, instant: int, zone) -> bool:
    end = after(span, start, zone)
    return end is None or instant <= end


# Kinds of conditions: (event type, {attribute: how it is read}). Lists are the words of an attribute.
QUESTION_WORDS = ("question", "thanks", "affirmation", "spam")
ANSWER_WORDS = ("answer", "clarify", "greeting", "route")
KINDS = {
    "opened": ("work.opened", {}),
    "confirmed": ("work.confirmed", {}),
    "reopened": ("work.reopened", {}),
    "asked": ("work.asked", {"kind": QUESTION_WORDS}),
    "answered": ("work.answered", {"kind": ANSWER_WORDS, "confidence": "share", "review": "text"}),
    "rejected": ("work.rejected", {"reason": "text"}),
    "closed": ("work.closed", {"reason": "text"}),
    "verified": ("work.verified", {"result": ("passed", "failed"), "check": "text"}),
    "escalated": ("work.escalated", {"configured": "flag"}),
    "human_replied": ("work.human_replied", {"visible": "flag", "minutes": "number"}),
    "overridden": ("work.overridden", {"minutes": "number"}),
    "rated": ("work.rated", {"score": "number"}),
    "valued": ("work.valued", {"amount": "number"}),
    "reviewed": (
        "review.recorded",
        {"result": ("accepted", "edited", "rejected"), "edit_share": "share", "minutes": "number"},
    ),
    "evidence": ("evidence.attached", {"name": "text"}),
}
LATEST_SPEAKS = {"verified": "check", "rated": None, "reviewed": None}  # S11: per check, or one for all
HEADER_NAMES = HEADERS | {"work"}


@dataclass(frozen=True)
class Test:
    """`attribute op literal`, or `in` with several literals."""

    attribute: str
    op: str
    literals: tuple
    reading: object = field(compare=False)  # "text", "share", "number", "flag", or a tuple of words

    def passes(self, value) -> bool:
        if value is None:
            return self.op == "!="
        if self.op in ("=", "in"):
            return value in self.literals
        if self.op == "!=":
            return value != self.literals[0]
        bound = self.literals[0]
        return {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[self.op]


@dataclass(frozen=True)
class Anchor:
    which: str  # "opened", "first" or "last"
    predicate: object = None


@dataclass(frozen=True)
class Predicate:
    kind: str
    tests: tuple
    scope: object = "episode"  # "episode", "ever", or an Anchor (since)


@dataclass(frozen=True)
class All:
    parts: tuple


@dataclass(frozen=True)
class AnyOf:
    parts: tuple


@dataclass(frozen=True)
class Not:
    part: object


@dataclass(frozen=True)
class Quiet:
    span: Span
    anchor: Anchor


@dataclass(frozen=True)
class Elapsed:
    span: Span
    anchor: Anchor


CONDITION_DEPTH_MAX = 16
LEAVES_MAX = 256
WORD_MARKS = "_.-/:@+%"


def condition_tokens(text: str) -> list[tuple[str, str]]:
    """(what, text): what is `word`, `quoted`, `compare` or one of `(` `)` `,`."""
    tokens = []
    at = 0
    while at < len(text):
        c = text[at]
        start = at
        if c in WHITE_SPACE:
            at += 1
        elif c.isalnum() or c in WORD_MARKS:
            while at < len(text) and (text[at].isalnum() or text[at] in WORD_MARKS):
                at += 1
            tokens.append(("word", text[start:at]))
        elif c in "'\"":
            quoted, at = quoted_text(text, at)
            tokens.append(("quoted", quoted))
        elif c in "=!<>":
            at += 1
            while at < len(text) and text[at] in "=<>":
                at += 1
            tokens.append(("compare", text[start:at]))
        elif c in "(),":
            tokens.append((c, c))
            at += 1
        else:
            raise Malformed(f"{c!r} does not belong in a condition")
    return tokens


def quoted_text(text: str, at: int) -> tuple[str, int]:
    quote, out = text[at], []
    at += 1
    while at < len(text):
        c = text[at]
        if c == quote:
            return "".join(out), at + 1
        if c == "\\":
            at += 1
            c = text[at : at + 1]
            if not c or c not in "\\'\"":
                raise Malformed("`\\` stands before `\\` or a quote only")
        elif CONTROL_CHARACTER.match(c):
            raise Malformed("a control character in quoted text")
        out.append(c)
        at += 1
    raise Malformed("quoted text does not end")


class ConditionReader:
    """Reads one condition. With `headers_only` it is that of `only`."""

    def __init__(self, text: str, headers_only: bool = False):
        self.tokens = condition_tokens(text)
        self.at = 0
        self.headers_only = headers_only
        self.leaves = 0

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ("end", "")

    def next(self, what: str) -> str:
        token = self.peek()
        if token[0] != what:
            raise Malformed(f"a condition has {token[1] or 'its end'!r} where {what} is expected")
        self.at += 1
        return token[1]

    def next_is_word(self, word: str) -> bool:
        if self.peek() == ("word", word):
            self.at += 1
            return True
        return False

    def end(self) -> None:
        if self.peek()[0] != "end":
            raise Malformed(f"a condition goes on with {self.peek()[1]!r} after its end")

    def condition(self, depth: int = 0):
        if depth > CONDITION_DEPTH_MAX:
            raise Malformed(f"a condition is nested deeper than {CONDITION_DEPTH_MAX}")
        if self.peek()[0] == "word" and self.peek(1)[0] == "(":
            return self.form(depth)
        if self.headers_only:
            return self.test(None)
        self.leaves += 1
        return self.predicate(depth)

    def form(self, depth: int):
        name = self.next("word")
        self.next("(")
        if name in ("all", "any"):
            parts = [self.condition(depth + 1)]
            while self.peek()[0] == ",":
                self.at += 1
                if self.peek()[0] == ")":
                    break
                parts.append(self.condition(depth + 1))
            result = (All if name == "all" else AnyOf)(tuple(parts))
        elif name == "not":
            result = Not(self.condition(depth + 1))
        elif name in ("quiet", "elapsed") and not self.headers_only:
            span = parse_span(self.next("word"))
            if span.number == 0:
                raise Malformed(f"the span of {name} is zero or forever")
            self.next(",")
            self.leaves += 1
            result = (Quiet if name == "quiet" else Elapsed)(span, self.anchor(depth + 1))
        else:
            raise Malformed(f"`{name}(` is no form of a condition")
        self.next(")")
        return result

    def anchor(self, depth: int) -> Anchor:
        if depth > CONDITION_DEPTH_MAX:
            raise Malformed(f"a condition is nested deeper than {CONDITION_DEPTH_MAX}")
        if self.next_is_word("opened"):
            return Anchor("opened")
        for which in ("first", "last"):
            if self.next_is_word(which):
                return Anchor(which, self.predicate(depth))
        raise Malformed(f"{self.peek()[1]!r} is no anchor")

    def predicate(self, depth: int) -> Predicate:
        kind = self.next("word")
        if kind not in KINDS:
            raise Malformed(f"{kind!r} is no kind of fact")
        tests = []
        if self.next_is_word("where"):
            tests.append(self.test(kind))
            while self.next_is_word("and"):
                tests.append(self.test(kind))
        if self.next_is_word("ever"):
            return Predicate(kind, tuple(tests), "ever")
        if self.next_is_word("since"):
            return Predicate(kind, tuple(tests), self.anchor(depth + 1))
        return Predicate(kind, tuple(tests))

    def test(self, kind) -> Test:
        name = self.next("word")
        reading = KINDS[kind][1].get(name) if kind else None
        if reading is None:
            if name not in HEADER_NAMES:
                raise Malformed(f"{name!r} is no attribute of {kind or 'every event'}")
            reading = "text"
        if self.next_is_word("in"):
            self.next("(")
            literals = [self.literal(reading)]
            while self.peek()[0] == ",":
                self.at += 1
                literals.append(self.literal(reading))
            self.next(")")
            if len(set(literals)) != len(literals):
                raise Malformed(f"`{name} in` says a value twice")
            return Test(name, "in", tuple(literals), reading)
        op = self.next("compare")
        if op not in ("=", "!=", "<", "<=", ">", ">="):
            raise Malformed(f"{op!r} is no comparison")
        if op not in ("=", "!=") and reading not in ("number", "share"):
            raise Malformed(f"{name!r} is not compared by {op}")
        return Test(name, op, (self.literal(reading),), reading)

    def literal(self, reading):
        quoted = self.peek()[0] == "quoted"
        text = self.next("quoted" if quoted else "word")
        if reading == "text":
            if not 1 <= len(text.encode()) <= 256:
                raise Malformed("a text literal has 1 to 256 bytes")
            return text
        if isinstance(reading, tuple):
            if text not in reading:
                raise Malformed(f"{text!r} is none of {', '.join(reading)}")
            return text
        if quoted:
            raise Malformed(f"{text!r} is not bare")
        if reading == "flag":
            if text not in ("true", "false"):
                raise Malformed(f"{text!r} is neither true nor false")
            return text == "true"
        number = parse_decimal(text)
        if reading == "share" and not 0 <= number <= 1:
            raise Malformed(f"{text} is not between 0 and 1")
        return number


def parse_single_predicate(text: str) -> Predicate:
    reader = ConditionReader(text)
    predicate = reader.predicate(0)
    reader.end()
    if predicate.scope != "episode":
        raise Malformed("a single predicate has neither `since` nor `ever`")
    return predicate


def parse_only(text: str):
    reader = ConditionReader(text, headers_only=True)
    condition = reader.condition()
    reader.end()
    return condition


def fact_value(fact: Fact, attribute: str, reading):
    """The value that a test looks at; None where the event does not say."""
    if attribute in HEADER_NAMES:
        return fact.headers.get(attribute)
    if attribute == "configured":
        return fact.data.get("configured", False)
    if attribute == "visible":
        return fact.data.get("visible", True)
    value = fact.data.get(attribute)
    if value is None or reading not in ("number", "share"):
        return value
    return parse_amount(value)[0] if attribute == "amount" else parse_decimal_canonical(value)


def tests_pass(tests: tuple, fact: Fact) -> bool:
    return all(test.passes(fact_value(fact, test.attribute, test.reading)) for test in tests)


def matches(predicate: Predicate, fact: Fact) -> bool:
    return fact.kind == KINDS[predicate.kind][0] and tests_pass(predicate.tests, fact)


def only_holds(condition, headers: dict) -> bool:
    if isinstance(condition, All):
        return all(only_holds(part, headers) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(only_holds(part, headers) for part in condition.parts)
    if isinstance(condition, Not):
        return not only_holds(condition.part, headers)
    return condition.passes(headers.get(condition.attribute))


def timers_of(condition) -> list:
    """Every quiet and elapsed of a condition, under `not` too."""
    if isinstance(condition, (All, AnyOf)):
        return [timer for part in condition.parts for timer in timers_of(part)]
    if isinstance(condition, Not):
        return timers_of(condition.part)
    return [condition] if isinstance(condition, (Quiet, Elapsed)) else []


# ------------------------------------------------------------------------------------------------------
# B6. Work-unit definitions (recompute/definitions.md, "Keys")
# ------------------------------------------------------------------------------------------------------

DEFINITION_BYTES_MAX = 40_000
SPLIT_WINDOW = re.compile(
    rf"window\([{WHITE_SPACE}]*([^{WHITE_SPACE},]*)[{WHITE_SPACE}]*,[{WHITE_SPACE}]*"
    rf"from[{WHITE_SPACE}]*=[{WHITE_SPACE}]*(start|idle)[{WHITE_SPACE}]*\)\Z"
)


@dataclass(frozen=True)
class CountRule:
    name: str
    when: object
    timers: tuple


@dataclass(frozen=True)
class AfterRule:
    on: Predicate
    within: Span
    then: str  # "reverse", "new_unit", "partial", "ignore"
    share: Fraction
    again: bool


@dataclass
class Definition:
    id: str
    digest: str
    key: tuple[str, ...]
    split: str  # "none", "reopen", "start", "idle"
    split_span: Span | None
    only: object
    acts: tuple[Predicate, ...]
    upgrade_within: Span | None
    abandon_after: Span
    counts: tuple[CountRule, ...]
    after: tuple[AfterRule, ...]
    measured: bool
    gate: frozenset
    expected: frozenset
    dispute_window: Span
    dispute_default: str  # "credited" or "stands"


def parse_definition(text: str) -> Definition:
    """The definition in a document's text, or `Malformed`."""
    raw = text.encode()
    if len(raw) > DEFINITION_BYTES_MAX:
        raise Malformed("a definition is larger than 40,000 bytes")
    top = keys_of(
        parse_toml(text),
        "definition",
        "id question owner one_per counts evidence cost rollback",
        "only acts upgrade_within abandon_after after value attribution dispute",
    )
    toml_text(top["question"], "question")
    toml_text(top["owner"], "owner")
    key, split, split_span = parse_one_per(top["one_per"])
    counts, abandon_after = parse_counts(top)
    check_cost_and_rollback(top)
    gate, expected = parse_evidence(top["evidence"])
    window, default = parse_dispute(top.get("dispute", {}))
    acts = [parse_single_predicate(toml_string(act, "acts")) for act in toml_list(top.get("acts", []), "acts")]
    if "acts" in top and not acts:
        raise Malformed("acts is empty")
    upgrade_within = toml_span(top["upgrade_within"], "upgrade_within") if "upgrade_within" in top else None
    if upgrade_within and len(counts) == 1:
        raise Malformed("upgrade_within with one class only")
    definition = Definition(
        id=toml_name(top["id"], "id"),
        digest=hashlib.sha256(raw).hexdigest(),
        key=key,
        split=split,
        split_span=split_span,
        only=parse_only(toml_string(top["only"], "only")) if "only" in top else None,
        acts=tuple(acts),
        upgrade_within=upgrade_within,
        abandon_after=abandon_after,
        counts=counts,
        after=tuple(parse_after(rule) for rule in toml_list(top.get("after", []), "after")),
        measured=parse_value_section(top.get("value", {})),
        gate=gate,
        expected=expected,
        dispute_window=window,
        dispute_default=default,
    )
    check_meaning(definition)
    return definition


def parse_one_per(value) -> tuple[tuple[str, ...], str, Span | None]:
    table = keys_of(value, "one_per", "key", "split")
    names = toml_texts(table["key"], "one_per.key")
    if not names or any(name not in HEADER_NAMES for name in names):
        raise Malformed("one_per.key names no header, or something that is none")
    split = toml_string(table.get("split", "none"), "split")
    if split in ("none", "reopen"):
        return tuple(names), split, None
    form = SPLIT_WINDOW.match(split)
    if not form:
        raise Malformed(f"split {split!r} is none of none, reopen, window(…)")
    return tuple(names), form[2], toml_span(form[1], "split", ending=True)


def parse_counts(top: dict) -> tuple[tuple[CountRule, ...], Span]:
    counts, spans, leaves = [], set(), 0
    if "abandon_after" in top:
        spans.add(toml_span(top["abandon_after"], "abandon_after", ending=True))
    for table in toml_list(top["counts"], "counts"):
        keys_of(table, "counts", "class when", "abandon_after")
        reader = ConditionReader(toml_string(table["when"], "when"))
        when = reader.condition()
        reader.end()
        leaves += reader.leaves
        counts.append(CountRule(toml_name(table["class"], "class"), when, tuple(timers_of(when))))
        if "abandon_after" in table:
            spans.add(toml_span(table["abandon_after"], "abandon_after", ending=True))
    if not counts or len({rule.name for rule in counts}) != len(counts):
        raise Malformed("counts has no class, or one twice")
    if leaves > LEAVES_MAX:
        raise Malformed(f"the conditions have more than {LEAVES_MAX} leaves")
    if len(spans) != 1:
        raise Malformed("abandon_after is missing, or says two things")
    return tuple(counts), spans.pop()


def parse_after(value) -> AfterRule:
    table = keys_of(value, "after", "on then", "within again")
    on = parse_single_predicate(toml_string(table["on"], "on"))
    then, _, share_text = toml_string(table["then"], "then").partition(" ")
    share = Fraction(0)
    if then == "partial":
        share = parse_decimal(share_text)
        if not 0 < share < 1:
            raise Malformed("the share of `partial` is between 0 and 1")
    elif then not in ("reverse", "new_unit", "ignore") or share_text:
        raise Malformed(f"then = {table['then']!r} is not known")
    if ("within" in table) == (then == "ignore"):
        raise Malformed("within is required, and absent with `ignore`")
    within = toml_span(table["within"], "within") if "within" in table else FOREVER
    again = toml_bool(table.get("again", then == "reverse" and on.kind == "reopened"), "again")
    if again and then != "reverse":
        raise Malformed("`again` goes with `reverse`")
    return AfterRule(on, within, then, share, again)


def parse_value_section(value) -> bool:
    table = keys_of(value, "value", "", "per_unit measured")
    measured = toml_bool(table.get("measured", False), "measured")
    if "per_unit" in table:
        amount, _, currency = toml_string(table["per_unit"], "per_unit").partition(" ")
        if currency not in MINOR_DIGITS or parse_decimal(amount) < 0:
            raise Malformed("per_unit is an amount such as 6.50 USD")
        if measured:
            raise Malformed("value is measured or per unit, not both")
    return measured


def parse_evidence(value) -> tuple[frozenset, frozenset]:
    table = keys_of(value, "evidence", "", "gate expected")
    gate = toml_texts(table.get("gate", []), "gate")
    expected = toml_texts(table.get("expected", []), "expected")
    if not gate and not expected or set(gate) & set(expected):
        raise Malformed("evidence names nothing, or one thing in both lists")
    return frozenset(gate), frozenset(expected)


def parse_dispute(value) -> tuple[Span, str]:
    table = keys_of(value, "dispute", "", "window default")
    window = toml_span(table.get("window", "30d"), "dispute.window", ending=True)
    default = toml_word(table.get("default", "credit"), "dispute.default", "credit stand")
    return window, "credited" if default == "credit" else "stands"


def check_cost_and_rollback(top: dict) -> None:
    lines = toml_texts(keys_of(top["cost"], "cost", "lines")["lines"], "cost.lines")
    if not lines or any(line not in ("model", "infra", "human_review", "support") for line in lines):
        raise Malformed("cost.lines has one or more of model, infra, human_review, support")
    rollback = keys_of(top["rollback"], "rollback", "remedy undo window approver")
    for name in ("remedy", "undo", "approver"):
        toml_text(rollback[name], name)
    toml_span(rollback["window"], "rollback.window")
    if "attribution" in top:
        table = keys_of(
            top["attribution"], "attribution", "controls decided_by counterfactual", "human_touched_share_at_most steps"
        )
        controls = toml_texts(table["controls"], "controls")
        if not controls:
            raise Malformed("attribution.controls is empty")
        if "steps" in table:
            steps = toml_texts(table["steps"], "steps")
            if not set(controls) <= set(steps):
                raise Malformed("attribution.controls names a step that is not in attribution.steps")
        toml_word(table["decided_by"], "decided_by", "seller customer third_party")
        toml_word(table["counterfactual"], "counterfactual", "holdout staggered its before_after assumed")
        if not 0 <= toml_decimal(table.get("human_touched_share_at_most", 0), "human_touched_share_at_most") <= 1:
            raise Malformed("human_touched_share_at_most is not between 0 and 1")


# ------------------------------------------------------------------------------------------------------
# B7. Definitions that are refused for what they mean (recompute/definitions.md, same heading)
# ------------------------------------------------------------------------------------------------------

SPEAKS_FOR_ITSELF = {"confirmed", "verified", "closed", "reviewed", "rated", "valued"}
QUALIFYING_ANSWER = Predicate("answered", (Test("kind", "=", ("answer",), ANSWER_WORDS),))


def check_meaning(definition: Definition) -> None:
    acts = (QUALIFYING_ANSWER,) + definition.acts
    for number, rule in enumerate(definition.counts):
        if not rests_on_act(rule.when, acts):
            raise Malformed(f"class {rule.name} does not rest on an act")
        if contradictory(rule.when):
            raise Malformed(f"class {rule.name} contradicts itself")
        if any(implies(rule.when, earlier.when) for earlier in definition.counts[:number]):
            raise Malformed(f"class {rule.name} is never reached")
        for timer in rule.timers:
            if (
                isinstance(timer, Quiet)
                and timer.span != definition.abandon_after
                and never_longer(definition.abandon_after, timer.span)
            ):
                raise Malformed(f"class {rule.name} waits longer than abandon_after")
    for number, rule in enumerate(definition.after):
        check_after_meaning(rule, definition.after[:number], definition.split)
    for act in definition.acts:
        if contradictory(act):
            raise Malformed("acts contradicts itself")
    if definition.only is not None and contradictory(definition.only):
        raise Malformed("only contradicts itself")


def check_after_meaning(rule: AfterRule, earlier: tuple, split: str) -> None:
    if contradictory(rule.on) or rule.on.kind == "opened" or (rule.on.kind == "reopened" and split == "reopen"):
        raise Malformed(f"[[after]] on {rule.on.kind} can never act")
    for above in earlier:
        if (
            above.on.kind == rule.on.kind
            and tests_imply(rule.on.tests, above.on.tests)
            and never_longer(rule.within, above.within)
        ):
            raise Malformed(f"[[after]] on {rule.on.kind} is never reached")


def rests_on_act(condition, acts: tuple) -> bool:
    if isinstance(condition, All):
        return any(rests_on_act(part, acts) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return all(rests_on_act(part, acts) for part in condition.parts)
    if isinstance(condition, Predicate):
        return stays(condition.scope) and (condition.kind in SPEAKS_FOR_ITSELF or covered(condition, acts))
    return False


def stays(scope) -> bool:
    """Whether a scope stays in the episode."""
    if isinstance(scope, Anchor):
        return scope.which == "opened" or stays(scope.predicate.scope)
    return scope == "episode"


def covered(predicate: Predicate, acts: tuple) -> bool:
    if any(act.kind == predicate.kind and tests_imply(predicate.tests, act.tests) for act in acts):
        return True
    for number, test in enumerate(predicate.tests):
        if test.op == "in" and len(test.literals) > 1:
            return all(
                covered(
                    Predicate(
                        predicate.kind,
                        predicate.tests[:number]
                        + (Test(test.attribute, "=", (literal,), test.reading),)
                        + predicate.tests[number + 1 :],
                        predicate.scope,
                    ),
                    acts,
                )
                for literal in test.literals
            )
    return False


def implies(a, b) -> bool:
    if a == b:
        return True
    if isinstance(b, All):
        return all(implies(a, part) for part in b.parts)
    if isinstance(a, AnyOf):
        return all(implies(part, b) for part in a.parts)
    if isinstance(b, AnyOf) and any(implies(a, part) for part in b.parts):
        return True
    if isinstance(a, All):
        return any(implies(part, b) for part in a.parts)
    if isinstance(a, Not) and isinstance(b, Not):
        return implies(b.part, a.part)
    if isinstance(a, Predicate) and isinstance(b, Predicate):
        wider = a.scope == b.scope or b.scope == "ever" or (b.scope == "episode" and stays(a.scope))
        return a.kind == b.kind and wider and tests_imply(a.tests, b.tests)
    if isinstance(a, Test) and isinstance(b, Test):
        return test_implies(a, b)
    if isinstance(a, Quiet) and isinstance(b, (Quiet, Elapsed)) or isinstance(a, Elapsed) and isinstance(b, Elapsed):
        return a.anchor == b.anchor and never_longer(b.span, a.span)
    return False


def tests_imply(a: tuple, b: tuple) -> bool:
    return all(any(test_implies(x, y) for x in a) for y in b)


def few_values(test: Test):
    """The values that pass, where they are few; None otherwise."""
    if test.op in ("=", "in"):
        return test.literals
    if test.op == "!=" and isinstance(test.reading, tuple):
        return tuple(word for word in test.reading if word != test.literals[0])
    if test.op == "!=" and test.reading == "flag":
        return (not test.literals[0],)
    return None


def test_implies(a: Test, b: Test) -> bool:
    if a.attribute != b.attribute:
        return False
    if a == b:
        return True
    values = few_values(a)
    if values is not None:
        return all(b.passes(value) for value in values)
    x, y = a.literals[0], b.literals[0]
    if not isinstance(x, Fraction) or not isinstance(y, Fraction):
        return False
    if a.op in (">", ">="):
        return at_least_implies(a.op == ">", b.op, x, y)
    if a.op in ("<", "<="):
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(b.op, b.op)
        return at_least_implies(a.op == "<", mirrored, -x, -y)
    return False


def at_least_implies(strict: bool, op: str, x: Fraction, y: Fraction) -> bool:
    if op == ">=":
        return x >= y
    if op in (">", "!="):
        return x >= y if strict else x > y
    return False


def never_longer(a: Span, b: Span) -> bool:
    if not b.unit:
        return True
    if not a.unit:
        return False
    if a.unit == "d" and b.unit == "d":
        return a.number <= b.number
    return minutes_most(a) <= minutes_least(b)


def minutes_most(span: Span) -> int:
    return (span.number + 1) * 1440 if span.unit == "d" else span.number * (60 if span.unit == "h" else 1)


def minutes_least(span: Span) -> int:
    return (span.number - 1) * 1440 if span.unit == "d" else span.number * (60 if span.unit == "h" else 1)


def contradictory(condition) -> bool:
    if isinstance(condition, All):
        parts = flattened(condition, All)
        if any(isinstance(no, Not) and any(implies(part, no.part) for part in parts if part is not no) for no in parts):
            return True
        return any(contradictory(part) for part in condition.parts)
    if isinstance(condition, AnyOf):
        parts = flattened(condition, AnyOf)
        if any(isinstance(no, Not) and any(implies(no.part, part) for part in parts if part is not no) for no in parts):
            return True
        return any(contradictory(part) for part in condition.parts)
    if isinstance(condition, Not):
        return contradictory(condition.part)
    if isinstance(condition, (Quiet, Elapsed)):
        return contradictory_scope(condition.anchor)
    if isinstance(condition, Predicate):
        return tests_contradict(condition.tests) or contradictory_scope(condition.scope)
    return False


def contradictory_scope(scope) -> bool:
    return isinstance(scope, Anchor) and scope.predicate is not None and contradictory(scope.predicate)


def flattened(condition, kind) -> list:
    parts = []
    for part in condition.parts:
        parts += flattened(part, kind) if isinstance(part, kind) else [part]
    return parts


def tests_contradict(tests: tuple) -> bool:
    return any(
        pair_contradicts(a, b)
        for number, a in enumerate(tests)
        for b in tests[number + 1 :]
        if a.attribute == b.attribute
    )


def pair_contradicts(a: Test, b: Test) -> bool:
    for one, other in ((a, b), (b, a)):
        values = few_values(one)
        if values is not None and not any(other.passes(value) for value in values):
            return True
        if one.op in (">", ">=") and other.op in ("<", "<="):
            x, y = one.literals[0], other.literals[0]
            if x > y or (x >= y and (one.op == ">" or other.op == "<")):
                return True
    return False


# ------------------------------------------------------------------------------------------------------
# B8. Settlement: facts of one scope key become units (recompute/settlement.md)
# ------------------------------------------------------------------------------------------------------


class Basis:
    """What was known when a unit was counted. Two counts have two bases, equal or not."""

    __slots__ = ("confidence", "review", "headers", "decided_by")

    def __init__(self, confidence, review, headers: dict, decided_by: str):
        self.confidence = confidence
        self.review = review
        self.headers = headers
        self.decided_by = decided_by


class Movement:
    """`kind` is counted, reversed, upgraded, reduced or valued; `value` an amount's number, or None."""

    __slots__ = ("instant", "kind", "cls", "quantity", "value", "counted_at", "causes", "basis")

    def __init__(self, instant, kind, cls, quantity, value, counted_at, causes, basis):
        self.instant = instant
        self.kind = kind
        self.cls = cls
        self.quantity = quantity
        self.value = value
        self.counted_at = counted_at
        self.causes = causes
        self.basis = basis


@dataclass
class Dispute:
    raised: int
    cause: tuple
    decided: tuple | None = None  # (instant, verdict)


@dataclass
class Unit:
    id: str  # of the definition
    version: int  # the place in the timeline; once handed over, the number of the contract's version
    scope: tuple[str, ...]
    first: tuple[str, str]  # reference of the fact that opened it
    opened: int
    movements: list
    states: list  # (instant, words), e.g. "counted: assumed"
    disputes: list
    facts: list  # (position, source, id), in the order of settlement
    works: frozenset
    headers: dict  # the latest value of each
    attempt: tuple | None = None  # (instant, act, authorship)

    @property
    def key(self) -> tuple:
        return (self.id, self.scope, *self.first)

    @property
    def printed(self) -> str:
        return f"{self.id}[{','.join(self.scope)}]@{self.first[0]}:{self.first[1]}"

    @property
    def opened_by(self) -> int:
        """The position of the first entry of the identity that opened it."""
        return next(position for position, *reference in self.facts if tuple(reference) == self.first)


@dataclass
class Settled:
    at: int
    cls: int
    net: Fraction
    basis: Basis


def settle(timeline: list[tuple[int, Definition]], zone, scope: tuple, facts: list[Fact]) -> list[Unit]:
    """Units of the facts of one scope key, in their published order. `timeline` is (from, definition) in the order of
    from."""
    runs: list[Run] = []
    of_work: dict[str, Run] = {}  # the last run that has taken a fact of the work
    for fact in facts:
        run = runs[-1] if runs else None
        if fact.kind in REMARKS:
            run = of_work.get(fact.event.work, run)
        if run is not None:
            run.advance(fact.time, inclusive=False)
            if run.leaves(fact):
                run.leave(fact)
                run = None
        if run is None:
            run = Run(timeline, zone, scope, fact)
            runs.append(run)
        run.take(fact)
        if fact.event.work is not None:
            of_work[fact.event.work] = run
    return [run.finish() for run in runs]


END_OF_TIME = 1 << 80


class Run:
    """The sweep over one unit. The methods have the names of the page."""

    def __init__(self, timeline, zone, scope, fact: Fact):
        version = max((i for i, (since, _) in enumerate(timeline) if since <= fact.time), default=0)
        self.definition = timeline[version][1]
        self.version = version
        self.zone = zone
        self.scope = scope
        self.first = fact
        self.opened = self.now = self.last_fact = self.last_act = fact.time
        self.ran = -END_OF_TIME
        self.settled = None
        self.value = None
        self.currency = None
        self.over = self.abandoned = False
        self.excluded = True
        self.confidence = self.review = None
        self.headers = {}
        self.evidence = set()
        self.authors = []
        self.act = self.attempt = None
        self.seen = []
        self.seen_of = defaultdict(list)  # event type -> numbers
        self.disturbing = -1  # number of the last fact that disturbs a silence
        self.episode = 0
        self.movements, self.states, self.disputes, self.facts = [], [], [], []

    # Does a fact begin another unit?

    def leaves(self, fact: Fact) -> bool:
        split = self.definition.split
        if split == "reopen" and fact.kind == "work.reopened":
            return True
        if split in ("start", "idle") and fact.kind not in REMARKS:
            end = after(self.definition.split_span, self.opened if split == "start" else self.last_act, self.zone)
            if end is not None and fact.time >= end:
                return True
        rule = self.after_rule(fact)
        return rule is not None and rule.then == "new_unit"

    def after_rule(self, fact: Fact):
        if self.settled is None:
            return None
        for rule in self.definition.after:
            if matches(rule.on, fact) and reaches(rule.within, self.settled.at, fact.time, self.zone):
                return rule
        return None

    def leave(self, following: Fact) -> None:
        if self.definition.split == "reopen" and following.kind == "work.reopened":
            if self.settled is None and not self.over and not self.abandoned:
                self.enter(following.time, "not counted: abandoned")
            self.over = True

    def finish(self) -> Unit:
        self.advance(END_OF_TIME, inclusive=True)
        if self.excluded:
            self.movements = []
            self.states = [(self.opened, "not counted: excluded")]
        return Unit(
            self.definition.id,
            self.version,
            self.scope,
            self.first.reference,
            self.opened,
            self.movements,
            self.states,
            self.disputes,
            [(fact.entry, fact.source, fact.id) for fact in self.facts],
            frozenset(fact.event.work for fact in self.facts if fact.event.work is not None),
            self.headers,
            None if self.excluded else self.attempt,
        )

    def enter(self, at: int, words: str) -> None:
        """The first state that is not pending makes an attempt of the act seen by then (S2)."""
        if words != "pending" and self.attempt is None and self.act is not None:
            self.attempt = (at, *self.act)
        self.states.append((at, words))

    # Deadlines

    def advance(self, until: int, inclusive: bool) -> None:
        while True:
            due = [(at, what) for at, what in self.deadlines() if at < until or (inclusive and at == until)]
            if not due:
                return
            at, what = min(due)
            self.now = at
            if what == 1:
                self.decide(at, self.definition.dispute_default, None)
            elif what == 2:
                self.ran = at
                self.evaluate(at, None)
            else:
                self.abandoned = True
                self.enter(at, "not counted: abandoned")

    def deadlines(self):
        if self.disputes and self.disputes[-1].decided is None:
            end = after(self.definition.dispute_window, self.disputes[-1].raised, self.zone)
            if end is not None:
                yield max(end, self.now), 1
        if self.over or self.abandoned:
            return
        for number in range(self.open_classes()):
            for timer in self.definition.counts[number].timers:
                anchor = self.anchor(timer.anchor)
                if anchor is not None:
                    end = after(timer.span, self.seen[anchor].time, self.zone)
                    if end is not None and end >= self.now and end > self.ran:
                        yield end, 2
        if self.settled is None:
            end = after(self.definition.abandon_after, self.last_fact, self.zone)
            if end is not None:
                yield max(end, self.now), 3

    def open_classes(self) -> int:
        if self.settled is None:
            return len(self.definition.counts)
        return self.settled.cls if self.definition.upgrade_within else 0

    # Taking a fact

    def take(self, fact: Fact) -> None:
        self.facts.append(fact)
        if fact.kind not in REMARKS:
            self.last_act = fact.time
        if self.definition.only is not None and not only_holds(self.definition.only, fact.headers):
            self.last_fact = self.now = fact.time
            return
        self.excluded = False
        self.headers.update(fact.headers)
        if not self.states:
            self.enter(fact.time, "pending")
        self.note(fact)
        rule = self.after_rule(fact)
        if self.abandoned and not self.over:
            self.abandoned = False  # giving up ends the waiting, not the episode (S11)
            self.enter(fact.time, "pending")
        self.last_fact = self.now = fact.time
        if self.settled is not None:
            if rule is not None and rule.then == "partial":
                self.reduce(rule.share, fact)
            elif rule is not None and rule.then == "reverse":
                self.reverse(fact.time, [fact.reference])
                self.enter(fact.time, "reversed")
                if rule.again:
                    self.begin_episode()
                else:
                    self.over = True
        elif fact.kind == "work.reopened":
            self.begin_episode()
        self.see(fact)
        if fact.kind == "work.valued":
            self.add_value(fact)
        elif fact.kind == "work.disputed":
            self.dispute(fact)
        elif fact.kind == "work.dispute_decided":
            if self.disputes and self.disputes[-1].decided is None:
                self.decide(fact.time, fact.data["verdict"], fact)
        self.evaluate(fact.time, fact)

    def note(self, fact: Fact) -> None:
        self.authors.append((fact.reference, fact.event.authorship))
        if self.act is None and any(matches(act, fact) for act in (QUALIFYING_ANSWER, *self.definition.acts)):
            self.act = (fact.reference, fact.event.authorship)
        if fact.kind == "work.answered" and fact.data["kind"] != "greeting":
            confidence = fact.data.get("confidence")
            self.confidence = None if confidence is None else parse_decimal_canonical(confidence)
            self.review = fact.data.get("review")
        elif fact.kind == "evidence.attached":
            self.evidence.add(fact.data["name"])

    # Counting

    def evaluate(self, at: int, fact) -> None:
        """`fact` is the moment's fact; None where the moment is a deadline."""
        if self.over or self.abandoned or not self.definition.gate <= self.evidence:
            return
        upgrade = self.definition.upgrade_within
        if self.settled is not None and upgrade and not reaches(upgrade, self.settled.at, at, self.zone):
            return
        for number in range(self.open_classes()):
            causes = self.holds(self.definition.counts[number].when, at, fact is None)
            if causes is not None:
                self.count(number, at, causes)
                return

    def count(self, cls: int, at: int, numbers: list[int]) -> None:
        causes = sorted({self.seen[number].reference for number in numbers})
        decided_by = "seller"
        for reference, authorship in reversed(self.authors):
            if reference in causes:
                decided_by = authorship
                self.act = self.act or (reference, authorship)
                break
        basis = Basis(self.confidence, self.review, dict(self.headers), decided_by)
        net = Fraction(1)
        if self.settled is not None:
            net = self.settled.net
            self.take_back(self.settled, "upgraded", at, causes)
            self.settled = None
        name = self.definition.counts[cls].name
        self.movements.append(Movement(at, "counted", name, net, None, at, causes, basis))
        self.settled = Settled(at, cls, net, basis)
        self.enter(at, f"counted: {name}")
        if self.value is not None:
            value, self.value = self.value, None
            self.move_value(value, at, [])

    # Taking back

    def reverse(self, at: int, causes: list) -> None:
        if self.settled is not None:
            self.take_back(self.settled, "reversed", at, causes)
            self.settled = None

    def take_back(self, settled: Settled, kind: str, at: int, causes: list) -> None:
        values = [m for m in self.movements if m.kind == "valued" and m.basis is settled.basis]
        name = self.definition.counts[settled.cls].name
        self.movements.append(Movement(at, kind, name, -settled.net, None, settled.at, causes, settled.basis))
        for m in values:
            self.value = (self.value or 0) + m.value
            self.movements.append(Movement(at, "valued", m.cls, m.quantity, -m.value, m.counted_at, causes, m.basis))

    def reduce(self, share: Fraction, fact: Fact) -> None:
        settled = self.settled
        change = share - settled.net
        if change >= 0:
            return
        settled.net = share
        name = self.definition.counts[settled.cls].name
        self.movements.append(
            Movement(fact.time, "reduced", name, change, None, settled.at, [fact.reference], settled.basis)
        )

    # Value

    def add_value(self, fact: Fact) -> None:
        amount, currency = parse_amount(fact.data["amount"])
        if self.currency is None:
            self.currency = currency
        if currency != self.currency:
            return
        if self.settled is not None:
            self.move_value(amount, fact.time, [fact.reference])
        else:
            self.value = (self.value or 0) + amount

    def move_value(self, amount: Fraction, at: int, causes: list) -> None:
        if amount != 0:
            name = self.definition.counts[self.settled.cls].name
            self.movements.append(Movement(at, "valued", name, Fraction(0), amount, at, causes, self.settled.basis))

    # Disputes

    def dispute(self, fact: Fact) -> None:
        if (self.disputes and self.disputes[-1].decided is None) or (self.over and self.settled is None):
            return
        if self.settled is not None and not reaches(
            self.definition.dispute_window, self.settled.at, fact.time, self.zone
        ):
            return
        self.disputes.append(Dispute(fact.time, fact.reference))

    def decide(self, at: int, verdict: str, fact) -> None:
        dispute = self.disputes[-1]
        dispute.decided = (at, verdict)
        if verdict == "stands":
            return
        cause = fact.reference if fact is not None else dispute.cause
        if self.settled is not None:
            self.reverse(at, [cause])
            self.enter(at, "reversed")
        elif not self.over:
            self.enter(at, "not counted: credited")
        self.over = True

    # Conditions over facts

    def see(self, fact: Fact) -> None:
        number = len(self.seen)
        self.seen.append(fact)
        self.seen_of[fact.kind].append(number)
        if (
            (fact.kind == "work.asked" and fact.data["kind"] == "question")
            or (fact.kind == "work.human_replied" and fact.data.get("visible", True))
            or fact.kind == "work.rejected"
        ):
            self.disturbing = number

    def begin_episode(self) -> None:
        self.episode = len(self.seen)

    def find(self, predicate: Predicate, which: str):
        """The number of the first or last fact of the predicate; None where there is none."""
        start = 0 if predicate.scope == "ever" else self.episode
        floor = -1
        if isinstance(predicate.scope, Anchor):
            floor = self.anchor(predicate.scope)
            if floor is None:
                return None
        numbers = self.seen_of[KINDS[predicate.kind][0]]
        if predicate.kind in LATEST_SPEAKS:
            return self.find_latest(predicate, numbers, start, floor)
        low = bisect.bisect_left(numbers, max(start, floor + 1))
        in_order = range(low, len(numbers)) if which == "first" else range(len(numbers) - 1, low - 1, -1)
        for at in in_order:
            if tests_pass(predicate.tests, self.seen[numbers[at]]):
                return numbers[at]
        return None

    def find_latest(self, predicate: Predicate, numbers: list[int], start: int, floor: int):
        per = LATEST_SPEAKS[predicate.kind]
        latest = {}
        for number in numbers:
            if number >= start:
                latest[self.seen[number].data[per] if per else None] = number
        passing = [n for n in latest.values() if n > floor and tests_pass(predicate.tests, self.seen[n])]
        return max(passing, default=None)

    def anchor(self, anchor: Anchor):
        if anchor.which == "opened":
            return self.episode if self.episode < len(self.seen) else None
        return self.find(anchor.predicate, anchor.which)

    def holds(self, condition, at: int, deadline: bool):
        """The numbers of the causing facts; None where the condition does not hold."""
        if isinstance(condition, All):
            causes = []
            for part in condition.parts:
                held = self.holds(part, at, deadline)
                if held is None:
                    return None
                causes += held
            return causes
        if isinstance(condition, AnyOf):
            for part in condition.parts:
                held = self.holds(part, at, deadline)
                if held is not None:
                    return held
            return None
        if isinstance(condition, Not):
            return [] if self.holds(condition.part, at, deadline) is None else None
        if isinstance(condition, Predicate):
            found = self.find(condition, "last")
            return None if found is None else [found]
        return self.timer_holds(condition, at, deadline)

    def timer_holds(self, timer, at: int, deadline: bool):
        anchor = self.anchor(timer.anchor)
        if anchor is None:
            return None
        if isinstance(timer, Quiet) and self.disturbing >= self.episode and self.disturbing > anchor:
            return None
        end = after(timer.span, self.seen[anchor].time, self.zone)
        if end is None or at < end or (at == end and not deadline):
            return None
        return [anchor]


def group_by_scope(definition: Definition, facts: list[Fact]) -> dict[tuple, list[Fact]]:
    """The facts of each scope key of a definition, in the order given."""
    scopes = defaultdict(list)
    for fact in facts:
        if fact.kind in RANKS and fact.headers.get("unit", definition.id) == definition.id:
            scope = tuple(fact.headers.get(name) for name in definition.key)
            if None not in scope:
                scopes[scope].append(fact)
    return scopes


# ------------------------------------------------------------------------------------------------------
# B9. Plans (recompute/plans-and-contracts.md, "Reading")
# ------------------------------------------------------------------------------------------------------

DOCUMENT_BYTES_MAX = 48_000
TABLE_ENTRIES_MAX = 64
EVERY_MONTHS = {"month": 1, "quarter": 3, "year": 12}
SURFACES = {
    "platform": "access",
    "seats": "access",
    "metered": "usage",
    "outcome": "outcome",
    "risk": "risk",
    "indemnity": "risk",
    "service_level": "risk",
    "aggregate": "outcome",
}
COMPONENT_KEYS = {
    "platform": ("amount", "due prorate once"),
    "seats": ("price", "included count minimum_seats prorate committed due overage"),
    "metered": ("meter price", "aggregate allowance rollover free_events free_amount convert in_addition_to"),
    "outcome": ("unit", "price class allowance retier_on_reversal in_addition_to attempt instead_of"),
    "risk": ("modifies", "by band missing multiplier fallback"),
    "indemnity": ("modifies premium", "cover loss"),
    "service_level": ("measure of band", "cap"),
    "aggregate": ("measure percent", "baseline carry_negative"),
}
ROLLOVER_MAX = 60  # rating periods
ID = re.compile(r"(?!_)[A-Za-z0-9._-]{1,64}\Z")
UNIT_FORMS = ("per_unit", "graduated", "volume", "package", "blocks")


def read_id(value, where: str) -> str:
    if not ID.match(toml_string(value, where)):
        raise Malformed(f"{where}: {value!r} is not an id")
    return value


def read_quantity(value, where: str) -> Fraction:
    number = toml_decimal(value, where)
    if number < 0:
        raise Malformed(f"{where} is negative")
    return number


def read_positive(value, where: str) -> Fraction:
    number = read_quantity(value, where)
    if number == 0:
        raise Malformed(f"{where} is zero")
    return number


def read_count(value, where: str) -> int:
    number = toml_decimal(value, where)
    if number.denominator != 1 or number < 1:
        raise Malformed(f"{where} is no whole number from 1")
    return int(number)


def read_percent(value, where: str) -> Fraction:
    number = read_quantity(value, where)
    if number > 100:
        raise Malformed(f"{where} is above 100")
    return number / 100


def read_price(value, where: str, currency: str) -> Fraction:
    if isinstance(value, str) and value.endswith(f" {currency}"):
        value = value[: -len(currency) - 1]
    return read_quantity(value, where)


def read_currency(value, where: str) -> str:
    if toml_string(value, where) not in MINOR_DIGITS:
        raise Malformed(f"{where}: {value!r} is no currency")
    return value


def read_date(value, where: str) -> date:
    if isinstance(value, datetime):
        raise Malformed(f"{where} is no local date")
    if isinstance(value, date):
        return value
    text = toml_string(value, where)
    try:
        if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{where}: {text!r} is no date") from None


def check_table_sizes(value) -> None:
    """Every table and every list of a plan or contract has at most 64 entries."""
    if isinstance(value, (dict, list)):
        if len(value) > TABLE_ENTRIES_MAX:
            raise Malformed(f"a table or list has more than {TABLE_ENTRIES_MAX} entries")
        for item in value.values() if isinstance(value, dict) else value:
            check_table_sizes(item)


@dataclass(frozen=True)
class Tier:
    up_to: Fraction | None  # None in the last tier
    unit: Fraction = Fraction(0)
    flat: Fraction = Fraction(0)
    cap: Fraction | None = None
    percent: Fraction = Fraction(0)


@dataclass(frozen=True)
class Block:
    size: Fraction
    most: int | None
    price: Fraction


@dataclass(frozen=True)
class PriceForm:
    form: str
    price: Fraction = Fraction(0)  # per_unit, package
    tiers: tuple = ()  # graduated, volume, graduated_percentage: Tier; blocks: Block
    size: Fraction = Fraction(1)  # package
    free: Fraction = Fraction(0)
    round: str = "up"
    percent: Fraction = Fraction(0)  # percentage
    fixed: Fraction = Fraction(0)
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    charge: str = ""  # blocks

    @property
    def of_units(self) -> bool:
        return self.form in UNIT_FORMS


def read_price_form(value, where: str, currency: str, units_only: bool = False) -> PriceForm:
    form = read_any_price_form(value, where, currency)
    if units_only and not form.of_units:
        raise Malformed(f"{where} is no price of units")
    return form


def read_any_price_form(value, where: str, currency: str) -> PriceForm:
    if not isinstance(value, dict):
        return PriceForm("per_unit", price=read_price(value, where, currency))
    keys = set(value)
    if keys == {"blocks", "charge"}:
        charge = toml_word(value["charge"], where, "all_tiers top_tier")
        return PriceForm("blocks", tiers=read_blocks(value["blocks"], where, currency), charge=charge)
    if len(keys) != 1:
        raise Malformed(f"{where} has not exactly one form of price")
    form = keys.pop()
    content = value[form]
    if form == "per_unit":
        return PriceForm(form, price=read_price(content, where, currency))
    if form in ("graduated", "volume"):
        return PriceForm(form, tiers=read_tiers(content, where, currency))
    if form == "graduated_percentage":
        return PriceForm(form, tiers=read_percent_tiers(content, where, currency))
    if form == "package":
        return read_package(content, where, currency)
    if form == "percentage":
        return read_percentage(content, where, currency)
    raise Malformed(f"{where}: {form!r} is no form of price")


def read_tiers(value, where: str, currency: str) -> tuple[Tier, ...]:
    tiers = []
    for table in toml_list(value, where):
        keys_of(table, where, "", "up_to unit flat cap")
        if "unit" not in table and "flat" not in table:
            raise Malformed(f"{where}: a tier has neither unit nor flat")
        tiers.append(
            Tier(
                read_quantity(table["up_to"], where) if "up_to" in table else None,
                unit=read_price(table.get("unit", 0), where, currency),
                flat=read_price(table.get("flat", 0), where, currency),
                cap=read_price(table["cap"], where, currency) if "cap" in table else None,
            )
        )
    return check_bounds(tiers, where)


def read_percent_tiers(value, where: str, currency: str) -> tuple[Tier, ...]:
    tiers = []
    for table in toml_list(value, where):
        keys_of(table, where, "percent", "up_to flat")
        tiers.append(
            Tier(
                read_quantity(table["up_to"], where) if "up_to" in table else None,
                flat=read_price(table.get("flat", 0), where, currency),
                percent=read_quantity(table["percent"], where) / 100,
            )
        )
    return check_bounds(tiers, where)


def check_bounds(tiers: list[Tier], where: str) -> tuple[Tier, ...]:
    last = Fraction(0)
    if not tiers:
        raise Malformed(f"{where} has no tier")
    for number, tier in enumerate(tiers):
        if (tier.up_to is None) != (number == len(tiers) - 1):
            raise Malformed(f"{where}: the last tier, and only the last, has no up_to")
        if tier.up_to is not None:
            if tier.up_to <= last:
                raise Malformed(f"{where}: up_to does not rise")
            last = tier.up_to
    return tuple(tiers)


def read_blocks(value, where: str, currency: str) -> tuple[Block, ...]:
    blocks = []
    for table in toml_list(value, where):
        keys_of(table, where, "size price", "most")
        blocks.append(
            Block(
                read_positive(table["size"], where),
                read_count(table["most"], where) if "most" in table else None,
                read_price(table["price"], where, currency),
            )
        )
    if not blocks or any((block.most is None) != (i == len(blocks) - 1) for i, block in enumerate(blocks)):
        raise Malformed(f"{where}: the last block, and only the last, has no `most`")
    return tuple(blocks)


def read_package(value, where: str, currency: str) -> PriceForm:
    table = keys_of(value, where, "size price", "free round")
    return PriceForm(
        "package",
        price=read_price(table["price"], where, currency),
        size=read_positive(table["size"], where),
        free=read_quantity(table.get("free", 0), where),
        round=toml_word(table.get("round", "up"), where, "up down half_up half_even"),
    )


def read_percentage(value, where: str, currency: str) -> PriceForm:
    table = keys_of(value, where, "percent", "fixed minimum maximum")
    form = PriceForm(
        "percentage",
        percent=read_quantity(table["percent"], where) / 100,
        fixed=read_price(table.get("fixed", 0), where, currency),
        minimum=read_price(table["minimum"], where, currency) if "minimum" in table else None,
        maximum=read_price(table["maximum"], where, currency) if "maximum" in table else None,
    )
    if form.minimum is not None and form.maximum is not None and form.maximum < form.minimum:
        raise Malformed(f"{where}: the maximum is below the minimum")
    return form


@dataclass(frozen=True)
class Group:
    """A `[[class]]` of an outcome component, or its one price (names is then None)."""

    names: tuple[str, ...] | None
    price: PriceForm
    free: bool
    draws_allowance: bool

    @property
    def label(self) -> str:
        return "work" if self.names is None else "+".join(self.names)

    def holds(self, cls: str) -> bool:
        return self.names is None or cls in self.names


@dataclass(frozen=True)
class Band:
    label: str
    since: Fraction | None  # by confidence
    word: str | None
    multiplier: Fraction


@dataclass(frozen=True)
class Component:
    id: str
    kind: str
    every: str
    discount: Fraction | None
    maximum: Fraction | None
    minimum: Fraction | None
    raw: dict = field(compare=False)
    amount: Fraction = Fraction(0)  # platform
    due: str = "advance"
    prorate: str = "day"
    once: bool = False
    price: PriceForm | None = None  # seats, metered; indemnity: the premium
    included: Fraction = Fraction(0)
    count: str = "daily"
    minimum_seats: int = 0
    seats_by_day: tuple[bool, bool] = (True, True)  # whether a seat more, and a seat fewer, count by day
    committed: int | None = None
    overage: PriceForm | None = None
    meter: str = ""
    aggregate: str = "sum"
    allowance: Fraction = Fraction(0)
    rollover: int = 0
    free_events: int = 0
    free_amount: Fraction | None = None
    divide: Fraction | None = None
    divide_round: str = ""
    unit: str = ""
    groups: tuple[Group, ...] = ()
    retier: str = "full"
    attempt: PriceForm | None = None
    refund: bool = False
    in_addition_to: str | None = None
    instead_of: str | None = None
    modifies: str = ""
    cover: Fraction | None = None  # indemnity
    loss: tuple[Fraction, str] | None = None  # its documented rate, and where that was seen
    by: str | None = None
    bands: tuple[Band, ...] = ()
    missing: Fraction | None = None
    multiplier: Fraction | None = None
    fallback: tuple[str, Fraction] | None = None  # the calibration, and the factor without it
    measure: str = ""  # service_level, aggregate
    baseline: str = ""  # aggregate
    of: tuple[str, ...] = ()  # service_level
    levels: tuple[tuple[Fraction, Fraction], ...] = ()  # from, and the share that is paid back
    cap: Fraction | None = None
    percent: Fraction | None = None  # aggregate
    carry_negative: bool = False

    def looks_at(self, kind: str) -> str | None:
        """The subject of the documents of a kind that it is priced by."""
        if kind == "calibration":
            return self.fallback[0] if self.fallback is not None else None
        return (self.measure if kind == "measure" else self.baseline) or None


def read_component(value, currency: str) -> Component:
    if not isinstance(value, dict):
        raise Malformed("a component is a table")
    kind = toml_word(value.get("kind", ""), "kind", " ".join(SURFACES))
    required, optional = COMPONENT_KEYS[kind]
    where = f"component {value.get('id')}"
    table = keys_of(value, where, f"id kind {required}", f"surface every discount_percent maximum minimum tax_category {optional}")
    toml_word(table.get("surface", SURFACES[kind]), "surface", SURFACES[kind])
    if "tax_category" in table:
        read_id(table["tax_category"], "tax_category")
    component = Component(
        id=read_id(table["id"], "id"),
        kind=kind,
        every=toml_word(table.get("every", "month"), "every", "month quarter year"),
        discount=read_percent(table["discount_percent"], where) if "discount_percent" in table else None,
        maximum=read_price(table["maximum"], where, currency) if "maximum" in table else None,
        minimum=read_price(table["minimum"], where, currency) if "minimum" in table else None,
        raw=table,
    )
    read_kind = {
        "platform": read_platform,
        "seats": read_seats,
        "metered": read_metered,
        "outcome": read_outcome,
        "risk": read_risk,
        "indemnity": read_indemnity,
        "service_level": read_service_level,
        "aggregate": read_aggregate,
    }[kind]
    return replace(component, **read_kind(table, where, currency))


def read_platform(table: dict, where: str, currency: str) -> dict:
    once = toml_bool(table.get("once", False), where)
    if once and "prorate" in table:
        raise Malformed(f"{where}: what is charged once is charged in full")
    return dict(
        amount=read_price(table["amount"], where, currency),
        due=toml_word(table.get("due", "advance"), where, "advance arrears"),
        prorate=toml_word(table.get("prorate", "none" if once else "day"), where, "day none"),
        once=once,
    )


def read_seats(table: dict, where: str, currency: str) -> dict:
    count = toml_word(table.get("count", "daily"), where, "daily high_water")
    prorate = table.get("prorate", "day")
    if isinstance(prorate, dict):
        changes = keys_of(prorate, where, "", "assigned released")
        words = [toml_word(changes.get(change, "day"), where, "day none") for change in ("assigned", "released")]
    else:
        words = [toml_word(prorate, where, "day none")] * 2
    if words != ["day", "day"] and count == "high_water":
        raise Malformed(f"{where}: the high-water mark counts no days")
    committed = read_count(table["committed"], where) if "committed" in table else None
    if committed is None and ("due" in table or "overage" in table):
        raise Malformed(f"{where}: nothing is committed to")
    if committed is not None and "minimum_seats" in table:
        raise Malformed(f"{where} has a committed number and a minimum")
    overage = None
    if "overage" in table:
        overage = read_price_form(table["overage"], where, currency, units_only=True)
    return dict(
        price=read_price_form(table["price"], where, currency, units_only=True),
        included=read_quantity(table.get("included", 0), where),
        count=count,
        minimum_seats=read_count(table["minimum_seats"], where) if "minimum_seats" in table else 0,
        seats_by_day=(words[0] == "day", words[1] == "day"),
        committed=committed,
        due=toml_word(table.get("due", "advance"), where, "advance arrears"),
        overage=overage,
    )


def read_metered(table: dict, where: str, currency: str) -> dict:
    aggregate = toml_word(table.get("aggregate", "sum"), where, "sum count max unique last weighted_sum")
    allowance = read_quantity(table.get("allowance", 0), where)
    divide, divide_round = None, ""
    if "convert" in table:
        convert = keys_of(table["convert"], where, "divide round")
        divide = read_positive(convert["divide"], where)
        divide_round = toml_word(convert["round"], where, "up down half_up half_even")
    units_only = allowance > 0 or divide is not None or aggregate != "sum"
    price = read_price_form(table["price"], where, currency, units_only=units_only)
    if ("free_events" in table or "free_amount" in table) and price.form != "percentage":
        raise Malformed(f"{where}: something is free of what is no percentage")
    rollover = 0
    if "rollover" in table:
        rollover = read_count(keys_of(table["rollover"], where, "periods")["periods"], where)
        if rollover > ROLLOVER_MAX or allowance == 0 or aggregate not in ("sum", "count"):
            raise Malformed(f"{where}: there is nothing to roll over, or for too long")
    return dict(
        in_addition_to=read_id(table["in_addition_to"], where) if "in_addition_to" in table else None,
        meter=read_id(table["meter"], where),
        aggregate=aggregate,
        allowance=allowance,
        rollover=rollover,
        free_events=read_count(table["free_events"], where) if "free_events" in table else 0,
        free_amount=read_price(table["free_amount"], where, currency) if "free_amount" in table else None,
        divide=divide,
        divide_round=divide_round,
        price=price,
    )


def read_outcome(table: dict, where: str, currency: str) -> dict:
    if ("price" in table) == ("class" in table):
        raise Malformed(f"{where} has a price or classes, and not both")
    if "price" in table:
        groups = (Group(None, read_price_form(table["price"], where, currency), False, True),)
    else:
        groups = tuple(read_group(group, where, currency) for group in toml_list(table["class"], where))
        names = [name for group in groups for name in group.names]
        if not groups or len(set(names)) != len(names):
            raise Malformed(f"{where} has no class, or one twice")
    return dict(
        unit=read_id(table["unit"], where),
        groups=groups,
        allowance=read_quantity(table.get("allowance", 0), where),
        retier=toml_word(table.get("retier_on_reversal", "full"), where, "full no_increase"),
        in_addition_to=read_id(table["in_addition_to"], where) if "in_addition_to" in table else None,
        instead_of=read_id(table["instead_of"], where) if "instead_of" in table else None,
        **read_attempt(table["attempt"], where, currency) if "attempt" in table else {},
    )


def read_attempt(value, where: str, currency: str) -> dict:
    table = keys_of(value, where, "price", "refund")
    price = read_price_form(table["price"], where, currency, units_only=True)
    return dict(attempt=price, refund=toml_bool(table.get("refund", False), where))


def read_group(value, where: str, currency: str) -> Group:
    table = keys_of(value, where, "", "name names price free draws_allowance")
    if ("name" in table) == ("names" in table):
        raise Malformed(f"{where}: a class has a name or names, and not both")
    names = [table["name"]] if "name" in table else toml_list(table["names"], where)
    names = tuple(toml_string(name, where) for name in names)
    if not names:
        raise Malformed(f"{where}: names is empty")
    free = toml_bool(table.get("free", False), where)
    if free == ("price" in table):
        raise Malformed(f"{where}: a class has a price or is free, and not both")
    price = PriceForm("per_unit") if free else read_price_form(table["price"], where, currency)
    return Group(names, price, free, toml_bool(table.get("draws_allowance", not free), where))


def read_risk(table: dict, where: str, currency: str) -> dict:
    modifies = read_id(table["modifies"], where)
    if "fallback" in table and table.get("by") != "confidence":
        raise Malformed(f"{where}: a fallback is of confidence")
    if "by" not in table:
        if "band" in table or "missing" in table or "multiplier" not in table:
            raise Malformed(f"{where} has a multiplier alone where it is by nothing")
        return dict(modifies=modifies, multiplier=read_quantity(table["multiplier"], where))
    by = toml_string(table["by"], where)
    if by not in ("confidence", "review"):
        if not by.startswith("header ") or by[7:] not in HEADER_NAMES:
            raise Malformed(f"{where}: by {by!r} is not known")
    if "multiplier" in table or "missing" not in table or not toml_list(table.get("band", []), where):
        raise Malformed(f"{where} has bands and a factor for what is missing")
    bands = tuple(read_band(band, where, by) for band in table["band"])
    if by == "confidence":
        if any(b.since <= a.since for a, b in zip(bands, bands[1:])):
            raise Malformed(f"{where}: from does not rise")
    elif len({band.word for band in bands}) != len(bands):
        raise Malformed(f"{where}: a band occurs twice")
    fallback = None
    if "fallback" in table:
        own = keys_of(table["fallback"], where, "calibration multiplier")
        fallback = (read_id(own["calibration"], where), read_quantity(own["multiplier"], where))
    missing = read_quantity(table["missing"], where)
    return dict(modifies=modifies, by=by, bands=bands, missing=missing, fallback=fallback)


def read_band(value, where: str, by: str) -> Band:
    if by == "confidence":
        table = keys_of(value, where, "from multiplier")
        since = read_quantity(table["from"], where)
        return Band(f"from:{print_decimal(since)}", since, None, read_quantity(table["multiplier"], where))
    table = keys_of(value, where, "is multiplier")
    word = toml_string(table["is"], where)
    if word == "missing":
        raise Malformed(f"{where}: a band is not called `missing`")
    return Band(word, None, word, read_quantity(table["multiplier"], where))


def read_indemnity(table: dict, where: str, currency: str) -> dict:
    loss = None
    if "loss" in table:
        own = keys_of(table["loss"], where, "percent source")
        loss = (read_percent(own["percent"], where), toml_string(own["source"], where))
        if "cover" not in table or not trimmed(loss[1]) or len(loss[1].encode()) > 200:
            raise Malformed(f"{where}: a rate of loss has a source, and a cover that it is of")
    return dict(
        cover=read_price(table["cover"], where, currency) if "cover" in table else None,
        loss=loss,
        modifies=read_id(table["modifies"], where),
        price=read_price_form(table["premium"], where, currency, units_only=True),
    )


def read_service_level(table: dict, where: str, currency: str) -> dict:
    if "discount_percent" in table or "maximum" in table or "minimum" in table:
        raise Malformed(f"{where}: what is paid back has no discount, maximum or minimum")
    of = tuple(toml_string(item, where) for item in toml_list(table["of"], where))
    levels = []
    for value in toml_list(table["band"], where):
        band = keys_of(value, where, "from percent")
        levels.append((read_quantity(band["from"], where), read_percent(band["percent"], where)))
    if not of or not levels or levels[0][0] != 0 or any(b[0] <= a[0] for a, b in zip(levels, levels[1:])):
        raise Malformed(f"{where} pays back of something, in bands that rise from 0")
    return dict(
        measure=read_id(table["measure"], where),
        of=of,
        levels=tuple(levels),
        cap=read_price(table["cap"], where, currency) if "cap" in table else None,
    )


def read_aggregate(table: dict, where: str, currency: str) -> dict:
    measure = read_id(table["measure"], where)
    return dict(
        measure=measure,
        baseline=read_id(table["baseline"], where) if "baseline" in table else measure,
        percent=read_percent(table["percent"], where),
        carry_negative=toml_bool(table.get("carry_negative", False), where),
    )


@dataclass(frozen=True)
class Scope:
    """Which components a term looks at; all of them where neither is given."""

    components: tuple[str, ...] | None = None
    surfaces: tuple[str, ...] | None = None

    def holds(self, component: str, surface: str) -> bool:
        if self.components is not None:
            return component in self.components
        return self.surfaces is None or surface in self.surfaces


@dataclass(frozen=True)
class Discount:
    percent: Fraction | None = None
    amount: Fraction | None = None
    scope: Scope = Scope()
    since: object = None  # the first day on which a period that has it may begin
    until: object = None  # the last such day
    periods: int | None = None
    sequence: int = 1
    reason: str | None = None


@dataclass(frozen=True)
class Cap:
    amount: Fraction
    mode: str = "absorb"
    overage: Fraction | None = None


@dataclass(frozen=True)
class Minimum:
    amount: Fraction
    periods: int = 1
    scope: Scope = Scope()
    bill: str = "at_end"
    overage: Fraction | None = None

    def is_of_a_period(self) -> bool:
        return self.periods == 1 and self.scope == Scope() and self.bill == "at_end"


DISCOUNTS_MAX = 32
MINIMUM_PERIODS_MAX = 120


@dataclass(frozen=True)
class Totals:
    every: str | None = None
    discount_percent: tuple[Discount, ...] | None = None
    discount_amount: Discount | None = None
    entries: tuple[Discount, ...] | None = None
    cap: Cap | None = None
    minimum: Minimum | None = None

    def discounts(self) -> list[Discount]:
        """In the order in which they apply."""
        own = [*(self.discount_percent or ()), *([self.discount_amount] if self.discount_amount else [])]
        own += self.entries or ()
        return sorted(own, key=lambda discount: (discount.sequence, discount.amount is not None))

    def is_empty(self) -> bool:
        return not self.discounts() and self.cap is None and self.minimum is None


def read_totals(document: dict, where: str, currency: str) -> Totals:
    """`[totals]` and `[[discount]]` of a plan, a contract or a phase."""
    table = keys_of(document.get("totals", {}), where, "", "every discount_percent discount_amount cap minimum")
    percents = None
    if "discount_percent" in table:
        said = table["discount_percent"]
        if isinstance(said, list):
            if len(said) > 8:
                raise Malformed(f"{where}: more than 8 discounts")
            shares = [read_percent(toml_string(item, where), where) for item in said]
        else:
            shares = [read_percent(said, where)]
        percents = tuple(Discount(percent=share) for share in shares)
    fixed = None
    if "discount_amount" in table:
        fixed = Discount(amount=read_price(table["discount_amount"], where, currency))
    cap = read_cap(table["cap"], where, currency) if "cap" in table else None
    minimum = read_minimum(table["minimum"], where, currency) if "minimum" in table else None
    if cap is not None and minimum is not None and cap.mode in ("absorb", "stop"):
        if minimum.amount > cap.amount * minimum.periods:
            raise Malformed(f"{where}: the minimum is above the cap")
    entries = None
    if "discount" in document:
        entries = tuple(read_discount(entry, currency) for entry in toml_list(document["discount"], "discount"))
        if len(entries) > DISCOUNTS_MAX:
            raise Malformed(f"{where}: more than {DISCOUNTS_MAX} discounts")
    every = toml_word(table["every"], where, "month quarter year") if "every" in table else None
    return Totals(every, percents, fixed, entries, cap, minimum)


def read_discount(value, currency: str) -> Discount:
    where = "discount"
    table = keys_of(value, where, "reason", "percent amount components surfaces from until periods sequence")
    if ("percent" in table) == ("amount" in table):
        raise Malformed("a discount has a percent, or an amount")
    if "until" in table and "periods" in table:
        raise Malformed("a discount has until, or periods")
    since = read_date(table["from"], where) if "from" in table else None
    until = read_date(table["until"], where) if "until" in table else None
    if since is not None and until is not None and until < since:
        raise Malformed("a discount ends before it begins")
    reason = toml_string(table["reason"], where)
    read_line(reason, where)
    if not reason.strip():
        raise Malformed("a discount has a reason")
    return Discount(
        percent=read_percent(table["percent"], where) if "percent" in table else None,
        amount=read_price(table["amount"], where, currency) if "amount" in table else None,
        scope=read_scope(table, where),
        since=since,
        until=until,
        periods=read_count(table["periods"], where) if "periods" in table else None,
        sequence=read_count(table["sequence"], where) if "sequence" in table else 1,
        reason=reason,
    )


def read_scope(table: dict, where: str) -> Scope:
    if "components" in table and "surfaces" in table:
        raise Malformed(f"{where}: either components or surfaces")
    for name in ("components", "surfaces"):
        if name in table:
            names = tuple(toml_string(item, where) for item in toml_list(table[name], where))
            surfaces = set(SURFACES.values())
            if not names or (name == "surfaces" and (not set(names) <= surfaces or len(names) > len(surfaces))):
                raise Malformed(f"{where}: {name}")
            return Scope(**{name: names})
    return Scope()


def read_cap(value, where: str, currency: str) -> Cap:
    if not isinstance(value, dict):
        return Cap(read_price(value, where, currency))
    table = keys_of(value, where, "amount", "mode overage")
    mode = toml_word(table.get("mode", "absorb"), where, "absorb stop soft overage")
    if (mode == "overage") != ("overage" in table):
        raise Malformed(f"{where}: overage goes with the mode overage")
    overage = read_quantity(table["overage"], where) if "overage" in table else None
    return Cap(read_price(table["amount"], where, currency), mode, overage)


def read_minimum(value, where: str, currency: str) -> Minimum:
    if not isinstance(value, dict):
        return Minimum(read_price(value, where, currency))
    table = keys_of(value, where, "amount", "periods components surfaces bill overage")
    periods = read_count(table["periods"], where) if "periods" in table else 1
    if periods > MINIMUM_PERIODS_MAX:
        raise Malformed(f"{where}: at most {MINIMUM_PERIODS_MAX} periods")
    return Minimum(
        read_price(table["amount"], where, currency),
        periods,
        read_scope(table, where),
        toml_word(table.get("bill", "at_end"), where, "at_end in_advance"),
        read_quantity(table["overage"], where) if "overage" in table else None,
    )


def check_scopes(totals: Totals, components: list) -> None:
    known = {component.id for component in components}
    scopes = [discount.scope for discount in totals.discounts()]
    scopes += [totals.minimum.scope] if totals.minimum is not None else []
    for scope in scopes:
        if not set(scope.components or ()) <= known:
            raise Malformed("a discount or minimum names a component that is not there")


@dataclass
class Plan:
    id: str
    currency: str
    meters: dict[str, str]
    components: list[Component]
    totals: Totals
    precedence: tuple[str, ...] = ()


def parse_document_table(text: str) -> dict:
    table = parse_small_toml(text)
    check_table_sizes(table)
    return table


def parse_small_toml(text: str) -> dict:
    if len(text.encode()) > DOCUMENT_BYTES_MAX:
        raise Malformed("a document is larger than 48,000 bytes")
    return parse_toml(text)


def parse_plan(text: str) -> Plan:
    top = keys_of(parse_document_table(text), "plan", "id version currency component", "meter totals discount precedence")
    currency = read_currency(top["currency"], "currency")
    read_count(top["version"], "version")
    meters = {}
    for table in toml_list(top.get("meter", []), "meter"):
        keys_of(table, "meter", "id class")
        meter = read_id(table["id"], "meter")
        if meter in meters:
            raise Malformed(f"meter {meter} is declared twice")
        meters[meter] = toml_word(table["class"], "meter", "cost usage value")
    plan = Plan(
        id=read_id(top["id"], "id"),
        currency=currency,
        meters=meters,
        components=[read_component(table, currency) for table in toml_list(top["component"], "component")],
        totals=read_totals(top, "totals", currency),
        precedence=tuple(toml_string(name, "precedence") for name in toml_list(top.get("precedence", []), "precedence")),
    )
    if not plan.components:
        raise Malformed("a plan has no component")
    check_components_fit(plan.components, meters)
    check_scopes(plan.totals, plan.components)
    check_precedence(plan.precedence, plan.components)
    return plan


def check_precedence(precedence: tuple[str, ...], components: list[Component]) -> None:
    by_id = {component.id: component for component in components}
    if len(set(precedence)) != len(precedence) or not set(precedence) <= by_id.keys():
        raise Malformed("precedence names a component twice, or none")
    kinds = [by_id[name].kind for name in precedence]
    usage = [by_id[name] for name in precedence if by_id[name].kind == "metered"]
    if not set(kinds) <= {"outcome", "metered"} or kinds != sorted(kinds, reverse=True):
        raise Malformed("precedence names outcomes, then usage")
    if any(looked_at_together(component) for component in usage):
        raise Malformed("precedence names usage that is looked at together")
    for component in components:
        other = by_id.get(component.in_addition_to)
        if component.kind == "metered" and component.in_addition_to is not None:
            if other is None or other.kind != "outcome":
                raise Malformed(f"{component.in_addition_to} is paid for no work")


def check_components_fit(components: list[Component], meters: dict[str, str]) -> None:
    """Together: ids, meters, units, and what a component modifies."""
    by_id = {component.id: component for component in components}
    if len(by_id) != len(components):
        raise Malformed("a component id occurs twice")
    first_of_unit = {}
    for component in components:
        if component.kind == "metered" and meters.get(component.meter, "value") == "value":
            raise Malformed(f"meter {component.meter} is not declared, or a value unit")
        if component.kind == "outcome":
            if meters.get(component.unit) == "cost":
                raise Malformed(f"unit {component.unit} is a cost unit")
            first = first_of_unit.setdefault(component.unit, component.id)
            if component.instead_of is not None and (
                component.instead_of != first
                or first == component.id
                or component.in_addition_to is not None
                or component.attempt is not None
            ):
                raise Malformed(f"component {component.id} stands in place of none that it could")
            if first != component.id and component.instead_of is None and component.in_addition_to != first:
                raise Malformed(f"unit {component.unit} is sold twice")
        if component.modifies:
            check_modifies(component, by_id.get(component.modifies))
        for of in map(by_id.get, component.of):
            if of is None or of.every != component.every or of.kind == "service_level":
                raise Malformed(f"component {component.id} pays back of nothing of its rating period")


def check_modifies(component: Component, target) -> None:
    if target is None or target.every != component.every:
        raise Malformed(f"component {component.id} modifies nothing of its rating period")
    allowed = {"outcome"}
    if component.kind == "risk" and (component.by is None or component.by.startswith("header ")):
        allowed.add("metered")
    if component.kind == "risk" and component.by is None:
        allowed |= {"platform", "seats"}
    if target.kind not in allowed:
        raise Malformed(f"component {component.id} cannot modify a {target.kind}")


# ------------------------------------------------------------------------------------------------------
# B9b. Documents whose numbers enter rating (recompute/plans-and-contracts.md, "A document whose numbers enter
#      rating"; recompute/cells.md, "Published documents")
# ------------------------------------------------------------------------------------------------------

RATED_KINDS = ("calibration", "measure", "baseline")
RATED_DOCUMENTS_MAX = 4096
INSTANT_TEXT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
)


@dataclass(frozen=True)
class Published:
    kind: str
    subject: str
    since: int
    until: int | None
    passed: bool  # of a calibration
    value: Fraction | None  # of a measure or a baseline
    currency: str | None  # where it is money
    reprice: bool
    digest: str
    entry: tuple  # time, source and id of the entry

    @property
    def name(self) -> str:
        return f"document {self.digest[:12]}"

    def holds(self, instant: int) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)

    def overlaps(self, other: "Published") -> bool:
        return (other.until is None or self.since < other.until) and (self.until is None or other.since < self.until)


def read_instant(value, where: str) -> int:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Malformed(f"{where} is no instant")
        # TOML's parser keeps microseconds, and no more is written there.
        whole = value.astimezone(timezone.utc)
        seconds = int((whole.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())
        return seconds * 10**9 + whole.microsecond * 1000
    found = INSTANT_TEXT.match(toml_string(value, where))
    if found is None:
        raise Malformed(f"{where}: {value!r} is no instant")
    try:
        day = date.fromisoformat(found[1])
        hours, minutes, seconds = map(int, found[2].split(":"))
        offset = 0 if found[4] == "Z" else int(found[4][1:3]) * 60 + int(found[4][4:6])
        if hours > 23 or minutes > 59 or seconds > 59:
            raise ValueError
    except ValueError:
        raise Malformed(f"{where}: {value!r} is no instant") from None
    offset = -offset if found[4][0] == "-" else offset
    whole = ((day - date(1970, 1, 1)).days * 24 + hours) * 3600 + (minutes - offset) * 60 + seconds
    return whole * 10**9 + int((found[3] or ".0")[1:].ljust(9, "0"))


def parse_published(kind: str, text: str, entry: tuple) -> Published:
    own = {"calibration": ("verdict", "numbers")}.get(kind, ("value", ""))
    optional = f"until source reprice {own[1]}"
    top = keys_of(parse_document_table(text), kind, f"subject from {own[0]}", optional)
    since = read_instant(top["from"], "from")
    until = read_instant(top["until"], "until") if "until" in top else None
    if (until is not None and until <= since) or (until is None and kind == "measure"):
        raise Malformed(f"the {kind} ends before it begins, or never")
    if "source" in top:
        read_line(top["source"], "source")
    if "reprice" in top:
        read_id(top["reprice"], "reprice")
    passed, value, currency = False, None, None
    if kind == "calibration":
        passed = toml_word(top["verdict"], "verdict", "passed failed") == "passed"
        numbers = top.get("numbers", {})
        if not isinstance(numbers, dict):
            raise Malformed("numbers is a table")
        for number in numbers.values():
            toml_decimal(number, "numbers")
    else:
        said = top["value"]
        if isinstance(said, str) and " " in said:
            said, _, currency = said.partition(" ")
            read_currency(currency, "value")
        value = toml_decimal(said, "value")
    digest = hashlib.sha256(text.encode()).hexdigest()
    subject = read_id(top["subject"], "subject")
    return Published(kind, subject, since, until, passed, value, currency, "reprice" in top, digest, entry)


# ------------------------------------------------------------------------------------------------------
# B10. Contracts over their plans (recompute/plans-and-contracts.md, "A contract", "A contract over its plan")
# ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holdback:
    """What the buyer keeps back of outcome components for a time (D11)."""

    share: Fraction
    release_after: Span | None
    components: tuple[str, ...]

    def concerns(self, component: Component) -> bool:
        if self.components:
            return component.id in self.components
        return SURFACES[component.kind] == "outcome"


@dataclass
class Contract:
    digest: str
    id: str
    customer: str
    plan: str
    definitions: list[str]
    starts: date
    ends: date | None
    zone: object
    anchor_day: int
    billing: str
    currency: str
    rounding: str
    waive_after: Span | None
    retier: str | None
    dispute_default: str | None
    holdback: Holdback | None
    totals: Totals
    overrides: list[dict]
    renews: bool
    trial_end: date | None
    trial_charges: list[str]
    phases: list  # Phase
    series: str | None  # that its statements are numbered in


@dataclass
class Phase:
    since: date
    free: "Free"
    totals: Totals
    overrides: list[dict]


@dataclass(frozen=True)
class Free:
    """Which components cost nothing: those named, or all but those named."""

    names: tuple = ()
    all_but: bool = False

    def holds(self, component: str) -> bool:
        return (component in self.names) != self.all_but


CONTRACT_KEYS = (
    "definitions ends anchor_day billing rounding semantics late retier_on_reversal dispute_default series totals"
    " override invoice holdback renews trial_days trial_charges phase discount grace_days"
)


def parse_contract(text: str) -> Contract:
    top = keys_of(parse_document_table(text), "contract", "id customer plan starts time_zone currency", CONTRACT_KEYS)
    customer = toml_string(top["customer"], "customer")
    want_identifier(customer)
    if customer.startswith("_"):
        raise Malformed("customer begins with `_`")
    digests = [top["plan"], *toml_list(top.get("definitions", []), "definitions")]
    for digest in digests:
        want_digest(digest)
    starts = read_date(top["starts"], "starts")
    ends = read_date(top["ends"], "ends") if "ends" in top else None
    if ends is not None and ends < starts:
        raise Malformed("ends is before starts")
    currency = read_currency(top["currency"], "currency")
    anchor_day = read_count(top.get("anchor_day", starts.day), "anchor_day")
    if anchor_day > 31:
        raise Malformed("anchor_day is above 31")
    if read_count(top.get("semantics", 1), "semantics") != 1:
        raise Malformed("semantics is not 1")
    grace = toml_decimal(top.get("grace_days", 0), "grace_days")
    if grace.denominator != 1 or not 0 <= grace <= 90:
        raise Malformed("grace_days is no whole number from 0 to 90")
    series = read_id(top["series"], "series") if "series" in top else None
    check_invoice(top.get("invoice", {}), currency)
    retier = top.get("retier_on_reversal")
    dispute_default = top.get("dispute_default")
    return Contract(
        digest=hashlib.sha256(text.encode()).hexdigest(),
        id=read_id(top["id"], "id"),
        customer=customer,
        plan=digests[0],
        definitions=digests[1:],
        starts=starts,
        ends=ends,
        zone=find_zone(toml_string(top["time_zone"], "time_zone")),
        anchor_day=anchor_day,
        billing=toml_word(top.get("billing", "month"), "billing", "month quarter year"),
        currency=currency,
        rounding=toml_word(top.get("rounding", "half_even"), "rounding", "half_even half_up down up"),
        waive_after=read_late(top.get("late", "bill")),
        series=series,
        retier=None if retier is None else toml_word(retier, "retier_on_reversal", "full no_increase"),
        dispute_default=(
            None if dispute_default is None else toml_word(dispute_default, "dispute_default", "stands credit")
        ),
        holdback=read_holdback(top["holdback"]) if "holdback" in top else None,
        totals=read_totals(top, "totals", currency),
        overrides=[check_override(table) for table in toml_list(top.get("override", []), "override")],
        renews=read_renewal(top["renews"], ends) if "renews" in top else False,
        trial_end=read_trial_end(top, starts),
        trial_charges=[toml_string(name, "trial_charges") for name in toml_list(top.get("trial_charges", []), "trial_charges")],
        phases=read_phases(top.get("phase", []), currency, starts, None if "renews" in top else ends),
    )


def read_renewal(value, ends: date | None) -> bool:
    own = keys_of(value, "renews", "for notice")
    term = re.match(r"([0-9]{1,9}) (month|months|year|years)\Z", toml_string(own["for"], "for"))
    if term is None or not 1 <= int(term[1]) * (12 if term[2].startswith("year") else 1) <= 120:
        raise Malformed("renews.for is no number of months or years, at most ten years")
    if parse_span(toml_string(own["notice"], "notice")).unit != "d":
        raise Malformed("renews.notice is no number of days")
    if ends is None:
        raise Malformed("a contract without `ends` does not renew")
    return True


def read_trial_end(top: dict, starts: date) -> date | None:
    if "trial_days" not in top:
        if "trial_charges" in top:
            raise Malformed("trial_charges without trial_days")
        return None
    days = read_count(top["trial_days"], "trial_days")
    if days > 366:
        raise Malformed("trial_days is above 366")
    return starts + timedelta(days=days)


def read_phases(value, currency: str, starts: date, last: date | None) -> list[Phase]:
    phases = []
    for table in toml_list(value, "phase"):
        own = keys_of(table, "phase", "from", "free totals override discount")
        since = read_date(own["from"], "from")
        if since <= starts or (last is not None and since > last) or (phases and since <= phases[-1].since):
            raise Malformed("a phase begins after the first day, in the term, and after the phase before it")
        free = own.get("free", False)
        if isinstance(free, list):
            free = Free(tuple(toml_string(name, "free") for name in free))
        else:
            free = Free(all_but=toml_bool(free, "free"))
        totals = own.get("totals", {})
        if isinstance(totals, dict) and "every" in totals:
            raise Malformed("a phase does not change the period of the totals")
        overrides = [check_override(table) for table in toml_list(own.get("override", []), "override")]
        if any("every" in table for table in overrides):
            raise Malformed("a phase does not change a rating period")
        phases.append(Phase(since, free, read_totals(own, "totals", currency), overrides))
    return phases


def read_holdback(value) -> Holdback:
    table = keys_of(value, "holdback", "percent", "release_after components")
    share = read_percent(table["percent"], "holdback")
    span = parse_span(toml_string(table["release_after"], "holdback")) if "release_after" in table else None
    components = tuple(toml_string(name, "holdback") for name in toml_list(table.get("components", []), "holdback"))
    if share == 0 or span == FOREVER:
        raise Malformed("holdback: nothing is held back, or it is never released")
    return Holdback(share, span, components)


def read_late(value) -> Span | None:
    if isinstance(value, dict):
        return parse_span(toml_string(keys_of(value, "late", "waive_after")["waive_after"], "waive_after"))
    toml_word(value, "late", "bill")
    return None


def check_invoice(table, currency: str) -> None:
    """What accounts payable sees. Nothing is computed with it, but a text that cannot be read is no contract."""
    own = keys_of(table, "invoice", "", "po_number due_days not_to_exceed cost_centre seller buyer")
    if "po_number" in own:
        read_line(own["po_number"], "po_number")
    if "due_days" in own:
        days = toml_decimal(own["due_days"], "due_days")
        if days.denominator != 1 or not 0 <= days <= 365:
            raise Malformed("due_days is no whole number from 0 to 365")
    if "not_to_exceed" in own:
        read_price(own["not_to_exceed"], "not_to_exceed", currency)
    if "cost_centre" in own:
        centres = [
            keys_of(centre, "cost_centre", "name percent") for centre in toml_list(own["cost_centre"], "cost_centre")
        ]
        names = [read_line(centre["name"], "cost_centre.name") for centre in centres]
        if len(set(names)) != len(names):
            raise Malformed("a cost centre is there twice")
        if sum(read_percent(centre["percent"], "percent") for centre in centres) != 1:
            raise Malformed("the cost centres do not come to 100 percent")
    for side in ("seller", "buyer"):
        if side in own:
            party = keys_of(own[side], side, "name", "address attention tax_id")
            for key in ("name", "attention", "tax_id"):
                if key in party:
                    read_line(party[key], key)
            address = toml_list(party.get("address", []), "address")
            if len(address) > 8:
                raise Malformed("an address has more than 8 lines")
            for text in address:
                read_line(text, "address")


def read_line(value, where: str) -> str:
    text = toml_string(value, where)
    if not 1 <= len(text.encode()) <= 200 or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text):
        raise Malformed(f"{where} is no line of 1 to 200 bytes")
    return text


@dataclass(frozen=True)
class WorkBefore:
    unit: str
    work: str
    billed: Fraction | None
    value: Fraction | None  # on which it was billed


@dataclass(frozen=True)
class GrantBefore:
    id: str
    amount: Fraction
    priority: int
    expires: int | None
    surfaces: tuple[str, ...]
    components: tuple[str, ...]


@dataclass(frozen=True)
class CounterBefore:
    """How far a component's first rating period had come elsewhere."""

    quantity: Fraction = Fraction(0)
    included: Fraction = Fraction(0)
    rolled: tuple[tuple[Fraction, int], ...] = ()  # what is left of earlier allowances, and in how many periods
    items: frozenset[str] = frozenset()
    free_events: int = 0
    free_amount: Fraction | None = None
    carried: Fraction | None = None

    def misfit(self, component: "Component", label: str, of_attempts: bool) -> str | None:
        """Why it does not go with a component."""
        kind, counted = component.kind, self.quantity + self.included
        metered, carries = kind == "metered", kind == "aggregate" and component.carry_negative
        if self.items and not (metered and component.aggregate == "unique"):
            return "items are of different ones alone"
        if any(periods > (component.rollover if metered else 0) for _, periods in self.rolled):
            return "an allowance rolls over for as many periods as the component says"
        if self.free_events and not (metered and component.free_events > 0):
            return "no facts are free"
        if self.free_amount is not None and not (metered and component.free_amount is not None):
            return "no money is free"
        if of_attempts and kind != "outcome":
            return "attempts are of an outcome"
        if self.carried is not None and not carries:
            return "nothing is carried on"
        if metered:
            if label or (component.price.form == "percentage" and counted):
                return "no price with tiers"
            if component.aggregate == "unique" and len(self.items) != counted:
                return "it names as many items as it counts"
            return None
        if kind == "indemnity":
            return "no price with tiers" if label else None
        if kind == "outcome" and of_attempts:
            return None if component.attempt is not None and not label and not self.included else "no attempts"
        if kind == "outcome":
            form = {group.label: group.price for group in component.groups}.get(label or "work")
            return "no price with tiers" if form is None or form.form == "percentage" else None
        return None if carries and self.carried is not None and not label and not counted else "it has no counter"


@dataclass
class Opening:
    """What another system counted and billed before a contract began."""

    contract: str
    currency: str
    counters: dict[tuple[str, str, bool], CounterBefore]  # (component, label, whether of attempts)
    stated: list[tuple[str, Fraction, Fraction]]  # component, quantity, amount
    works: list[WorkBefore]
    grants: list[GrantBefore]
    unpaid: list[str] = field(default_factory=list)  # the numbers of what was not paid

    def counted(self, component: str, label: str) -> Fraction | None:
        own = self.counter(component, label)
        return own.quantity if own is not None else None

    def counter(self, component: str, label: str) -> CounterBefore | None:
        own = self.counters.get((component, label, False))
        if own is None and label == "work":
            own = self.counters.get((component, "", False))
        return own

    def attempted(self, component: str) -> Fraction | None:
        own = self.counters.get((component, "", True))
        return own.quantity if own is not None else None

    def included(self, component: str) -> Fraction:
        return sum((own.included for (id_, _, _), own in self.counters.items() if id_ == component), Fraction(0))

    def carried(self, component: str) -> Fraction:
        own = self.counters.get((component, "", False))
        return own.carried if own is not None and own.carried is not None else Fraction(0)

    def check_fits(self, version: "Version") -> None:
        if (self.contract, self.currency) != (version.contract.id, version.contract.currency):
            raise Malformed("the opening is of another contract, or in another currency")
        for (identifier, label, of_attempts), counter in self.counters.items():
            component = version.component(identifier)
            why = "it is not sold" if component is None else counter.misfit(component, label, of_attempts)
            if why is not None:
                raise Malformed(f"the counter of {identifier}: {why}")
        for identifier, _, _ in self.stated:
            component = version.component(identifier)
            if component is None or component.kind not in ("platform", "seats"):
                raise Malformed(f"what was stated of {identifier} is of no fee and no seats")
        for work in self.works:
            if not version.sells(work.unit):
                raise Malformed(f"the work {work.work} is of a unit that the contract does not sell")
            outcomes = [c for c in version.components if c.kind == "outcome" and c.unit == work.unit]
            if work.value is not None and all(group.price.of_units for c in outcomes for group in c.groups):
                raise Malformed(f"the work {work.work} has no price of its value")


OPENING_WORKS_MAX = 1_000
OPENING_ITEMS_MAX = 1_000


def parse_opening(text: str) -> Opening:
    top = keys_of(parse_opening_table(text), "opening", "contract currency system", "counter stated work grant unpaid")
    currency = read_currency(top["currency"], "currency")
    read_line(top["system"], "system")
    opening = Opening(read_id(top["contract"], "contract"), currency, {}, [], [], [])
    for value in toml_list(top.get("counter", []), "counter"):
        own = keys_of(
            value, "counter", "component", "class of quantity included rolled items free_events free_amount carried"
        )
        if own.get("of", "attempts") != "attempts":
            raise Malformed("a counter is of attempts, or says nothing")
        label = toml_string(own.get("class", ""), "class")
        name = (read_id(own["component"], "component"), label, "of" in own)
        if name in opening.counters:
            raise Malformed(f"the counter {name} is there twice")
        opening.counters[name] = read_counter(own, currency)
    for value in toml_list(top.get("stated", []), "stated"):
        own = keys_of(value, "stated", "component amount", "quantity")
        component = read_id(own["component"], "component")
        quantity = read_quantity(own["quantity"], "quantity") if "quantity" in own else Fraction(1)
        if any(known == component for known, _, _ in opening.stated):
            raise Malformed(f"what was stated of {component} is there twice")
        opening.stated.append((component, quantity, read_price(own["amount"], "amount", currency)))
    for value in toml_list(top.get("work", []), "work"):
        own = keys_of(value, "work", "unit work", "billed value")
        billed = read_price(own["billed"], "billed", currency) if "billed" in own else None
        on = read_price(own["value"], "value", currency) if "value" in own else None
        if on is not None and billed is None:
            raise Malformed("`value` is what was billed on")
        work = WorkBefore(read_id(own["unit"], "unit"), read_line(own["work"], "work"), billed, on)
        if any((known.unit, known.work) == (work.unit, work.work) for known in opening.works):
            raise Malformed(f"the work {work.work} is there twice")
        opening.works.append(work)
    for value in toml_list(top.get("grant", []), "grant"):
        opening.grants.append(read_grant_before(value, currency))
    names = [grant.id for grant in opening.grants]
    if len(set(names)) != len(names):
        raise Malformed("a grant is there twice")
    for value in toml_list(top.get("unpaid", []), "unpaid"):
        own = keys_of(value, "unpaid", "number amount", "due")
        if read_line(own["number"], "number") in opening.unpaid:
            raise Malformed(f"the unpaid {own['number']} is there twice")
        opening.unpaid.append(own["number"])
        read_price(own["amount"], "amount", currency)
        if "due" in own:
            read_date(own["due"], "due")
    return opening


def read_counter(own: dict, currency: str) -> CounterBefore:
    quantity = lambda key: read_quantity(own[key], key) if key in own else Fraction(0)  # noqa: E731
    price = lambda key: read_price(own[key], key, currency) if key in own else None  # noqa: E731
    rolled = []
    for value in toml_list(own.get("rolled", []), "rolled"):
        grant = keys_of(value, "rolled", "quantity periods")
        periods = read_count(grant["periods"], "periods")
        if periods > ROLLOVER_MAX:
            raise Malformed("an allowance rolls over for at most 60 periods")
        rolled.append((read_quantity(grant["quantity"], "quantity"), periods))
    items = [toml_string(item, "items") for item in toml_list(own.get("items", []), "items")]
    if len(set(items)) != len(items):
        raise Malformed("an item is there twice")
    free_events = quantity("free_events")
    if free_events.denominator != 1 or free_events >= 2**32:
        raise Malformed("free_events is no whole number")
    return CounterBefore(
        quantity("quantity"),
        quantity("included"),
        tuple(rolled),
        frozenset(items),
        int(free_events),
        price("free_amount"),
        price("carried"),
    )


def parse_opening_table(text: str) -> dict:
    """As of a plan or contract, but that there may be more works, and more items of a counter."""
    top = parse_small_toml(text)
    works = top.get("work", [])
    if isinstance(works, list) and len(works) > OPENING_WORKS_MAX:
        raise Malformed(f"an opening names more than {OPENING_WORKS_MAX} works")
    counters = top.get("counter", [])
    for counter in counters if isinstance(counters, list) else []:
        items = counter.get("items", []) if isinstance(counter, dict) else []
        if isinstance(items, list) and len(items) > OPENING_ITEMS_MAX:
            raise Malformed(f"a counter names more than {OPENING_ITEMS_MAX} items")
    if isinstance(counters, list):
        without = lambda own: {k: v for k, v in own.items() if k != "items"}  # noqa: E731
        check_table_sizes([without(own) if isinstance(own, dict) else own for own in counters])
    check_table_sizes({key: value for key, value in top.items() if key not in ("work", "counter")})
    for work in works if isinstance(works, list) else []:
        check_table_sizes(work)
    return top


def read_grant_before(value, currency: str) -> GrantBefore:
    own = keys_of(value, "grant", "grant amount", "paid priority expires surfaces components")
    amount = read_price(own["amount"], "amount", currency)
    if "paid" in own:
        read_price(own["paid"], "paid", currency)
    priority = toml_decimal(own.get("priority", "0"), "priority")
    if amount == 0 or priority.denominator != 1 or not 0 <= priority < 2**32:
        raise Malformed("a grant gives something, and its priority is a whole number")
    names = lambda key: tuple(toml_string(name, key) for name in toml_list(own.get(key, []), key))  # noqa: E731
    surfaces, components = names("surfaces"), names("components")
    if surfaces and components:
        raise Malformed("a grant is for surfaces or for components")
    expires = parse_instant(toml_string(own["expires"], "expires")) if "expires" in own else None
    return GrantBefore(read_id(own["grant"], "grant"), amount, int(priority), expires, surfaces, components)


def check_override(table) -> dict:
    if not isinstance(table, dict):
        raise Malformed("an override is a table")
    read_id(table.get("component"), "override.component")
    for key in ("id", "kind", "unit", "meter", "modifies"):
        if key in table:
            raise Malformed(f"an override cannot change {key}")
    return table


@dataclass
class Version:
    """The terms of one version of an agreement: a contract over its plan."""

    number: int
    since: int
    contract: Contract
    components: list[Component]
    totals: Totals
    definitions: dict[str, Definition]
    free: Free = Free()
    precedence: tuple[str, ...] = ()

    @property
    def zone(self):
        return self.contract.zone

    def component(self, identifier: str):
        return next((component for component in self.components if component.id == identifier), None)

    def digest_of(self, definition: str) -> str:
        """The digest of the definition of this id: both are in the order of the contract."""
        return self.contract.definitions[list(self.definitions).index(definition)]

    def sells(self, unit: str) -> bool:
        return any(component.kind == "outcome" and component.unit == unit for component in self.components)


def contract_over_plan(contract: Contract, plan: Plan, definitions: dict[str, Definition]) -> list[Version]:
    """The steps of the document, in order; `since` of each is its first day. `definitions` are the published ones
    by digest. `Malformed` where the contract does not fit."""
    if plan.currency != contract.currency:
        raise Malformed("the contract has another currency than its plan")
    pinned = pin_definitions(contract, definitions)
    # An override of the contract starts from the plan; one of a phase from what the contract made of it.
    own = put_overrides(plan, plan.components, contract.overrides)
    totals = over_totals(contract.totals, plan.totals)
    terms = [(contract.starts, own, totals, Free())]
    for phase in contract.phases:
        changed = put_overrides(plan, own, phase.overrides)
        terms.append((phase.since, changed, over_totals(phase.totals, totals), phase.free))
    for _, _, step_totals, _ in terms:
        check_scopes(step_totals, plan.components)
        if not keeps_the_minimum(step_totals, totals):
            raise Malformed("a phase changes what the minimum is counted over, or when it is billed")
    known = {component.id for component in plan.components}
    named = {*contract.trial_charges, *(name for phase in contract.phases for name in phase.free.names)}
    if not named <= known:
        raise Malformed("trial_charges or free name a component that the plan does not have")
    for name in contract.holdback.components if contract.holdback else ():
        if not any(c.id == name and SURFACES[c.kind] == "outcome" for c in own):
            raise Malformed(f"nothing is held back of component {name}")
    for component in own:
        if component.kind == "outcome" and component.unit not in pinned:
            raise Malformed(f"the contract has no definition of unit {component.unit}")
    days = {day for day, _, _, _ in terms} | ({contract.trial_end} if contract.trial_end else set())
    steps = []
    for day in sorted(days):
        _, components, totals, free = [step for step in terms if step[0] <= day][-1]
        if contract.trial_end is not None and day < contract.trial_end:
            free = Free(tuple(contract.trial_charges), all_but=True)
        if contract.retier is not None:
            components = [replace(c, retier=contract.retier) if c.kind == "outcome" else c for c in components]
        steps.append(Version(0, day, contract, components, totals, pinned, free, plan.precedence))
    return steps


def put_overrides(plan: Plan, components: list, overrides: list[dict]) -> list[Component]:
    changed = list(components)
    for override in overrides:
        place = next((i for i, c in enumerate(components) if c.id == override["component"]), None)
        if place is None:
            raise Malformed(f"an override names component {override['component']}, which the plan does not have")
        changed[place] = overridden(components[place], override, plan.currency)
    check_components_fit(changed, plan.meters)
    check_precedence(plan.precedence, changed)
    return changed


def over_totals(own: Totals, base: Totals) -> Totals:
    def given(name):
        return getattr(own, name) if getattr(own, name) is not None else getattr(base, name)

    names = ("discount_percent", "discount_amount", "entries", "cap", "minimum")
    return Totals(own.every or base.every or "month", *(given(name) for name in names))


def keeps_the_minimum(own: Totals, other: Totals) -> bool:
    """Whether both minimums, where both have one, are for as many periods, and billed at the same time."""
    if own.minimum is None or other.minimum is None:
        return True
    return (own.minimum.periods, own.minimum.bill) == (other.minimum.periods, other.minimum.bill)


def overridden(component: Component, override: dict, currency: str) -> Component:
    table = {key: value for key, value in component.raw.items() if key not in override}
    if "price" in override:
        table.pop("class", None)
    if "class" in override:
        table.pop("price", None)
    table |= {key: value for key, value in override.items() if key != "component"}
    return read_component(table, currency)


def pin_definitions(contract: Contract, definitions: dict[str, Definition]) -> dict[str, Definition]:
    pinned = {}
    for digest in contract.definitions:
        definition = definitions.get(digest)
        if definition is None or definition.id in pinned:
            raise Malformed(f"definition {digest} is not published, or another of its id is named too")
        if contract.dispute_default is not None:
            default = "credited" if contract.dispute_default == "credit" else "stands"
            definition = replace(definition, dispute_default=default)
        pinned[definition.id] = definition
    return pinned


# ------------------------------------------------------------------------------------------------------
# B11. Periods (recompute/periods.md)
# ------------------------------------------------------------------------------------------------------

PERIODS_MAX = 2_400


@dataclass(frozen=True, order=True)
class Boundary:
    at: int
    day: date


def boundary_at(zone, day: date) -> Boundary:
    return Boundary(day_start(zone, day), day)


def boundary_from(zone, instant: int) -> Boundary:
    """A begun day belongs to what came before."""
    day = local_date(zone, instant)
    return Boundary(instant, day if day_start(zone, day) == instant else day + timedelta(days=1))


@dataclass(frozen=True)
class Period:
    start: Boundary
    end: Boundary
    whole: int  # days of the whole period that this is, or is a part of
    zone: object = field(compare=False)
    tail: bool = False

    @property
    def days(self) -> int:
        return (self.end.day - self.start.day).days

    def holds(self, instant: int) -> bool:
        return self.start.at <= instant < self.end.at

    def day_start(self, k: int) -> int:
        if k <= 0:
            return self.start.at
        midnight = day_start(self.zone, self.start.day + timedelta(days=k))
        return min(max(midnight, self.start.at), self.end.at)

    def first_day_from(self, instant: int) -> int:
        if instant <= self.start.at:
            return 0
        if instant >= self.end.at:
            return self.days
        days = (boundary_from(self.zone, instant).day - self.start.day).days
        return min(max(days, 0), self.days)


def anchor_date(month: int, day: int) -> date:
    """In month `month` (12 * year + month - 1) the day, or the last day where the month is shorter."""
    year, index = divmod(month, 12)
    following = date(year + (index == 11), (index + 1) % 12 + 1, 1)
    return date(year, index + 1, min(day, (following - timedelta(days=1)).day))


def month_of(day: date) -> int:
    return 12 * day.year + day.month - 1


def cut_periods(agreement, until: int, every: str | None) -> list[Period]:
    """The periods of an agreement that start not after `until`; with `every` None those of its billing."""
    periods = []
    start = agreement.start
    first_day = agreement.start.day
    while start.at <= until and len(periods) < PERIODS_MAX:
        rule = agreement.versions[0]
        for version in agreement.versions:
            if local_date(version.zone, version.since) <= start.day:
                rule = version
        day = rule.contract.anchor_day
        months = EVERY_MONTHS[every or rule.contract.billing]
        phase = month_of(first_day)
        if anchor_date(phase, day) < first_day:
            phase += 1
        i = month_of(start.day)
        while anchor_date(i, day) <= start.day or (i - phase) % months:
            i += 1
        end = boundary_at(rule.zone, anchor_date(i, day))
        if end.at <= start.at:
            break
        whole = (anchor_date(i, day) - anchor_date(i - months, day)).days
        tail = False
        if agreement.end is not None:
            if agreement.end.at <= start.at:
                tail = True
            elif agreement.end.at < end.at:
                end = agreement.end
        periods.append(Period(start, end, whole, rule.zone, tail))
        start = end
    return periods


# ------------------------------------------------------------------------------------------------------
# B12. The fold of control entries (recompute/plans-and-contracts.md; recompute/statement.md, "The entries
#      that issue a statement")
# ------------------------------------------------------------------------------------------------------


@dataclass
class Statement:
    """A statement that was issued, with the cells that it states."""

    contract: str
    cut: int
    revision: int
    number: str
    coverage: int
    body: str
    cells: list  # as stated, JSON values
    entry: int
    voided: bool = False
    credited: bool = False


COVER_PARTS_MAX = 100


@dataclass
class Choice:
    """What a customer is sent one document to pay for, from a day on."""

    entry: int
    per: str
    since: date


@dataclass
class Cover:
    """One document to pay for several statements."""

    number: str
    through: date
    parts: list  # of the entry, JSON values
    total: dict
    payable: dict
    entry: int
    voided: bool = False

    def binds(self, number: str) -> bool:
        return any(part["statement"] == number for part in self.parts)


@dataclass
class Credit:
    source: str
    id: str
    time: int
    amount: Fraction
    reason: str


@dataclass
class Decision:
    """What of a statement is not to be paid: its cells, with what it charged of each."""

    source: str
    id: str
    time: int
    reason: str
    statement: str
    charged: list  # (key, amount)


class Agreement:
    """A contract in all its versions, what ended it, its credits and its statements."""

    def __init__(self, identifier: str, steps: list[Version]):
        self.id = identifier
        self.start = boundary_at(steps[0].zone, steps[0].contract.starts)
        self.versions: list[Version] = []
        self.numbers = 0
        self.amend(steps, self.start.at)
        self.ended = None  # the earliest `effective` of the end entries
        self.credits: list[Credit] = []
        self.decisions: list[Decision] = []
        self.statements: list[Statement] = []
        self.opening: Opening | None = None

    def stated_before(self) -> list[tuple]:
        """(key, quantity, amount) of what the opening says was billed (cells.md, "Opening")."""
        if self.opening is None:
            return []
        version = self.versions[0]
        key = lambda component, part: (self.id, component, self.start.at, version.number, part)  # noqa: E731
        stated = []
        for component, quantity, amount in self.opening.stated:
            own = version.component(component)
            part = (SEATS, 0) if own is not None and own.kind == "seats" else (FEE,)
            stated.append((key(component, part), quantity, amount))
        return stated

    @property
    def end(self) -> Boundary | None:
        last = self.versions[-1]
        ends = []
        if last.contract.ends is not None and not last.contract.renews:
            ends.append(boundary_at(last.zone, last.contract.ends + timedelta(days=1)))
        if self.ended is not None:
            ends.append(boundary_from(last.zone, self.ended))
        return max(min(ends), self.start) if ends else None

    @property
    def standing(self) -> list[Statement]:
        return [statement for statement in self.statements if not statement.voided]

    @property
    def last_cut(self) -> int | None:
        return max((statement.cut for statement in self.standing), default=None)

    def begun_before(self, unit: Unit) -> int | None:
        """The place in the opening's list of a work that began before the contract."""
        if self.opening is None or unit.opened >= self.start.at:
            return None
        works = enumerate(self.opening.works)
        named = lambda own: own.work in unit.works or unit.scope == (own.work,)  # noqa: E731
        return next((place for place, own in works if own.unit == unit.id and named(own)), None)

    def holds(self, instant: int) -> bool:
        end = self.end
        return self.start.at <= instant and (end is None or instant < end.at)

    def in_force(self, instant: int) -> Version | None:
        """The version in force at an instant of the term."""
        if not self.holds(instant):
            return None
        return next((version for version in reversed(self.versions) if version.since <= instant), None)

    def amend(self, steps: list[Version], effective: int) -> None:
        """Puts the steps of a document in force: the one of then, and each later one from its own day."""
        effective = max(effective, self.start.at)
        self.versions = [earlier for earlier in self.versions if earlier.since < effective]
        begins = [boundary_at(step.zone, step.since).at for step in steps]
        first = max((place for place, at in enumerate(begins) if at <= effective), default=0)
        for place in range(first, len(steps)):
            self.numbers += 1
            step = replace(steps[place], number=self.numbers, since=max(begins[place], effective))
            self.versions.append(step)

    def prices_attempts(self, unit: str) -> bool:
        components = [component for version in self.versions for component in version.components]
        return any(c.kind == "outcome" and c.unit == unit and c.attempt is not None for c in components)

    def first_with(self, component: str):
        """The component in the first version that has it."""
        for version in self.versions:
            found = version.component(component)
            if found is not None:
                return found
        return None

    def component_ids(self) -> list[str]:
        """Components of all versions, in the order of first appearance."""
        return list(dict.fromkeys(c.id for version in self.versions for c in version.components))


class Account:
    """What the control entries of a log make: documents and agreements. `flagged` are the entries that changed
    nothing, with why."""

    def __init__(self, customer: str, facts: list[Fact]):
        self.customer = customer
        self.definitions: dict[str, Definition] = {}
        self.plans: dict[str, Plan] = {}
        self.contracts: dict[str, Contract] = {}
        self.openings: dict[str, Opening] = {}
        self.agreements: dict[str, Agreement] = {}
        self.flagged: list[tuple[int, str]] = []
        self.attempts = {}
        self.grants: dict[str, Grant] = {}  # in the order of the log
        self.rated: list[Published] = []  # documents whose numbers enter rating
        self.choices: list[Choice] = []
        self.covers: list[Cover] = []
        self.money: list[tuple[str, str | None, set]] = []  # id, payment that it moves, statements that it names
        self.money_voided: set[str] = set()  # ids of what was voided
        acts = {
            "document.published": self.published,
            "contract.signed": self.signed,
            "contract.amended": self.amended,
            "contract.ended": self.ended,
            "contract.opened": self.opened,
            "statement.stated": self.stated,
            "statement.issued": self.issued,
            "statement.voided": self.voided,
            "payment.recorded": self.payment,
            "payment.allocated": self.allocated,
            "payment.voided": self.payment_voided,
            "payment.refunded": self.refunded,
            "balance.written_off": self.written_off,
            "cover.chosen": self.cover_chosen,
            "cover.issued": self.cover_issued,
            "cover.voided": self.cover_voided,
            "credit.issued": self.credit,
            "credit.granted": self.granted,
            "credit.amended": self.grant_amended,
            "credit.voided": self.grant_voided,
            "statement.credited": self.credited,
        }
        for fact in facts:
            if fact.kind in acts:
                try:
                    acts[fact.kind](fact, fact.data)
                except Malformed as why:
                    self.flagged.append((fact.entry, str(why)))

    def published(self, fact: Fact, data: dict) -> None:
        if "audience" in data:
            return  # the seller's own: passed over in this log
        text = data["text"]
        digest = hashlib.sha256(text.encode()).hexdigest()
        if data["kind"] == "definition":
            self.definitions[digest] = parse_definition(text)
        elif data["kind"] == "plan":
            self.plans[digest] = parse_plan(text)
        elif data["kind"] == "contract":
            self.contracts[digest] = parse_contract(text)
        elif data["kind"] == "opening":
            self.openings[digest] = parse_opening(text)
        elif data["kind"] in RATED_KINDS:
            document = parse_published(data["kind"], text, (fact.time, fact.source, fact.id))
            if len(self.rated) >= RATED_DOCUMENTS_MAX or self.restates(document):
                raise Malformed("the document changes what was stated, or there are too many")
            self.rated.append(document)

    def restates(self, document: Published) -> bool:
        """D12: whether a document changes what was stated, and nobody approved it."""
        if document.reprice:
            return False
        looking = [
            agreement.last_cut
            for agreement in self.agreements.values()
            if any(
                component.looks_at(document.kind) == document.subject
                for version in agreement.versions
                for component in version.components
            )
        ]
        cut = max((last for last in looking if last is not None), default=None)
        if cut is None:
            return False
        earlier = [own for own in self.rated if (own.kind, own.subject) == (document.kind, document.subject)]
        if document.kind == "measure":
            period = (document.since, document.until)
            return document.until <= cut and any((own.since, own.until) == period for own in earlier)
        behind = document.since < cut
        return behind and (document.kind == "calibration" or any(own.overlaps(document) for own in earlier))

    def last_published(self, kind: str, subject: str, counts) -> Published | None:
        """Of the documents of a subject for which `counts` holds, the one that was published last."""
        own = [own for own in self.rated if (own.kind, own.subject) == (kind, subject) and counts(own)]
        return max(own, key=lambda own: own.entry, default=None)

    def calibration(self, subject: str, at: int) -> Published | None:
        return self.last_published("calibration", subject, lambda own: own.holds(at))

    def measure_of(self, subject: str, period: Period) -> Published | None:
        span = (period.start.at, period.end.at)
        return self.last_published("measure", subject, lambda own: (own.since, own.until) == span)

    def baseline_of(self, subject: str, period: Period) -> Published | None:
        def covers(own):
            return own.since <= period.start.at and (own.until is None or own.until >= period.end.at)

        return self.last_published("baseline", subject, covers)

    def steps_of(self, data: dict) -> list[Version]:
        contract = self.contracts.get(data["digest"])
        if contract is None or contract.id != data["contract"] or contract.customer != self.customer:
            raise Malformed("the contract document is not known, or is another contract's or customer's")
        plan = self.plans.get(contract.plan)
        if plan is None:
            raise Malformed("the plan is not published")
        return contract_over_plan(contract, plan, self.definitions)

    def agreement(self, identifier: str) -> Agreement:
        if identifier not in self.agreements:
            raise Malformed(f"contract {identifier} is not signed")
        return self.agreements[identifier]

    def signed(self, fact: Fact, data: dict) -> None:
        if data["contract"] in self.agreements:
            raise Malformed(f"contract {data['contract']} is signed already")
        self.agreements[data["contract"]] = Agreement(data["contract"], self.steps_of(data))

    def amended(self, fact: Fact, data: dict) -> None:
        agreement = self.agreement(data["contract"])
        steps = self.steps_of(data)
        version = steps[0]
        effective = parse_instant(data["effective"])
        last_cut = agreement.last_cut
        if last_cut is not None and effective < last_cut and "reprice" not in data:
            raise Malformed("the amendment reaches behind the last stated cut")
        latest = agreement.versions[-1].contract
        if (version.contract.currency, version.contract.starts) != (latest.currency, latest.starts):
            raise Malformed("an amendment changes neither currency nor starts")
        if version.totals.every != agreement.versions[0].totals.every:
            raise Malformed("an amendment does not change the period of the totals")
        counted = next((v.totals for v in agreement.versions if v.totals.minimum is not None), Totals())
        if not all(keeps_the_minimum(step.totals, counted) for step in steps):
            raise Malformed("an amendment changes what the minimum is counted over, or when it is billed")
        for component in (component for step in steps for component in step.components):
            first = agreement.first_with(component.id)
            fixed = (component.kind, component.every, component.aggregate)
            if first is not None and (first.kind, first.every, first.aggregate) != fixed:
                raise Malformed(f"an amendment changes kind, period or aggregate of {component.id}")
        agreement.amend(steps, effective)

    def ended(self, fact: Fact, data: dict) -> None:
        agreement = self.agreement(data["contract"])
        effective = parse_instant(data["effective"])
        agreement.ended = effective if agreement.ended is None else min(agreement.ended, effective)

    def opened(self, fact: Fact, data: dict) -> None:
        opening = self.openings.get(data["digest"])
        if opening is None:
            raise Malformed("the opening is not published")
        agreement = self.agreement(data["contract"])
        if agreement.statements or agreement.opening is not None:
            raise Malformed(f"contract {agreement.id} has a statement or an opening already")
        opening.check_fits(agreement.versions[0])
        for number in opening.unpaid:
            names = {self.customer, agreement.versions[0].contract.series or self.customer}
            ours = any(re.fullmatch(rf"{re.escape(name)}-[A-Z]?[0-9]+", number) for name in names)
            if ours or self.owed_before(number) is not None:
                raise Malformed(f"the unpaid {number} is a number of this book, or could be")
        grants = [
            Grant(
                own.id,
                agreement.id,
                own.amount,
                opening.currency,
                own.priority,
                agreement.start.at,
                own.expires,
                own.surfaces,
                own.components,
                30,
                (fact.time, fact.source, f"{fact.id}/{own.id}"),
            )
            for own in opening.grants
        ]
        if len(self.grants) + len(grants) > GRANTS_MAX:
            raise Malformed("there are too many grants")
        for grant in grants:
            self.check_grant(grant)
        self.grants |= {grant.id: grant for grant in grants}
        agreement.opening = opening

    def attempt(self, data: dict) -> tuple[Agreement, int, int]:
        agreement = self.agreement(data["contract"])
        cut, revision = parse_instant(data["cut"]), parse_index(data["revision"])
        if any((known.cut, known.revision) == (cut, revision) for known in agreement.statements):
            raise Malformed("this statement was issued before")
        return agreement, cut, revision

    def stated(self, fact: Fact, data: dict) -> None:
        agreement, cut, revision = self.attempt(data)
        parts = self.attempts.setdefault((agreement.id, cut, revision, data["cells_digest"]), [])
        if parse_index(data["part"]) != len(parts) + 1:
            raise Malformed("a part of a statement is out of order")
        parts.append(data["cells"])

    def issued(self, fact: Fact, data: dict) -> None:
        agreement, cut, revision = self.attempt(data)
        parts = self.attempts.pop((agreement.id, cut, revision, data["cells_digest"]), [])
        cells = [cell for part in parts for cell in part]
        if len(parts) != parse_index(data["parts"]):
            raise Malformed("parts of the statement are missing")
        if hashlib.sha256(canonical_json(cells)).hexdigest() != data["cells_digest"]:
            raise Malformed("the cells of the statement have another digest")
        agreement.statements.append(
            Statement(
                agreement.id,
                cut,
                revision,
                data["number"],
                parse_index(data["coverage"]),
                data["body"],
                cells,
                fact.entry,
            )
        )

    def numbered(self, number: str) -> Statement:
        """The first statement of that number, by contract id and then in order of the log."""
        for identifier in sorted(self.agreements):
            for statement in self.agreements[identifier].statements:
                if statement.number == number:
                    return statement
        raise Malformed(f"no statement has the number {number}")

    def voided(self, fact: Fact, data: dict) -> None:
        statement = self.numbered(data["number"])
        if self.is_paid_on(data["number"]) or statement.voided or statement.credited:
            raise Malformed(f"statement {data['number']} is paid, voided or credited")
        if any(lot.left < 0 for lot in lots_of(self, without=statement)):
            raise Malformed(f"credits that statement {data['number']} restored were drawn since")
        statement.voided = True

    # Covers (recompute/statement.md, "Covers")

    def cover_chosen(self, fact: Fact, data: dict) -> None:
        self.choices.append(Choice(fact.entry, data["per"], date.fromisoformat(data["from"])))

    def day_of(self, statement: Statement) -> date:
        """The last day of what a statement is about."""
        agreement = self.agreements[statement.contract]
        version = agreement.in_force(statement.cut - 1) or agreement.versions[-1]
        return local_date(version.zone, statement.cut - 1)

    def is_covered_on(self, day: date, statement: Statement) -> bool:
        """Whether the choice for a statement of that day is to pay it with others."""
        known = [own for own in self.choices if own.entry < statement.coverage and own.since <= day]
        choice = max(known, key=lambda own: (own.since, own.entry), default=None)
        return choice is not None and choice.per == "customer"

    def waiting(self, through: date, currency: str) -> list[Statement]:
        """The statements that a cover of a day and a currency binds now."""
        found = []
        # Statements under standing covers, and those of a number that came before, do not wait.
        passed = {part["statement"] for cover in self.covers if not cover.voided for part in cover.parts}
        for identifier in sorted(self.agreements):
            agreement = self.agreements[identifier]
            is_in_it = agreement.versions[-1].contract.currency == currency
            for statement in agreement.statements:
                if statement.number in passed:
                    continue
                passed.add(statement.number)
                if is_in_it and not statement.voided and self.day_of(statement) == through:
                    found += [statement] if self.is_covered_on(through, statement) else []
        return found[:COVER_PARTS_MAX]

    def cover_issued(self, fact: Fact, data: dict) -> None:
        through, currency = date.fromisoformat(data["through"]), data["total"]["currency"]
        number = f"{self.customer}-A{len(self.covers) + 1:04}"
        if data["number"] != number:
            raise Malformed(f"the next cover is {number}, not {data['number']}")
        waiting = self.waiting(through, currency)
        if not waiting or [part["statement"] for part in data["parts"]] != [own.number for own in waiting]:
            raise Malformed(f"{', '.join(own.number for own in waiting) or 'nothing'} waits for a cover")
        totals, payables = Fraction(0), Fraction(0)
        for part, statement in zip(data["parts"], waiting):
            total, payable = comes_to(statement, currency)
            if (part["body"], parse_amount(part["total"])[0], parse_amount(part["payable"])[0]) != (
                statement.body,
                total,
                payable,
            ):
                raise Malformed(f"statement {statement.number} says something else than the cover {number}")
            totals, payables = totals + total, payables + payable
        if (parse_amount(data["total"])[0], parse_amount(data["payable"])[0]) != (totals, payables):
            raise Malformed(f"the statements do not add up to the cover {number}")
        self.covers.append(Cover(number, through, data["parts"], data["total"], data["payable"], fact.entry))

    def cover_voided(self, fact: Fact, data: dict) -> None:
        cover = next((own for own in self.covers if own.number == data["number"]), None)
        if cover is None or cover.voided or any(self.is_paid_on(part["statement"]) for part in cover.parts):
            raise Malformed(f"the cover {data['number']} is not there, voided, or paid")
        cover.voided = True

    # Money (recompute/statement.md, "Money that keeps a statement from being voided")

    def is_paid_on(self, number: str) -> bool:
        """Whether an entry about money that stands names the statement."""
        return any(
            number in named and identifier not in self.money_voided and payment not in self.money_voided
            for identifier, payment, named in self.money
        )

    def names(self, fact: Fact, payment: str | None, parts: list) -> None:
        """Takes an entry that is for statements, each with an amount."""
        for number, amount in parts:
            known = any(own.number == number for each in self.agreements.values() for own in each.statements)
            before = None if known else self.owed_before(number)
            statement = self.numbered(number) if before is None else None
            agreement = before or self.agreements[statement.contract]
            currency = agreement.versions[-1].contract.currency
            if (statement is not None and statement.voided) or parse_amount(amount)[1] != currency:
                raise Malformed(f"statement {number} is voided, or in another currency than what is for it")
        self.money.append((fact.id, payment, {number for number, _ in parts}))

    def owed_before(self, number: str) -> Agreement | None:
        """The agreement whose opening says that a document of that number is unpaid."""
        openings = ((own, own.opening) for own in self.agreements.values() if own.opening is not None)
        return next((own for own, opening in openings if number in opening.unpaid), None)

    def on_account(self, amount: dict) -> None:
        currency = parse_amount(amount)[1]
        if all(own.versions[-1].contract.currency != currency for own in self.agreements.values()):
            raise Malformed(f"no contract is in {currency}")

    def payment(self, fact: Fact, data: dict) -> None:
        parts = [(part["statement"], part["amount"]) for part in data.get("allocations", [])]
        if "statement" in data:
            parts.append((data["statement"], data["amount"]))
        if not parts:
            self.on_account(data["amount"])
        self.names(fact, None, parts)

    def allocated(self, fact: Fact, data: dict) -> None:
        parts = [(part["statement"], part["amount"]) for part in data["allocations"]]
        self.names(fact, data.get("payment"), parts)

    def refunded(self, fact: Fact, data: dict) -> None:
        self.on_account(data["amount"])

    def written_off(self, fact: Fact, data: dict) -> None:
        if "statement" in data:
            self.names(fact, None, [(data["statement"], data["amount"])])
        else:
            self.on_account(data["amount"])

    def payment_voided(self, fact: Fact, data: dict) -> None:
        self.money_voided.add(data["entry"])

    def credit(self, fact: Fact, data: dict) -> None:
        agreement = self.agreement(data["contract"])
        amount, currency = parse_amount(data["amount"])
        if currency != agreement.versions[-1].contract.currency:
            raise Malformed("the credit is in another currency than the contract")
        agreement.credits.append(Credit(fact.source, fact.id, fact.time, amount, data["reason"]))

    def credited(self, fact: Fact, data: dict) -> None:
        statement = self.numbered(data["number"])
        if statement.voided:
            raise Malformed(f"statement {data['number']} is voided and charges nothing")
        charged = []
        for cell in statement.cells:
            key, _, amount, reason = parse_stated_cell(cell)
            if reason is not None or "credit" in cell or amount == 0 or key[4][0] in (HOLDBACK, RELEASE, CREDITED, OPENED):
                continue
            if "line" not in data or print_key(group_of(key)) == data["line"]:
                charged.append((key, amount))
        if not charged:
            raise Malformed(f"statement {data['number']} charges nothing that is to be credited")
        statement.credited = True
        decision = Decision(fact.source, fact.id, fact.time, data["reason"], data["number"], charged)
        self.agreement(statement.contract).decisions.append(decision)


    # Prepaid credits (recompute/credits.md, "Grants")

    def paid_by(self, grant: Grant) -> list[Agreement]:
        """The agreements that a grant is for."""
        return [
            agreement
            for agreement in self.agreements.values()
            if grant.contract in (None, agreement.id)
            and agreement.versions[-1].contract.currency == grant.currency
        ]

    def granted(self, fact: Fact, data: dict) -> None:
        amount, currency = parse_amount(data["amount"])
        grant = Grant(
            data["grant"],
            data.get("contract"),
            amount,
            currency,
            parse_index(data.get("priority", "0")),
            parse_instant(data["starts"]) if "starts" in data else fact.time,
            parse_instant(data["expires"]) if "expires" in data else None,
            tuple(data.get("surfaces", ())),
            tuple(data.get("components", ())),
            parse_index(data.get("restore_days", "30")),
            (fact.time, fact.source, fact.id),
        )
        if len(self.grants) >= GRANTS_MAX:
            raise Malformed("there are too many grants")
        self.check_grant(grant)
        self.grants[grant.id] = grant

    def check_grant(self, grant: Grant) -> None:
        if grant.id in self.grants:
            raise Malformed(f"grant {grant.id} is there already")
        if grant.contract is not None:
            self.agreement(grant.contract)
        if not self.paid_by(grant):
            raise Malformed(f"grant {grant.id} is in the currency of no contract that it is for")
        if not set(grant.surfaces) <= set(SURFACES.values()):
            raise Malformed(f"grant {grant.id} names what is no surface")
        if grant.expires is not None and grant.expires <= grant.starts:
            raise Malformed(f"grant {grant.id} expires before it starts")

    def known_grant(self, identifier: str) -> Grant:
        grant = self.grants.get(identifier)
        if grant is None or grant.voided:
            raise Malformed(f"grant {identifier} is not there, or voided")
        return grant

    def grant_amended(self, fact: Fact, data: dict) -> None:
        grant = self.known_grant(data["grant"])
        amount, currency = parse_amount(data["amount"]) if "amount" in data else (grant.amount, grant.currency)
        if currency != grant.currency:
            raise Malformed(f"grant {grant.id} is in {grant.currency}")
        expires = grant.expires
        if "expires" in data:
            expires = parse_instant(data["expires"])
            cuts = [agreement.last_cut for agreement in self.paid_by(grant) if agreement.last_cut is not None]
            first = expires if grant.expires is None else min(expires, grant.expires)
            if expires <= grant.starts or (cuts and first <= max(cuts)):
                raise Malformed(f"the expiry of grant {grant.id} is behind what was stated, or its start")
        own = next(lot for lot in lots_of(self) if lot.name == (grant.id, None))
        if amount < own.drawn - own.restored:
            raise Malformed(f"more than that is drawn on grant {grant.id}")
        grant.amount, grant.expires = amount, expires
        grant.priority = parse_index(data["priority"]) if "priority" in data else grant.priority

    def grant_voided(self, fact: Fact, data: dict) -> None:
        grant = self.known_grant(data["grant"])
        if any(name[0] == grant.id for _, name, _ in draws_of(self)):
            raise Malformed(f"statements drew on grant {grant.id}")
        grant.voided = True


def comes_to(statement: Statement, currency: str) -> tuple[Fraction, Fraction]:
    """The total of a statement by its cells, and what of it credits do not pay."""
    if any(cell["amount"]["currency"] != currency for cell in statement.cells):
        raise Malformed(f"statement {statement.number} has cells in another currency than its contract")
    amounts = [(cell, parse_amount(cell["amount"])[0]) for cell in statement.cells]
    total = sum((own for cell, own in amounts if "waived" not in cell and "credit" not in cell), Fraction(0))
    return total, total - sum((own for cell, own in amounts if "credit" in cell), Fraction(0))


# ------------------------------------------------------------------------------------------------------
# B12a. Lots of prepaid credits (recompute/credits.md, "Lots")
# ------------------------------------------------------------------------------------------------------

GRANTS_MAX = 1_000
NANOSECONDS_OF_A_DAY = 24 * 3_600 * 1_000_000_000


@dataclass
class Grant:
    id: str
    contract: str | None
    amount: Fraction
    currency: str
    priority: int
    starts: int
    expires: int | None
    surfaces: tuple[str, ...]
    components: tuple[str, ...]
    restore_days: int
    given: tuple  # time, source, id of the entry
    voided: bool = False

    def covers(self, component: str, surface: str | None) -> bool:
        everything = not self.surfaces and not self.components
        return everything or surface in self.surfaces or component in self.components


@dataclass
class Lot:
    name: tuple  # id of the grant, and the cut that restored it or None
    grant: Grant
    restored: Fraction = Fraction(0)
    drawn: Fraction = Fraction(0)

    @property
    def since(self) -> int:
        return self.grant.starts if self.name[1] is None else self.name[1]

    @property
    def until(self) -> int | None:
        return lot_until(self.grant, self.name)

    @property
    def left(self) -> Fraction:
        amount = self.grant.amount if self.name[1] is None else Fraction(0)
        return amount + self.restored - self.drawn

    @property
    def order(self) -> tuple:
        """Burn order: what never expires after what does, a grant before what was restored to it."""
        until, cut = self.until, self.name[1]
        return (self.grant.priority, until is None, until or 0, self.grant.given, cut is not None, cut or 0)

    def pays_at(self, instant: int) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)

    def closed(self, agreement: Agreement, cut: int) -> bool:
        return self.until is not None and any(self.until <= s.cut <= cut for s in agreement.standing)


def lot_until(grant: Grant, name: tuple) -> int | None:
    return grant.expires if name[1] is None else name[1] + NANOSECONDS_OF_A_DAY * grant.restore_days


def print_lot(name: tuple) -> str:
    return print_name(name[0]) + ("" if name[1] is None else "@" + print_instant(name[1]))


def parse_lot(text: str) -> tuple | None:
    """The name of a lot, or None where it is none."""
    grant, at, cut = text.partition("@")
    try:
        name = (read_name(grant), parse_instant(cut) if at else None)
    except Malformed:
        return None
    return name if print_lot(name) == text else None


def draws_of(account: Account, without: Statement | None = None):
    """(cut, lot, amount) of every draw that stands, of all contracts."""
    for agreement in account.agreements.values():
        for statement in agreement.standing:
            if statement is without:
                continue
            for cell in statement.cells:
                name = parse_lot(cell["credit"]) if "credit" in cell else None
                if name is not None:
                    yield statement.cut, name, parse_amount(cell["amount"])[0]


def lots_of(account: Account, without: Statement | None = None) -> list[Lot]:
    """The lots in burn order."""
    lots = {(grant.id, None): Lot((grant.id, None), grant) for grant in account.grants.values() if not grant.voided}
    for cut, name, amount in draws_of(account, without):
        grant = account.grants.get(name[0])
        if grant is None:
            continue
        if amount < 0:
            until = lot_until(grant, name)
            home = name if until is None or until > cut else (grant.id, cut)
            lots.setdefault(home, Lot(home, grant)).restored -= amount
        else:
            lots.setdefault(name, Lot(name, grant)).drawn += amount
    return sorted(lots.values(), key=lambda lot: lot.order)


# ------------------------------------------------------------------------------------------------------
# B13. Cell keys (recompute/cells.md, "Keys")
# ------------------------------------------------------------------------------------------------------
#
# A key is (contract, component, start, version, part); a part is a tuple that begins with its place in the
# order of the page.

FEE, SEATS, USAGE, CLASS, INCLUDED, BAND, PREMIUM, DISCOUNT, CAP, MINIMUM, GOODWILL = range(11)
HOLDBACK, RELEASE, ATTEMPT, OVERAGE, CREDITED, SERVICE_LEVEL, VALUE, DRAWN, OPENED = range(11, 20)
PART_WORDS = (
    "fee seats usage class included band premium discount cap minimum goodwill holdback release"
    " attempt overage credited service_level value drawn opened"
).split()
TIERED = (SEATS, USAGE, CLASS, PREMIUM, DISCOUNT, ATTEMPT, OVERAGE, OPENED)
NAMES_OF_PART = {CLASS: 1, INCLUDED: 1, BAND: 2, GOODWILL: 2, CREDITED: 3}
NAME_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:+")


def print_name(name: str) -> str:
    return "".join(chr(byte) if byte in NAME_BYTES else f"%{byte:02X}" for byte in name.encode())


def read_name(text: str) -> str:
    raw = re.sub(rb"%([0-9A-F]{2})", lambda form: bytes([int(form[1], 16)]), text.encode())
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise Malformed(f"{text!r} is no name in a cell") from None
    if print_name(name) != text:
        raise Malformed(f"{text!r} is no name in a cell")
    return name


def print_key(key: tuple) -> str:
    contract, component, start, version, part = key
    word = PART_WORDS[part[0]]
    names = part[1 : 1 + NAMES_OF_PART.get(part[0], 0)]
    if names:
        word += ":" + "|".join(map(print_name, names))
    if part[0] in TIERED and part[-1] > 0:
        word += f"#{part[-1] + 1}"
    return f"{print_name(contract)}/{print_name(component)}/{print_instant(start)}/v{version}/{word}"


def parse_key(text) -> tuple:
    """The key that prints as `text`, and nothing else does."""
    fields = text.split("/") if isinstance(text, str) else []
    if len(fields) != 5 or not re.match(r"v[1-9][0-9]{0,8}\Z", fields[3]):
        raise Malformed(f"{text!r} is no cell")
    body, _, tier = fields[4].partition("#")
    word, colon, names = body.partition(":")
    if word not in PART_WORDS or (tier and not re.match(r"[1-9][0-9]{0,8}\Z", tier)):
        raise Malformed(f"{text!r} is no cell")
    place = PART_WORDS.index(word)
    part = (place, *(map(read_name, names.split("|")) if colon else ()))
    if len(part) != 1 + NAMES_OF_PART.get(place, 0):
        raise Malformed(f"{text!r} is no cell")
    if place in TIERED:
        part += (int(tier) - 1 if tier else 0,)
    key = (read_name(fields[0]), read_name(fields[1]), parse_instant(fields[2]), int(fields[3][1:]), part)
    if print_key(key) != text:
        raise Malformed(f"{text!r} is no cell")
    return key


def group_of(key: tuple) -> tuple:
    """The key with its tier set to 0: cells of one price group."""
    part = key[4]
    return key[:4] + (part[:-1] + (0,),) if part[0] in (SEATS, USAGE, CLASS, PREMIUM, ATTEMPT, OVERAGE) else key


def about(key: tuple) -> tuple:
    """Of what a decision credits the key of the cell that is credited; of any other itself."""
    return parse_key(key[4][3]) if key[4][0] == CREDITED else key


def parse_stated_cell(cell) -> tuple:
    """(key, quantity, amount, reason) of a cell that has its members; `Malformed` where the key cannot be read."""
    amount, _ = parse_amount(cell["amount"])
    return (parse_key(cell["cell"]), parse_decimal_canonical(cell["quantity"]), amount, cell.get("waived"))


# ------------------------------------------------------------------------------------------------------
# B14. Rounding, dividing, price forms (recompute/cells.md, "Rounding", "Price forms"; statement.md, "Division")
# ------------------------------------------------------------------------------------------------------


def round_whole(value: Fraction, mode: str) -> int:
    """To a whole number, of the magnitude, the sign kept."""
    magnitude = abs(value)
    down, rest = divmod(magnitude.numerator, magnitude.denominator)
    twice = 2 * rest
    up = {
        "down": False,
        "up": rest > 0,
        "half_up": twice >= magnitude.denominator,
        "half_even": twice > magnitude.denominator or (twice == magnitude.denominator and down % 2 == 1),
    }[mode]
    return (down + up) * (-1 if value < 0 else 1)


def round_places(value: Fraction, places: int, mode: str) -> Fraction:
    return Fraction(round_whole(value * 10**places, mode), 10**places)


def divide_amount(amount: Fraction, weights: list[Fraction], minor: int) -> list[Fraction]:
    """Parts of an amount by weights, which sum to it: largest remainder."""
    if not weights:
        return []
    if all(weight == 0 for weight in weights):
        weights = [Fraction(1)] * len(weights)
    if any(weight < 0 for weight in weights) and any(weight > 0 for weight in weights):
        negative = [-weight if weight < 0 else Fraction(0) for weight in weights]
        positive = [weight if weight > 0 else Fraction(0) for weight in weights]
        lost = round_places(sum(negative), minor, "half_even")
        gained = divide_amount(amount + lost, positive, minor)
        return [a - b for a, b in zip(gained, divide_amount(lost, negative, minor))]
    places = max(minor, decimal_parts(amount)[1])
    steps = abs(amount) * 10**places
    total = abs(sum(weights))
    exact = [steps * abs(weight) / total for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: int(steps) - sum(parts)]:
        parts[i] += 1
    sign = -1 if amount < 0 else 1
    return [Fraction(sign * part, 10**places) for part in parts]


def percentage_fee(form: PriceForm, money: Fraction) -> Fraction:
    fee = money * form.percent + form.fixed
    if form.minimum is not None:
        fee = max(fee, form.minimum)
    if form.maximum is not None:
        fee = min(fee, form.maximum)
    return fee


def cut_inside(form: PriceForm) -> bool:
    """Volume and blocks of the top tier are known only when the rating period is over."""
    return not (form.form == "volume" or (form.form == "blocks" and form.charge == "top_tier"))


def tiers_at(form: PriceForm, x: Fraction) -> list[tuple[Fraction, Fraction]]:
    """(quantity, exact amount) of each tier at a position."""
    if form.form == "per_unit":
        return [(x, form.price * x)]
    if form.form in ("graduated", "graduated_percentage"):
        return graduated_tiers(form, x)
    if form.form == "package":
        return [(x, form.price * round_whole(max(x - form.free, Fraction(0)) / form.size, form.round))]
    if form.form == "percentage":
        return [(x, x)]
    if form.form == "blocks" and form.charge == "all_tiers":
        return block_tiers(form, x)
    return [(x, of_total(form, x, x, True))]


def graduated_tiers(form: PriceForm, x: Fraction) -> list[tuple[Fraction, Fraction]]:
    result = []
    below = Fraction(0)
    for number, tier in enumerate(form.tiers):
        if number > 0 and x <= below:
            break
        quantity = (x if tier.up_to is None else min(x, tier.up_to)) - below
        rate = tier.unit if form.form == "graduated" else tier.percent
        amount = rate * quantity + tier.flat
        result.append((quantity, amount if tier.cap is None else min(amount, tier.cap)))
        below = tier.up_to
    return result


def block_tiers(form: PriceForm, x: Fraction) -> list[tuple[Fraction, Fraction]]:
    result = []
    rest = x
    for number, block in enumerate(form.tiers):
        if number > 0 and rest == 0:
            break
        wanted = round_whole(rest / block.size, "up")
        taken = wanted if block.most is None else min(wanted, block.most)
        quantity = min(rest, taken * block.size)
        result.append((quantity, block.price * taken))
        rest -= quantity
    return result


def of_total(form: PriceForm, own: Fraction, total: Fraction, with_flat: bool) -> Fraction:
    """What `own` costs in the tier that `total` reaches: volume, and blocks of the top tier."""
    if form.form == "volume":
        tier = next(tier for tier in form.tiers if tier.up_to is None or total <= tier.up_to)
        amount = tier.unit * own + (tier.flat if with_flat else 0)
        return amount if tier.cap is None else min(amount, tier.cap)
    rest = total
    for block in form.tiers:
        if block.most is None or round_whole(rest / block.size, "up") <= block.most:
            return block.price * round_whole(own / block.size, "up")
        rest -= block.most * block.size
    raise AssertionError("the last block has no `most`")


def between(form: PriceForm, start: Fraction | None, end: Fraction) -> list[tuple[Fraction, Fraction]]:
    """The tiers at `end` less those at `start`, as many as the longer has; from nothing (None) those at `end`."""
    tiers = tiers_at(form, end)
    before = [] if start is None else tiers_at(form, start)
    nothing = (Fraction(0), Fraction(0))
    tiers += [nothing] * (len(before) - len(tiers))
    before += [nothing] * (len(tiers) - len(before))
    return [(q - q0, a - a0) for (q, a), (q0, a0) in zip(tiers, before)]


# ------------------------------------------------------------------------------------------------------
# B15. Who claims what (recompute/plans-and-contracts.md, "Settling works", "Usage, seats, credits")
# ------------------------------------------------------------------------------------------------------


class Book:
    """A prefix of the customer log, computed: facts, account, and what belongs to which agreement.

    `contents` are (position, event) in order; `resumed` are units taken as they stand from a carry, each with
    its contract (proof-file.md section 9).
    """

    def __init__(self, customer: str, contents: list[tuple[int, Event]], resumed=()):
        self.customer = customer
        self.contents = contents
        self.resumed = resumed
        self.facts = standing_facts(contents)
        inherit_headers(self.facts)
        self.account = Account(customer, self.facts)
        self.arrivals = self.arrival_of_facts()
        self.seats = [fact for fact in self.facts if fact.kind in ("seat.assigned", "seat.released")]
        self.settled: list[tuple[Unit, list[str]]] = []  # every unit, with the contracts that claim it
        self.governing_by_id: dict[str, list[Version]] = {}
        self.units: dict[str, list[Unit]] = {identifier: [] for identifier in self.account.agreements}
        self.usages: dict[str, list[Fact]] = {identifier: [] for identifier in self.account.agreements}
        self.hand_over_units()
        self.hand_over_usage()

    def before(self, coverage: int) -> "Book":
        """The book of the entries below `coverage`."""
        return Book(self.customer, [entry for entry in self.contents if entry[0] < coverage], self.resumed)

    def arrival_of_facts(self) -> dict[tuple, int]:
        """D8: a fact arrived with its entry, or with the correction that made it stand, if that is later."""
        corrections = {fact.corrected_by for fact in self.facts if fact.corrected_by is not None}
        last = {event.identity: at for at, event in self.contents if event.identity in corrections}
        arrivals = {(source, id_): at for _, unit in self.resumed for at, source, id_ in unit.facts}
        for fact in self.facts:
            arrivals[fact.reference] = max(fact.entry, last.get(fact.corrected_by, -1))
        return arrivals

    def hand_over_units(self) -> None:
        agreements = [self.account.agreements[identifier] for identifier in sorted(self.account.agreements)]
        names = {name for agreement in agreements for version in agreement.versions for name in version.definitions}
        for name in sorted(names):
            for unit in self.settle_definition(name, agreements):
                claims = [a for a in agreements if (version := a.in_force(unit.opened)) and version.sells(name)]
                if not claims:  # what began before a contract that names it goes on under its first version
                    claims = [a for a in agreements if a.begun_before(unit) is not None]
                self.settled.append((unit, [agreement.id for agreement in claims]))
                if len(claims) == 1:
                    unit.version = (claims[0].in_force(unit.opened) or claims[0].versions[0]).number
                    self.units[claims[0].id].append(unit)
        for contract, unit in self.resumed:
            self.units[contract].append(unit)
        for units in self.units.values():
            units.sort(key=lambda unit: unit.key)

    @staticmethod
    def governing(name: str, agreements: list[Agreement]) -> list[Version]:
        """The versions whose definition of this id governs, each from its `since`."""
        having = [version for a in agreements for version in a.versions if name in version.definitions]
        if any(version.sells(name) for version in having):
            having = [version for version in having if version.sells(name)]
        return sorted(having, key=lambda version: version.since)

    def works_by_definition(self, contract: str) -> dict[str, list[Unit]]:
        """The units of a contract, by the digest of the definition that governs each."""
        works = defaultdict(list)
        for unit in self.units[contract]:
            works[self.governs(unit).digest_of(unit.id)].append(unit)
        return works

    def governs(self, unit: Unit) -> Version:
        """The version whose definition governs a unit (S12)."""
        if unit.id not in self.governing_by_id:
            agreements = [self.account.agreements[identifier] for identifier in sorted(self.account.agreements)]
            self.governing_by_id[unit.id] = self.governing(unit.id, agreements)
        versions = self.governing_by_id[unit.id]
        place = bisect.bisect_right(versions, unit.opened, key=lambda version: version.since)
        return versions[max(place - 1, 0)]

    def settle_definition(self, name: str, agreements: list[Agreement]):
        governing = self.governing(name, agreements)
        timeline = [(version.since, version.definitions[name]) for version in governing]
        taken = set()
        for version in governing:
            zone, definition = version.zone, version.definitions[name]
            way = (zone.key, definition.key)
            if way in taken:
                continue
            taken.add(way)
            scopes = group_by_scope(definition, self.facts)
            for scope in sorted(scopes):
                facts = sorted(scopes[scope], key=lambda fact: fact.order)
                for unit in settle(timeline, zone, scope, facts):
                    governs = governing[unit.version]
                    if (governs.zone.key, governs.definitions[name].key) == way:
                        yield unit

    def hand_over_usage(self) -> None:
        for fact in self.facts:
            if fact.kind == "usage.recorded":
                claims = [a for a in self.account.agreements.values() if meters(a.in_force(fact.time), fact)]
                if len(claims) == 1:
                    self.usages[claims[0].id].append(fact)
        for usages in self.usages.values():
            usages.sort(key=lambda fact: (fact.time, fact.source, fact.id))


def meters(version: Version | None, usage: Fact) -> list[Component]:
    """The components of a version that price a usage's meter."""
    if version is None:
        return []
    return [c for c in version.components if c.kind == "metered" and c.meter == usage.data["meter"]]


# ------------------------------------------------------------------------------------------------------
# B16. Contributions: what happened, sorted into buckets (recompute/cells.md, "Buckets", "Late facts")
# ------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """A usage as one rating period sees it, where facts are looked at together."""

    at: int
    version: int
    contribution: "Contribution"
    carried: bool = False  # of a gauge that was read in an earlier period


class Contribution:
    """A part of a work's count, or a usage: `quantity` and `weight` in a bucket."""

    __slots__ = ("unit", "count", "usage", "instant", "quantity", "weight", "authorship", "late", "disputed")

    def __init__(self, unit, count, usage, instant, quantity, weight, authorship):
        self.unit = unit
        self.count = count  # place of the count among the unit's movements; None for an attempt
        self.usage = usage
        self.instant = instant
        self.quantity = quantity
        self.weight = weight
        self.authorship = authorship
        self.late = False
        self.disputed = False  # an open dispute keeps its part of the holdback (D11)

    @property
    def name(self) -> tuple:
        """Works sort before usage."""
        return (0, self.unit.key) if self.unit is not None else (1, self.usage.reference)

    @property
    def causes(self) -> list[tuple]:
        if self.unit is None:
            return [self.usage.reference]
        return [self.unit.attempt[1]] if self.count is None else self.unit.movements[self.count].causes

    def weighing(self, weight: Fraction, quantity: Fraction | None = None) -> "Contribution":
        quantity = self.quantity if quantity is None else quantity
        other = Contribution(self.unit, self.count, self.usage, self.instant, quantity, weight, self.authorship)
        other.late = self.late
        other.disputed = self.disputed
        return other


class Bucket:
    def __init__(self):
        self.contributions: list[Contribution] = []
        self.taken_back = []  # (instant, place of the unit, place of the count, quantity, contribution)


@dataclass
class Cell:
    quantity: Fraction
    amount: Fraction
    service: tuple[int, int]
    due: int
    contributions: list
    waived: dict = field(default_factory=dict)
    of: Fraction | None = None  # what a term of the contract was computed from

    @property
    def charged(self) -> Fraction:
        return self.amount - sum(self.waived.values())


@dataclass
class PriceGroup:
    """What a price group came to: risk and indemnity go over it."""

    component: str
    period: int
    version: int
    label: str
    amount: Fraction
    contributions: list
    average_of: Fraction | None = None  # of a gauge: what weights are divided by to be units


@dataclass
class Line:
    """What one version charges for one label in one rating period, before its price is applied."""

    version: Version
    component: Component
    form: PriceForm
    label: str
    place: int  # USAGE, CLASS or PREMIUM
    bucket: Bucket
    in_force: bool
    draws_allowance: bool = False
    measured: Fraction = Fraction(0)
    quantity: Fraction = Fraction(0)
    included: Fraction = Fraction(0)
    rolled: Fraction = Fraction(0)
    average_of: Fraction | None = None
    with_work: bool = False  # usage that the price of its work includes

    @property
    def free(self) -> bool:
        return self.with_work or self.version.free.holds(self.component.id)

    @property
    def billable(self) -> Fraction:
        return self.measured - self.included - self.rolled

    @property
    def cut_inside(self) -> bool:
        return (cut_inside(self.form) or self.free) and not (
            self.place == USAGE and self.component.aggregate in AT_THE_END
        )

    def billed(self, x: Fraction | None) -> Fraction | None:
        if x is None or self.component.divide is None or self.place != USAGE:
            return x
        return Fraction(round_whole(x / self.component.divide, self.component.divide_round))

    def units(self, x: Fraction) -> Fraction:
        """As a quantity of a cell."""
        return x if self.average_of is None else round_places(x, AVERAGE_DIGITS, "half_even")


@dataclass
class Episode:
    """A count and what became of it."""

    count: int
    movement: Movement
    net: Fraction
    values: dict = field(default_factory=dict)  # counted_at -> value
    taken_back: list = field(default_factory=list)  # (instant, quantity)
    billed_on: Fraction | None = None  # the value that another system billed the count on


def episodes_of(unit: Unit, cut: int) -> list[Episode]:
    episodes: list[Episode] = []
    for place, movement in enumerate(unit.movements):
        if movement.instant >= cut:
            break
        if movement.kind == "counted":
            episodes.append(Episode(place, movement, movement.quantity))
            continue
        episode = episodes[-1]
        if movement.value is not None:
            episode.values[movement.counted_at] = episode.values.get(movement.counted_at, 0) + movement.value
        if movement.quantity != 0:
            episode.net += movement.quantity
            episode.taken_back.append((movement.instant, -movement.quantity))
    return episodes


@dataclass
class Valued:
    """A period of an aggregate; None where something is not known."""

    period: Period
    version: Version
    measure: Published | None = None
    baseline: Published | None = None
    before: Fraction | None = None  # the baseline by the days of the period
    value: Fraction | None = None
    carried: Fraction | None = Fraction(0)


class Rating:
    """The cells of one agreement at one instant, the cut of cells.md."""

    def __init__(self, book: Book, agreement: Agreement, cut: int):
        self.book = book
        self.agreement = agreement
        self.cut = cut
        self.minor = MINOR_DIGITS[agreement.versions[-1].contract.currency]
        self.version_by_number = {version.number: version for version in agreement.versions}
        self.periods_known = {}
        self.statement_periods = cut_periods(agreement, cut, None)
        self.buckets = defaultdict(Bucket)  # (component, period, version, group)
        self.readings = defaultdict(list)  # (component, period)
        self.together = {c.id for version in agreement.versions for c in version.components if looked_at_together(c)}
        self.pending = Counter()
        self.opened = defaultdict(list)  # place in the opening's works -> contributions
        self.counting_for = defaultdict(list)  # (metered component, work): (payer, count) of what counts and includes it
        for place, unit in enumerate(book.units[agreement.id]):
            if unit.headers.get("environment") != "test":
                self.sort_unit(place, unit)
                self.include_usage(unit)
        self.usage_places = {id(usage): place for place, usage in enumerate(book.usages[agreement.id])}
        for usage in book.usages[agreement.id]:
            if usage.time < cut and usage.headers.get("environment") != "test":
                self.sort_usage(usage)
        self.cells = self.rate()

    # Periods

    def periods(self, component: str) -> list[Period]:
        return self.periods_every(self.agreement.first_with(component).every)

    def periods_every(self, every: str) -> list[Period]:
        if every not in self.periods_known:
            self.periods_known[every] = cut_periods(self.agreement, self.cut, every)
        return self.periods_known[every]

    def days_in_force(self, period: Period) -> list[tuple[Version, int, int]]:
        """(version, first day, the day after its last) of every version with a day in the period."""
        if period.tail:
            return []
        versions = self.agreement.versions
        firsts = [0] + [period.first_day_from(version.since) for version in versions[1:]] + [period.days]
        ranges = zip(versions, firsts, firsts[1:])
        return [(version, first, last) for version, first, last in ranges if first < last]

    def version_of(self, period: Period) -> Version:
        versions = self.agreement.versions
        return next((v for v in reversed(versions) if v.since <= period.start.at), versions[0])

    def hold(self, component: str, period: Period) -> tuple[Version, Fraction, int] | None:
        """What is held back of a component in a period: the version that says so, the share, the release."""
        version = self.version_of(period)
        holdback = version.contract.holdback
        versions = self.agreement.versions
        at = versions.index(version) + 1
        having = (v for v in [*reversed(versions[:at]), *versions[at:]] if v.component(component) is not None)
        owner = next(having, None)
        if holdback is None or owner is None or not holdback.concerns(owner.component(component)):
            return None
        span = holdback.release_after
        if span is None:
            definition = owner.definitions.get(owner.component(component).unit)
            span = definition.dispute_window if definition is not None else FOREVER
        release = after(span, period.end.at, version.zone)
        return None if release is None else (version, holdback.share, release)

    # Periods that are priced by published documents

    def looking(self, component: str):
        """(period, version) of the periods that are over and no tail, by the version of each that has it."""
        for period in self.periods(component):
            version = self.version_of(period)
            if period.tail or period.end.at > self.cut:
                continue
            if version.component(component) is not None and not version.free.holds(component):
                yield period, version

    def levels(self, component: str):
        """(period, version, measure or None) of a service level."""
        for period, version in self.looking(component):
            measure = self.book.account.measure_of(version.component(component).measure, period)
            yield period, version, measure if measure is not None and measure.currency is None else None

    def valued(self, identifier: str) -> list["Valued"]:
        """The periods of an aggregate."""
        account = self.book.account
        all_periods: list[Valued] = []
        for period, version in self.looking(identifier):
            component = version.component(identifier)
            currency = version.contract.currency
            measure = account.measure_of(component.measure, period)
            baseline = account.baseline_of(component.baseline, period)
            own = Valued(period, version)
            if measure is not None and measure.currency == currency:
                own.measure = measure
            if baseline is not None and baseline.currency == currency:
                own.baseline, own.before = baseline, baseline.value
                if period.days != period.whole:
                    share = baseline.value * period.days / period.whole
                    own.before = round_places(share, self.minor, version.contract.rounding)
            if own.measure is not None and own.baseline is not None:
                own.value = own.measure.value - own.before
            if component.carry_negative and not all_periods and self.agreement.opening is not None:
                own.carried = -self.agreement.opening.carried(identifier)
            if component.carry_negative and all_periods:
                last = all_periods[-1]
                known = last.value is not None and last.carried is not None
                own.carried = min(Fraction(0), last.value + last.carried) if known else None
            all_periods.append(own)
        return all_periods

    # Buckets

    def sort_unit(self, place: int, unit: Unit) -> None:
        version = self.version_by_number[unit.version]
        components = [c for c in version.components if c.kind == "outcome" and c.unit == unit.id]
        episodes = episodes_of(unit, self.cut)
        before = self.agreement.begun_before(unit)
        if before is not None and self.agreement.opening.works[before].billed is None:
            before = None
        if episodes and before is not None:
            first = episodes.pop(0)
            counted = first.movement
            self.opened[before].append(
                Contribution(unit, first.count, None, counted.instant, first.net, first.net, counted.basis.decided_by)
            )
            first.billed_on = self.agreement.opening.works[before].value
            if first.billed_on is not None:
                episodes.insert(0, first)
        for component in components:
            if before is None:
                self.sort_attempt(unit, version, component)
            for episode in episodes:
                self.sort_episode(place, unit, version, component, episode)

    def include_usage(self, unit: Unit) -> None:
        """Notes for each work of a unit that counts whose usage its price includes (P5)."""
        version = self.version_by_number[unit.version]
        usage = [c.id for c in version.components if c.kind == "metered" and c.id in version.precedence]
        for episode in episodes_of(unit, self.cut):
            if episode.net <= 0 or not usage:
                continue
            counted = episode.movement
            for component in version.components:
                if component.kind != "outcome" or component.unit != unit.id or component.id not in version.precedence:
                    continue
                payer = paid_by(version.components, component, counted.cls)
                if payer is None or payer.id != component.id:
                    continue
                part = Contribution(
                    unit, episode.count, None, counted.instant, episode.net, episode.net, counted.basis.decided_by
                )
                for name in usage:
                    for work in unit.works:
                        self.counting_for[name, work].append((component.id, part))

    def sort_attempt(self, unit: Unit, version: Version, component: Component) -> None:
        if component.attempt is None or unit.attempt is None or unit.attempt[0] >= self.cut:
            return
        instant, _, authorship = unit.attempt
        if component.refund and self.disputed(unit, instant):
            self.pending["disputed"] += 1
            return
        period = period_holding(self.periods(component.id), instant)
        if period is not None:
            words = [words for at, words in unit.states if at < self.cut]
            back = any(m.kind == "reversed" for m in unit.movements if m.instant < self.cut)
            state = words[-1] if words else "pending"
            refunded = component.refund and (
                state == "not counted: credited" or (back and not state.startswith("counted"))
            )
            quantity = Fraction(0 if refunded else 1)
            self.buckets[component.id, period, version.number, len(component.groups)].contributions.append(
                Contribution(unit, None, None, instant, quantity, quantity, authorship)
            )

    def sort_episode(self, place: int, unit: Unit, version: Version, component: Component, episode: Episode) -> None:
        counted = episode.movement
        number = next((i for i, group in enumerate(component.groups) if group.holds(counted.cls)), None)
        payer = paid_by(version.components, component, counted.cls)
        if number is None:
            waits = payer is None and component.instead_of is None and episode.billed_on is None
            self.pending["no_price"] += waits
            return
        if payer is not None and payer.id != component.id:
            return  # another stands in place of this one
        if episode.billed_on is not None and (component.groups[number].price.of_units or not episode.values):
            return  # it was paid before the contract
        if self.disputed(unit, counted.instant):
            self.pending["disputed"] += 1
            return
        form = component.groups[number].price
        if form.of_units:
            parts = [(counted.instant, episode.net, episode.net)]
        elif episode.net == 0:
            return
        elif not episode.values:
            self.pending["provisional"] += 1
            return
        else:
            parts = value_parts(form, episode)
        seen = set()
        periods = self.periods(component.id)
        for instant, quantity, weight in parts:
            period = period_holding(periods, instant)
            if period is None:
                continue
            bucket = self.buckets[component.id, period, version.number, number]
            part = Contribution(
                unit,
                episode.count,
                None,
                instant,
                Fraction(0) if period in seen else quantity,
                weight,
                counted.basis.decided_by,
            )
            hold = self.hold(component.id, periods[period])
            part.disputed = hold is not None and self.open_dispute(unit, hold[2])
            seen.add(period)
            bucket.contributions.append(part)
            if not cut_inside(form):
                bucket.taken_back += [(at, place, episode.count, back, part) for at, back in episode.taken_back]

    def disputed(self, unit: Unit, counted_at: int) -> bool:
        period = period_holding(self.statement_periods, counted_at)
        close = self.statement_periods[period].end.at if period is not None else self.cut
        return self.open_dispute(unit, close)

    def open_dispute(self, unit: Unit, before: int) -> bool:
        """Whether a dispute that was raised before an instant is undecided at the cut."""
        return any(
            dispute.raised < before
            and dispute.raised < self.cut
            and (dispute.decided is None or dispute.decided[0] >= self.cut)
            for dispute in unit.disputes
        )

    def sort_usage(self, usage: Fact) -> None:
        version = self.agreement.in_force(usage.time)
        own_quantity = parse_decimal_canonical(usage.data["quantity"])
        money = None
        if "amount" in usage.data:
            amount, currency = parse_amount(usage.data["amount"])
            money = amount if currency == version.contract.currency else None
        priced = False
        for component in meters(version, usage):
            form = component.price
            if not form.of_units and money is None:
                continue
            if component.aggregate == "unique" and "item" not in usage.data:
                continue
            priced = True
            together = component.id in self.together
            weight = quantity = Fraction(1) if component.aggregate == "count" else own_quantity
            if form.form == "percentage" and together:
                weight = money
            elif form.form == "percentage":
                weight = percentage_fee(form, money)
            elif form.form == "graduated_percentage":
                weight = money
            period = period_holding(self.periods(component.id), usage.time)
            if period is not None:
                own = Contribution(None, None, usage, usage.time, quantity, weight, usage.event.authorship)
                if together:
                    self.readings[component.id, period].append(Reading(usage.time, version.number, own))
                else:
                    included = bool(self.counting_for.get((component.id, usage.event.work)))
                    self.buckets[component.id, period, version.number, int(included)].contributions.append(own)
        if not priced:
            self.pending["no_price"] += 1

    # Late facts

    def mark_late(self) -> bool:
        """Marks the contributions that a late policy may waive; whether there are any."""
        standing = sorted(self.agreement.standing, key=lambda s: (s.coverage, s.cut))
        if not standing or all(version.contract.waive_after is None for version in self.agreement.versions):
            for component in self.together:
                if self.agreement.first_with(component).aggregate == "weighted_sum":
                    self.carry_gauge(component, None)
            return False
        any_late = False
        for (component, _, _, _), bucket in self.buckets.items():
            periods = self.periods(component)
            for contribution in bucket.contributions:
                contribution.late = self.is_late(contribution, standing, periods)
                any_late = any_late or contribution.late
        for (component, _), readings in self.readings.items():
            for reading in readings:
                reading.contribution.late = self.is_late(reading.contribution, standing, self.periods(component))
                any_late = any_late or reading.contribution.late
        for component in self.together:
            if self.agreement.first_with(component).aggregate == "weighted_sum":
                any_late = self.carry_gauge(component, standing) or any_late
        return any_late

    def carry_gauge(self, component: str, standing: list[Statement] | None) -> bool:
        """Puts what a gauge was last read at in front of each later period's readings; whether any is late there.
        Where the last one is late, those before it are put there too."""
        seen: list[Reading] = []
        any_late = False
        periods = self.periods(component)
        for index, period in enumerate(periods):
            if period.tail:
                continue
            own = self.readings.pop((component, index), [])
            carried = []
            for earlier in reversed(seen):
                part = earlier.contribution.weighing(earlier.contribution.weight)
                part.instant = period.start.at
                part.late = bool(standing) and self.is_late(part, standing, periods)
                carried.append(Reading(period.start.at, earlier.version, part, carried=True))
                if not part.late:
                    break
                any_late = True
            seen += own
            if carried or own:
                self.readings[component, index] = carried[::-1] + own
        return any_late

    def assigned(self, without_late: bool) -> dict[tuple, Bucket]:
        """The buckets, with what is looked at together in its place, and usage that only late works include under
        its own price where late facts are left out."""
        buckets = dict(self.buckets)
        for key in [key for key in buckets if self.is_usage_group(key) and key[3] == 1] if without_late else ():
            with_work, priced = Bucket(), Bucket()
            own = buckets[key].contributions
            with_work.contributions = [c for c in own if not self.only_late_include(key[0], c)]
            priced.contributions = [*buckets.get((*key[:3], 0), Bucket()).contributions]
            priced.contributions += [c for c in own if self.only_late_include(key[0], c)]
            priced.contributions.sort(key=lambda c: self.usage_places[id(c.usage)])
            buckets[key], buckets[*key[:3], 0] = with_work, priced
        for (component, index), readings in self.readings.items():
            period = self.periods(component)[index]
            for version, part in self.parts(self.agreement.first_with(component), period, readings, without_late):
                buckets.setdefault((component, index, version, 0), Bucket()).contributions.append(part)
        return buckets

    def is_usage_group(self, key: tuple) -> bool:
        return self.agreement.first_with(key[0]).kind == "metered"

    def only_late_include(self, component: str, contribution: Contribution) -> bool:
        standing = sorted(self.agreement.standing, key=lambda s: (s.coverage, s.cut))
        counting = self.counting_for[component, contribution.usage.event.work]
        return all(self.is_late(part, standing, self.periods(payer)) for payer, part in counting)

    def parts(self, first: Component, period: Period, readings: list[Reading], without_late: bool):
        """(version, contribution): what each reading comes to in its period."""
        looked_at = [r for r in readings if not (without_late and r.contribution.late)]
        before = CounterBefore()  # what another system counted in the first period
        if self.agreement.opening is not None and period is self.periods(first.id)[0]:
            before = self.agreement.opening.counter(first.id, "") or before
        if first.aggregate == "weighted_sum":
            return self.gauge_parts(first.id, period, readings, looked_at)
        if first.aggregate == "max":
            chosen = [max(looked_at, key=lambda r: r.contribution.quantity)] if looked_at else []
        elif first.aggregate == "last":
            chosen = looked_at[-1:]
        elif first.aggregate == "unique":
            by_item: dict[str, Reading] = {}
            for reading in looked_at:
                by_item.setdefault(reading.contribution.usage.data["item"], reading)
            chosen = [reading for item, reading in by_item.items() if item not in before.items]
        else:
            return self.parts_beyond_what_is_free(first.id, period, before, readings, looked_at)
        result = []
        for reading in readings:
            quantity = Fraction(0)
            if any(reading is one for one in chosen):
                beyond = max(reading.contribution.quantity - before.quantity - before.included, Fraction(0))
                quantity = Fraction(1) if first.aggregate == "unique" else beyond
            result.append((reading.version, reading.contribution.weighing(quantity, quantity)))
        return result

    def parts_beyond_what_is_free(self, component: str, period: Period, used: CounterBefore, readings, looked_at):
        free_events, free_amount = Fraction(0), None
        for version, first, last in self.days_in_force(period):
            own = version.component(component)
            if own is not None and not version.free.holds(component):
                free_events += own.free_events * (last - first)
                if own.free_amount is not None:
                    free_amount = (free_amount or 0) + own.free_amount * (last - first)
        free_events = round_places(free_events / period.whole, 0, "up")
        if free_amount is not None:
            free_amount = round_places(Fraction(free_amount) / period.whole, self.minor, "up")
        weights = {}
        events, money_so_far = used.free_events, used.free_amount or Fraction(0)
        for reading in looked_at:
            version = self.version_by_number[reading.version]
            form = version.component(component).price
            money = reading.contribution.weight
            if form.form != "percentage":
                weights[id(reading)] = money
            elif version.free.holds(component):
                weights[id(reading)] = percentage_fee(form, money)
            elif events < free_events:
                events += 1
                weights[id(reading)] = Fraction(0)
            elif free_amount is None:
                weights[id(reading)] = percentage_fee(form, money)
            else:
                before, money_so_far = money_so_far, money_so_far + money
                if max(before, money_so_far) <= free_amount:
                    weights[id(reading)] = Fraction(0)
                else:
                    beyond = max(money_so_far - free_amount, Fraction(0)) - max(before - free_amount, Fraction(0))
                    weights[id(reading)] = percentage_fee(form, beyond)
        result = []
        for reading in readings:
            if id(reading) in weights:
                result.append((reading.version, reading.contribution.weighing(weights[id(reading)])))
            else:
                result.append((reading.version, reading.contribution.weighing(Fraction(0), Fraction(0))))
        return result

    def gauge_parts(self, component: str, period: Period, readings, looked_at):
        """What a gauge keeps from reading to reading, by version and in whole seconds."""
        days = 1 if period.days == period.whole else period.days
        versions = self.agreement.versions
        result = []
        for reading in readings:
            place = next((i for i, other in enumerate(looked_at) if other is reading), None)
            if place is None:
                result.append((reading.version, reading.contribution.weighing(Fraction(0), Fraction(0))))
                continue
            until = looked_at[place + 1].at if place + 1 < len(looked_at) else period.end.at
            for number, version in enumerate(versions):
                start = reading.at if number == 0 else max(reading.at, version.since)
                end = until if number + 1 == len(versions) else min(until, versions[number + 1].since)
                seconds = max(end // 10**9 - start // 10**9, 0)
                own = version.component(component)
                if own is None or own.meter != reading.contribution.usage.data["meter"]:
                    continue
                weight = reading.contribution.quantity * seconds * days
                if weight == 0 and (reading.carried or version.number != reading.version):
                    continue
                quantity = round_places(weight / average_of(period), AVERAGE_DIGITS, "half_even")
                result.append((version.number, reading.contribution.weighing(weight, quantity)))
        return result

    def is_late(self, contribution: Contribution, standing: list[Statement], periods: list[Period]) -> bool:
        arrival = max((self.book.arrivals.get(cause, -1) for cause in contribution.causes), default=-1)
        expected = next((s.coverage for s in standing if s.cut > contribution.instant), None)
        if expected is None or arrival < expected:
            return False
        stated_at = next((s.cut for s in standing if s.coverage > arrival), self.cut)
        versions = self.agreement.versions
        version = next((v for v in reversed(versions) if v.since < stated_at), versions[0])
        if version.contract.waive_after is None:
            return False
        period = periods[period_holding(periods, contribution.instant)]
        end = after(version.contract.waive_after, period.end.at, version.zone)
        return end is not None and end < stated_at

    def rate(self) -> dict[tuple, Cell]:
        if not self.mark_late():
            return Pricing(self, without_late=False).cells
        cells = Pricing(self, without_late=False).cells
        without = Pricing(self, without_late=True).cells
        zero = Cell(Fraction(0), Fraction(0), (0, 0), 0, [])
        excesses = {
            key: cells.get(key, zero).charged - without.get(key, zero).charged for key in cells.keys() | without.keys()
        }
        if sum(excesses.values()) <= 0:
            return cells
        for key, cell in cells.items():
            if key[4][0] in (USAGE, INCLUDED, BAND) and key in without:
                cell.contributions = without[key].contributions
        for key, excess in excesses.items():
            if excess != 0:
                if key not in cells:
                    other = without[key]
                    cells[key] = Cell(Fraction(0), Fraction(0), other.service, other.due, [])
                cells[key].waived["late"] = excess
        return cells


def looked_at_together(component: Component) -> bool:
    """Whether what a usage comes to depends on the others of its rating period."""
    return component.kind == "metered" and (
        component.aggregate not in ("sum", "count")
        or component.free_events > 0
        or component.free_amount is not None
    )


def average_of(period: Period) -> Fraction:
    """What the weights of a gauge are divided by in a period."""
    seconds = max(period.end.at // 10**9 - period.start.at // 10**9, 1)
    return Fraction(seconds * (1 if period.days == period.whole else period.whole))


def paid_by(components: list[Component], component: Component, cls: str) -> Component | None:
    """Of the components that stand in place of one another, the one that is paid for a class."""
    base = component.instead_of or component.id
    prices = [c for c in components if any(group.holds(cls) for group in c.groups)]
    stand_in = next((c for c in prices if c.instead_of == base), None)
    return stand_in or next((c for c in prices if c.id == base), None)


def period_holding(periods: list[Period], instant: int) -> int | None:
    at = bisect.bisect_right(periods, instant, key=lambda period: period.start.at) - 1
    return at if at >= 0 and periods[at].holds(instant) else None


def value_parts(form: PriceForm, episode: Episode) -> list[tuple[int, Fraction, Fraction]]:
    """(instant, quantity, weight) of each increment of measured value (D10)."""
    parts = []
    charge = (lambda x: percentage_fee(form, x)) if form.form == "percentage" else (lambda x: x)
    paid, quantity = episode.billed_on, episode.net
    fee = value = Fraction(0)
    if paid is not None:  # nothing of what was billed elsewhere is billed again, or given back
        fee, quantity = charge(paid), Fraction(0)
    for at in sorted(episode.values):
        value += episode.values[at]
        now = charge(value if paid is None else max(value, paid))
        parts.append((at, quantity, (now - fee) * episode.net))
        fee = now
    return parts


# ------------------------------------------------------------------------------------------------------
# B17. Pricing: buckets become cells (recompute/cells.md, from "Lines of metered and outcome components")
# ------------------------------------------------------------------------------------------------------


AT_THE_END = ("last", "weighted_sum")  # aggregates that are known when their period is over
AVERAGE_DIGITS = 9


class Pricing:
    def __init__(self, rating: Rating, without_late: bool):
        self.rating = rating
        self.agreement = rating.agreement
        self.cut = rating.cut
        self.without_late = without_late
        self.buckets = rating.assigned(without_late)
        self.cells: dict[tuple, Cell] = {}
        self.groups: list[PriceGroup] = []
        components = [self.agreement.first_with(identifier) for identifier in self.agreement.component_ids()]
        for component in components:
            if component.kind in ("metered", "outcome"):
                self.price_lines(component)
            elif component.kind == "platform":
                self.price_platform(component)
            elif component.kind == "seats":
                self.price_seats(component)
            elif component.kind == "aggregate":
                self.price_aggregate(component)
        self.group_index = defaultdict(list)
        for group in self.groups:
            self.group_index[group.component, group.period, group.version].append(group)
        for component in components:
            if component.kind == "risk":
                self.price_risk(component)
            elif component.kind == "indemnity":
                self.price_indemnity(component)
        for component in components:
            self.line_totals(component)
        self.contract_totals()
        for component in components:
            if component.kind == "service_level":
                self.pay_back(component)
        for component in components:
            self.hold_back(component)
        self.goodwill()
        self.decisions()
        self.billed_before()

    def rounded(self, value: Fraction, version: Version) -> Fraction:
        return round_places(value, self.rating.minor, version.contract.rounding)

    def add(
        self,
        component: str,
        period: Period,
        version: int,
        part: tuple,
        quantity,
        amount,
        due: int,
        contributions=(),
        waived=None,
        of: Fraction | None = None,
        since: int | None = None,
    ) -> None:
        if quantity == 0 and amount == 0:
            return
        key = (self.agreement.id, component, period.start.at, version, part)
        service = (period.start.at if since is None else since, period.end.at)
        waived = waived or {}
        self.cells[key] = Cell(Fraction(quantity), Fraction(amount), service, due, list(contributions), waived, of)

    def counting(self, contributions: list[Contribution]) -> list[Contribution]:
        """Without the late ones, in the rating without them."""
        return [c for c in contributions if not c.late] if self.without_late else contributions

    # Metered and outcome

    def price_lines(self, first: Component) -> None:
        by_period = defaultdict(set)
        for component, period, version, _ in self.buckets:
            if component == first.id:
                by_period[period].add(version)
        grants: list[list] = []  # what is left of earlier periods' allowances, and the last period that may use it
        before = self.agreement.opening.counter(first.id, "") if self.agreement.opening is not None else None
        if before is not None and first.kind == "metered":
            grants = [[quantity, periods - 1] for quantity, periods in before.rolled]
        for index, period in enumerate(self.rating.periods(first.id)):
            in_force = self.rating.days_in_force(period)
            numbers = by_period[index] | {version.number for version, _, _ in in_force}
            lines = []
            for number in sorted(numbers):
                version = self.rating.version_by_number[number]
                component = version.component(first.id)
                if component is not None and component.kind in ("metered", "outcome"):
                    alive = any(version is v for v, _, _ in in_force)
                    lines += self.lines_of(index, version, component, alive)
            allowance = self.prorated_allowance(first.id, period, in_force)
            if index == 0 and self.agreement.opening is not None:
                allowance -= min(allowance, self.agreement.opening.included(first.id))
            left = self.draw_allowance(lines, allowance, grants, index)
            rollover = self.rollover(first.id, in_force)
            if rollover:
                grants.append([left, index + rollover])
            self.price(first.id, index, period, lines)
            self.price(first.id, index, period, self.attempts(first, index, in_force))

    def attempts(self, first: Component, index: int, in_force) -> list[Line]:
        lines = []
        for version in self.agreement.versions:
            component = version.component(first.id)
            if component is not None and component.attempt is not None:
                place = (component.id, index, version.number, len(component.groups))
                bucket = self.rating.buckets.get(place, Bucket())
                alive = any(version is v for v, _, _ in in_force)
                lines.append(self.line(version, component, component.attempt, "", ATTEMPT, bucket, alive, False))
        return lines

    def lines_of(self, index: int, version: Version, component: Component, alive: bool) -> list[Line]:
        if component.kind == "metered":
            groups = [("", component.price, USAGE, True)]
        else:
            groups = [(group.label, group.price, CLASS, group.draws_allowance) for group in component.groups]
        lines = []
        for number, (label, form, place, draws) in enumerate(groups):
            bucket = self.buckets.get((component.id, index, version.number, number), Bucket())
            line = self.line(version, component, form, label, place, bucket, alive, draws)
            if place == USAGE and component.aggregate == "weighted_sum":
                line.average_of = average_of(self.rating.periods(component.id)[index])
                weights = (c.weight for c in self.counting(bucket.contributions))
                line.measured = sum(weights, Fraction(0)) / line.average_of
            lines.append(line)
            with_work = self.buckets.get((component.id, index, version.number, 1), Bucket())
            if place == USAGE and with_work.contributions:
                line = self.line(version, component, form, "with_work", place, with_work, alive, draws)
                line.with_work = True
                lines.append(line)
        return lines

    def line(self, version, component, form, label, place, bucket, alive, draws) -> Line:
        line = Line(version, component, form, label, place, bucket, alive, draws)
        counting = self.counting(bucket.contributions)
        line.quantity = sum((c.quantity for c in counting), Fraction(0))
        line.measured = line.quantity if form.of_units else sum((c.weight for c in counting), Fraction(0))
        return line

    def prorated_allowance(self, component: str, period: Period, in_force) -> Fraction:
        total, places = Fraction(0), 0
        for version, first, last in in_force:
            own = version.component(component)
            if own is not None and not version.free.holds(component):
                total += own.allowance * (last - first)
                places = max(places, decimal_parts(own.allowance)[1])
        return round_places(total / period.whole, places, "up")

    @staticmethod
    def rollover(component: str, in_force) -> int:
        """Periods for which an allowance rolls over, as the version last in force says."""
        having = [own for version, _, _ in in_force if (own := version.component(component)) is not None]
        return having[-1].rollover if having else 0

    @staticmethod
    def draw_allowance(lines: list[Line], left: Fraction, grants: list[list], index: int) -> Fraction:
        """Draws the oldest grants first, the period's own last; what is left of the period's own."""
        grants[:] = [grant for grant in grants if grant[1] >= index]
        for line in lines:
            if line.free:
                line.included = line.measured
            elif line.draws_allowance and line.form.of_units:
                for grant in grants:
                    taken = min(grant[0], line.measured - line.rolled)
                    grant[0] -= taken
                    line.rolled += taken
                line.included = min(left, line.measured - line.rolled)
                left -= line.included
        return left

    def price(self, component: str, index: int, period: Period, lines: list[Line]) -> None:
        total = defaultdict(Fraction)
        last = {}
        for line in lines:
            total[line.label] += line.billable
            if (line.in_force or line.bucket.contributions) and not line.free:
                last[line.label] = line
        positions, wholes = {}, {}
        if index == 0 and self.agreement.opening is not None:
            for line in lines:  # another system counted before
                counted = self.agreement.opening.counted(component, line.label)
                if line.place == ATTEMPT:
                    counted = self.agreement.opening.attempted(component)
                position = positions if cut_inside(line.form) else wholes
                if counted is not None and line.label not in position:
                    position[line.label] = counted
                    total[line.label] += counted
        for line in lines:
            position = positions if cut_inside(line.form) else wholes
            earlier = position.get(line.label)
            before = earlier if cut_inside(line.form) else None
            inside = line.cut_inside
            if before is None and not line.in_force and not line.bucket.contributions:
                continue
            if (not inside and period.end.at > self.cut) or period.start.at >= self.cut:
                continue
            due = period.start.at + 1 if inside else period.end.at
            version = line.version.number
            included = line.quantity if line.free and line.average_of is None else line.units(line.included)
            for label, quantity in ((line.label, included), ("rolled", line.units(line.rolled))):
                if quantity != 0:
                    part = (INCLUDED, label)
                    self.add(component, period, version, part, quantity, 0, due, line.bucket.contributions)
            if line.free:
                continue
            position[line.label] = (earlier or 0) + line.billable
            if cut_inside(line.form):
                if before is None and position[line.label] == 0 and not line.in_force:
                    continue
                amount = self.price_inside(component, period, line, before, position[line.label], due)
            else:
                own = line.billed(position[line.label]) - line.billed(earlier or Fraction(0))
                whole = line.billed(total[line.label])
                amount = self.price_when_over(component, period, line, own, whole, line is last.get(line.label))
            if line.place == ATTEMPT:
                continue
            self.groups.append(
                PriceGroup(component, index, version, line.label, amount, line.bucket.contributions, line.average_of)
            )

    def part_of(self, line: Line, tier: int) -> tuple:
        return (CLASS, line.label, tier) if line.place == CLASS else (line.place, tier)

    def price_inside(self, component: str, period: Period, line: Line, before, to: Fraction, due: int) -> Fraction:
        group_amount = Fraction(0)
        for tier, (quantity, exact) in enumerate(between(line.form, line.billed(before), line.billed(to))):
            amount = self.rounded(exact, line.version)
            group_amount += amount
            quantity = line.quantity if line.form.form == "percentage" else line.units(quantity)
            self.add(
                component,
                period,
                line.version.number,
                self.part_of(line, tier),
                quantity,
                amount,
                due,
                line.bucket.contributions,
            )
        return group_amount

    def price_when_over(self, component: str, period: Period, line: Line, own, total, is_last: bool) -> Fraction:
        amount = self.rounded(of_total(line.form, own, total, is_last), line.version)
        excess = Fraction(0)
        if line.component.kind == "outcome" and line.component.retier == "no_increase":
            excess = self.rounded(self.excess_of_reversals(line, total, is_last), line.version)
        waived = {"no_increase": excess} if excess != 0 else {}
        self.add(
            component,
            period,
            line.version.number,
            self.part_of(line, 0),
            line.units(own),
            amount,
            period.end.at,
            line.bucket.contributions,
            waived,
        )
        return amount - excess

    def excess_of_reversals(self, line: Line, total: Fraction, is_last: bool) -> Fraction:
        """D4: what is charged more because units were taken back."""
        others = total - line.billable
        x = line.billable
        now = least = of_total(line.form, x, others + x, is_last)
        backs = [b for b in line.bucket.taken_back if not (self.without_late and b[4].late)]
        for _, _, _, quantity, _ in sorted(backs, key=lambda b: b[:3], reverse=True):
            x += quantity
            least = min(least, of_total(line.form, x, others + x, is_last))
        return now - least

    # Platform and seats

    def price_platform(self, first: Component) -> None:
        for index, period in enumerate(self.rating.periods(first.id)):
            if first.once:
                version = next(v for v in self.agreement.versions if v.component(first.id) is not None)
                if period.holds(version.since) and not period.tail:
                    self.charge_fee(first, index, period, version, self.rounded(first.amount, version))
                continue
            so_far, given = Fraction(0), Fraction(0)
            in_force = self.rating.days_in_force(period)
            whole = self.rating.version_of(period)
            own = whole.component(first.id)
            if own is not None and own.prorate == "none":
                in_force = [entry for entry in in_force if entry[0] is whole]
            for version, first_day, last_day in in_force:
                component = version.component(first.id)
                if component is None:
                    continue
                amount = self.rounded(component.amount, version)
                if component.prorate == "day":
                    share = Fraction(last_day - first_day, period.whole)
                    so_far += 0 if version.free.holds(component.id) else component.amount * share
                    amount = self.rounded(so_far, version) - given
                    given += amount
                self.charge_fee(component, index, period, version, amount)

    def charge_fee(self, component: Component, index: int, period: Period, version: Version, amount: Fraction) -> None:
        due = period.end.at
        if component.due == "advance":
            due = version.since if component.once else period.start.at
        if due > self.cut:
            return
        if version.free.holds(component.id):
            amount = Fraction(0)
        self.add(component.id, period, version.number, (FEE,), 1, amount, due)
        self.groups.append(PriceGroup(component.id, index, version.number, "", amount, []))

    def price_seats(self, first: Component) -> None:
        held = HeldSeats([fact for fact in self.rating.book.seats if fact.time < self.cut])
        for index, period in enumerate(self.rating.periods(first.id)):
            days = [(period.day_start(day), period.day_start(day + 1)) for day in range(period.days)]
            by_day = [held.most(start, end) for start, end in days if end <= self.cut]
            self.so_far = defaultdict(Fraction)  # what the versions come to so far, by part
            self.given = defaultdict(Fraction)  # and what their cells say of it
            for version, first_day, last_day in self.rating.days_in_force(period):
                component = version.component(first.id)
                if component is not None:
                    self.price_seats_of(component, index, period, version, first_day, last_day, held, by_day)

    def price_seats_of(self, component, index, period, version, first_day, last_day, held, by_day) -> None:
        days_by_number = Counter()

        def charged(most: int) -> Fraction:
            return max(max(most, component.minimum_seats) - component.included, Fraction(0))

        if component.count == "daily":
            due = period.start.at + 1
            for most in counted_seats(component, by_day)[first_day:last_day]:
                days_by_number[charged(most)] += 1
        else:
            due = period.end.at
            if period.end.at <= self.cut:
                most = held.most(period.day_start(first_day), period.day_start(last_day))
                days_by_number[charged(most)] = last_day - first_day
        length = last_day - first_day
        amount = Fraction(0)
        known = component.count == "daily" or period.end.at <= self.cut
        if component.committed is None:
            parts = [(between(component.price, None, number), days) for number, days in days_by_number.items()]
            amount += self.put_seats(component, period, version, SEATS, parts, due)
        else:
            at = period.start.at if component.due == "advance" else period.end.at
            committed = Fraction(component.committed)
            if at <= self.cut:
                known = True
                parts = [(between(component.price, None, committed), length)]
                amount += self.put_seats(component, period, version, SEATS, parts, at)
            parts = []
            for number, days in days_by_number.items():
                if number > committed and component.overage is not None:
                    parts.append((between(component.overage, None, number - committed), days))
                elif number > committed:
                    parts.append((between(component.price, committed, number), days))
            amount += self.put_seats(component, period, version, OVERAGE, parts, due)
        if known:
            self.groups.append(PriceGroup(component.id, index, version.number, "", amount, []))

    def put_seats(self, component, period, version, place, parts, due) -> Fraction:
        quantities, amounts = defaultdict(Fraction), defaultdict(Fraction)
        for tiers, days in parts:
            for tier, (quantity, amount) in enumerate(tiers):
                quantities[tier] += quantity * days
                amounts[tier] += amount * days
        total = Fraction(0)
        for tier in sorted(quantities):
            exact = Fraction(0) if version.free.holds(component.id) else amounts[tier]
            self.so_far[place, tier] += exact / period.whole
            amount = self.rounded(self.so_far[place, tier], version) - self.given[place, tier]
            self.given[place, tier] += amount
            total += amount
            self.add(component.id, period, version.number, (place, tier), quantities[tier], amount, due)
        return total

    # Risk and indemnity

    def price_risk(self, first: Component) -> None:
        for index, period in enumerate(self.rating.periods(first.id)):
            for version in self.agreement.versions:
                component = version.component(first.id)
                if component is None or component.kind != "risk" or version.free.holds(first.id):
                    continue
                for group in self.group_index[component.modifies, index, version.number]:
                    self.price_bands(component, period, version, group)

    def price_bands(self, component: Component, period: Period, version: Version, group: PriceGroup) -> None:
        due = period.start.at + 1
        if component.by is None:
            amount = self.rounded(group.amount * component.multiplier, version) - self.rounded(group.amount, version)
            self.add(
                component.id, period, version.number, (BAND, "all", group.label), 1, amount, due, group.contributions
            )
            return
        bands = defaultdict(list)
        factors = {}
        for contribution in group.contributions:
            label, factor = band_of(component, contribution, self.rating.book.account)
            bands[label].append(contribution)
            factors[label] = factor
        total = sum((c.weight for c in self.counting(group.contributions)), Fraction(0))
        if total <= 0:
            return
        for label in sorted(bands):
            counting = self.counting(bands[label])
            base = group.amount * sum((c.weight for c in counting), Fraction(0)) / total
            amount = self.rounded(base * factors[label], version) - self.rounded(base, version)
            quantity = sum((c.quantity for c in counting), Fraction(0))
            if group.average_of is not None:
                average = sum((c.weight for c in counting), Fraction(0)) / group.average_of
                quantity = round_places(average, AVERAGE_DIGITS, "half_even")
            self.add(
                component.id, period, version.number, (BAND, label, group.label), quantity, amount, due, bands[label]
            )

    def price_indemnity(self, first: Component) -> None:
        for index, period in enumerate(self.rating.periods(first.id)):
            lines = []
            for version in self.agreement.versions:
                component = version.component(first.id)
                if component is not None and not version.free.holds(first.id):
                    bucket = Bucket()
                    for group in self.group_index[first.modifies, index, version.number]:
                        bucket.contributions += [c.weighing(c.quantity) for c in group.contributions]
                    lines.append(self.line(version, component, component.price, "", PREMIUM, bucket, False, False))
            self.price(first.id, index, period, lines)

    # Totals and credits

    def cap_by_days(self, period: Period, cap_of, counts) -> Fraction | None:
        """The days' share of a cap, rounded once; None where a version that counts has none."""
        version = self.rating.version_of(period)
        in_force = self.rating.days_in_force(period)
        if period.tail:
            in_force = [(self.agreement.versions[-1], 0, period.days)]
        shares = []
        for of_version, first, last in in_force:
            if not period.tail and not counts(of_version):
                continue
            if cap_of(of_version) is None:
                return None
            shares.append(cap_of(of_version) * (last - first) / period.whole)
        return self.rounded(sum(shares), version) if shares else None

    def minimum_by_days(self, period: Period, minimum_of, counts) -> Fraction | None:
        """The exact part of a minimum that a period has; None where no version that counts has one."""
        shares = []
        for version, first, last in self.rating.days_in_force(period):
            minimum = minimum_of(version) if counts(version) else None
            if minimum is not None:
                shares.append(minimum.amount * (last - first) / (period.whole * minimum.periods))
        return sum(shares, Fraction(0)) if shares else None

    def due_of_totals(self, period: Period) -> int:
        """Inside the period; at its start where that is the cut or later, so that a fee in advance is discounted
        with it."""
        return period.start.at if period.start.at >= self.cut else period.start.at + 1

    def line_totals(self, first: Component) -> None:
        own = [component for v in self.agreement.versions if (component := v.component(first.id)) is not None]
        if all(c.discount is None and c.maximum is None and c.minimum is None for c in own):
            return
        charged = defaultdict(Fraction)
        for key, cell in self.cells.items():
            if key[1] == first.id:
                charged[key[2], key[3]] += cell.charged
        for period in self.rating.periods(first.id):
            self.line_totals_in(first.id, period, charged)

    def line_totals_in(self, identifier: str, period: Period, charged: dict) -> None:
        def own(name):
            def value_of(version):
                component = version.component(identifier)
                return None if component is None else getattr(component, name)

            return value_of

        total, belongs = Fraction(0), None
        exact, given = Fraction(0), Fraction(0)
        due = self.due_of_totals(period)
        for version in self.agreement.versions:
            if (period.start.at, version.number) not in charged:
                continue
            belongs = belongs or version.number
            total += charged[period.start.at, version.number]
            percent = own("discount")(version)
            if percent is not None:
                exact += charged[period.start.at, version.number] * percent
                off = given - self.rounded(exact, version)
                given -= off
                self.add(identifier, period, version.number, (DISCOUNT, 0), 0, off, due)
                total += off
        governing = self.rating.version_of(period)
        belongs = belongs or governing.number
        charges = lambda version: not version.free.holds(identifier)  # noqa: E731
        cap = self.cap_by_days(period, own("maximum"), charges)
        if cap is not None and total > cap:
            self.add(identifier, period, belongs, (CAP,), 0, cap - total, due)
            total = cap
        least = lambda version: None if own("minimum")(version) is None else Minimum(own("minimum")(version))  # noqa: E731
        minimum = self.minimum_by_days(period, least, charges)
        if minimum is not None and period.end.at <= self.cut and total < self.rounded(minimum, governing):
            self.add(identifier, period, belongs, (MINIMUM,), 0, self.rounded(minimum, governing) - total, period.end.at)

    # Totals of the contract

    def contract_totals(self) -> None:
        every = self.agreement.versions[0].totals.every
        if all(version.totals.is_empty() for version in self.agreement.versions):
            return
        periods = self.rating.periods_every(every)
        identifiers = self.agreement.component_ids()
        left = [dict.fromkeys(identifiers, Fraction(0)) for _ in periods]
        ends = [period.end.at for period in periods]
        for key, cell in self.cells.items():
            index = period_holding(periods, key[2])
            if index is not None:
                left[index][key[1]] += cell.charged
                ends[index] = max(ends[index], cell.service[1])
        drawn = []
        for index, period in enumerate(periods):
            version = self.rating.version_of(period)
            for number, discount in enumerate(version.totals.discounts()):
                if discount_holds(discount, periods[: index + 1]):
                    self.discount(period, version, left[index], number, discount)
            self.cap(period, version, left[index])
            minimum = version.totals.minimum
            drawn.append(self.sum_of(left[index], minimum.scope) if minimum is not None else Fraction(0))
        self.minimums(every, drawn, ends)

    def looks_at(self, scope: Scope, component: str) -> bool:
        last = next(found for v in reversed(self.agreement.versions) if (found := v.component(component)) is not None)
        return scope.holds(component, SURFACES[last.kind])

    def sum_of(self, left: dict, scope: Scope) -> Fraction:
        return sum((own for component, own in left.items() if self.looks_at(scope, component)), Fraction(0))

    def spread(self, left: dict, scope: Scope, amount: Fraction) -> None:
        """What is added to a sum, over those of its components that are on its side of zero."""
        total = self.sum_of(left, scope)
        if total == 0 or amount == 0:
            return
        bearing = [c for c, own in left.items() if self.looks_at(scope, c) and own * total > 0]
        parts = divide_amount(amount, [abs(left[component]) for component in bearing], self.rating.minor)
        for component, part in zip(bearing, parts):
            left[component] += part

    def add_term(self, period: Period, version: Version, part: tuple, amount, of, due: int, since=None) -> None:
        self.add("_totals", period, version.number, part, 0, amount, due, of=of, since=since)

    def discount(self, period: Period, version: Version, left: dict, number: int, discount: Discount) -> None:
        total = self.sum_of(left, discount.scope)
        if discount.percent is not None:
            off = self.rounded(total * discount.percent, version)
        elif period.tail or total <= 0:
            return
        else:
            in_force = self.rating.days_in_force(period)
            days = sum(last - first for own, first, last in in_force if not own.free.all_but)
            off = min(self.rounded(discount.amount * days / period.whole, version), total)
        self.spread(left, discount.scope, -off)
        self.add_term(period, version, (DISCOUNT, number), -off, total, self.due_of_totals(period))

    def cap(self, period: Period, version: Version, left: dict) -> None:
        def most(of_version):
            cap = of_version.totals.cap
            return None if cap is None or cap.mode == "soft" else cap.amount

        cap = self.cap_by_days(period, most, lambda own: not own.free.all_but)
        if cap is None:
            return
        total = self.sum_of(left, Scope())
        beyond = max(total - cap, Fraction(0))
        part, amount, of = (CAP,), -beyond, total
        own = version.totals.cap
        if own is not None and own.mode == "overage":
            part, amount, of = (OVERAGE, 0), self.rounded(beyond * (own.overage - 1), version), beyond
        self.spread(left, Scope(), amount)
        self.add_term(period, version, part, amount, of, self.due_of_totals(period))

    def minimums(self, every: str, drawn: list[Fraction], ends: list[int]) -> None:
        first = next((v.totals.minimum for v in self.agreement.versions if v.totals.minimum is not None), None)
        if first is None:
            return
        ahead = EVERY_MONTHS[every] * first.periods * 31 * 86_400_000_000_000
        periods = [p for p in cut_periods(self.agreement, self.cut + ahead, every) if not p.tail]
        for start in range(0, len(periods), first.periods):
            term = periods[start : start + first.periods]
            if term[0].start.at > self.cut:
                return
            known = sum(period.start.at <= self.cut for period in term)
            charged = drawn[start : start + known]
            promised = self.promised(term)
            if all(part is None for part in promised):
                continue
            whole = sum((part for part in promised if part is not None), Fraction(0))
            if first.bill == "in_advance":
                self.bill_in_advance(term, promised, whole, charged)
            elif known == len(term):
                self.true_up(term, whole, charged, max(ends[start : start + known]))
            self.beyond_minimum(term, whole, charged)

    def promised(self, term: list[Period]) -> list[Fraction | None]:
        """What is promised for each period of a term, rounded as it adds up."""
        parts = []
        exact, given = Fraction(0), Fraction(0)
        for period in term:
            own = self.minimum_by_days(period, lambda v: v.totals.minimum, lambda v: not v.free.all_but)
            if own is not None:
                exact += own
                own = self.rounded(exact, self.rating.version_of(period)) - given
                given += own
            parts.append(own)
        return parts

    def true_up(self, term: list[Period], whole: Fraction, charged: list[Fraction], end: int) -> None:
        total = sum(charged, Fraction(0))
        if end <= self.cut and total < whole:
            version = self.rating.version_of(term[-1])
            self.add_term(term[-1], version, (MINIMUM,), whole - total, total, end, since=term[0].start.at)

    def bill_in_advance(self, term: list[Period], promised: list, whole: Fraction, charged: list[Fraction]) -> None:
        total = paid = Fraction(0)
        for period, part, own in zip(term, promised, charged):
            version = self.rating.version_of(period)
            self.add_term(period, version, (MINIMUM,), part or Fraction(0), whole, period.start.at)
            total += own
            pays = max(min(total, whole), Fraction(0))
            self.add_term(period, version, (DRAWN,), paid - pays, whole - pays, self.due_of_totals(period))
            paid = pays

    def beyond_minimum(self, term: list[Period], whole: Fraction, charged: list[Fraction]) -> None:
        total = before = Fraction(0)
        for period, own in zip(term, charged):
            total += own
            beyond = max(total - whole, Fraction(0))
            more, before = beyond - before, beyond
            version = self.rating.version_of(period)
            minimum = version.totals.minimum
            if minimum is not None and minimum.overage is not None:
                amount = self.rounded(more * (minimum.overage - 1), version)
                self.add_term(period, version, (OVERAGE, 1), amount, more, self.due_of_totals(period))

    # Aggregates and service levels

    def price_aggregate(self, first: Component) -> None:
        for own in self.rating.valued(first.id):
            if own.value is not None and own.carried is not None:
                component = own.version.component(first.id)
                amount = self.rounded(max(Fraction(0), own.value + own.carried) * component.percent, own.version)
                number = own.version.number
                self.add(first.id, own.period, number, (VALUE,), own.value, amount, own.period.end.at)

    def pay_back(self, first: Component) -> None:
        """What a service level pays back of the charges of other components."""
        every = self.agreement.versions[0].totals.every
        for period, version, measure in self.rating.levels(first.id):
            if measure is None:
                continue
            component = version.component(first.id)
            share = Fraction(0)
            for since, of_band in component.levels:
                share = of_band if since <= measure.value else share
            all_of_totals = self.rating.periods_every(every)
            total = all_of_totals[period_holding(all_of_totals, period.start.at)]
            charged, whole, off = Fraction(0), Fraction(0), Fraction(0)
            for key, cell in self.cells.items():
                if key[1] == "_totals":
                    if key[4][0] in (DISCOUNT, CAP, OVERAGE) and key[2] == total.start.at:
                        off += cell.charged
                elif key[4][0] != SERVICE_LEVEL and total.holds(key[2]):
                    whole += cell.charged
                    if key[2] == period.start.at and key[1] in component.of:
                        charged += cell.charged
            back = Fraction(0)
            if charged > 0 and whole > 0 and whole + off > 0:
                back = self.rounded(charged * (whole + off) / whole * share, version)
            if component.cap is not None:
                back = min(back, self.rounded(component.cap * period.days / period.whole, version))
            self.add(first.id, period, version.number, (SERVICE_LEVEL,), measure.value, -back, period.end.at)

    # Holdback

    def hold_back(self, first: Component) -> None:
        for index, period in enumerate(self.rating.periods(first.id)):
            hold = self.rating.hold(first.id, period)
            if hold is None:
                continue
            version, share, release = hold
            own = [cell for key, cell in self.cells.items() if key[1] == first.id and key[2] == period.start.at]
            held = self.rounded(sum((cell.charged for cell in own), Fraction(0)) * share, version)
            if held <= 0:
                continue
            groups = [group for group in self.groups if (group.component, group.period) == (first.id, index)]
            kept = self.kept_for_disputes(groups, held, version)
            everything = [c for group in groups for c in group.contributions]
            settled = [c for c in everything if kept == 0 or not c.disputed]
            due = max(cell.due for cell in own)
            self.add(first.id, period, version.number, (HOLDBACK,), 0, -held, due, everything)
            if release <= self.cut:
                self.add(first.id, period, version.number, (RELEASE,), 0, held - kept, release, settled)

    def kept_for_disputes(self, groups: list[PriceGroup], held: Fraction, version: Version) -> Fraction:
        """What of the amount held back is of works in dispute."""
        disputed = Fraction(0)
        for group in groups:
            counting = self.counting(group.contributions)
            weight = sum((c.weight for c in counting), Fraction(0))
            own = sum((c.weight for c in counting if c.disputed), Fraction(0))
            if own != 0 and weight != 0:
                disputed += self.rounded(group.amount * own / weight, version)
        whole = sum((group.amount for group in groups), Fraction(0))
        if disputed <= 0:
            return Fraction(0)
        return held if disputed >= whole else self.rounded(held * disputed / whole, version)

    def goodwill(self) -> None:
        periods = self.rating.statement_periods
        for credit in self.agreement.credits:
            if credit.time < self.cut:
                index = period_holding(periods, credit.time)
                period = periods[index or 0]
                version = self.rating.version_of(period)
                part = (GOODWILL, credit.source, credit.id)
                amount = -self.rounded(credit.amount, version)
                self.add("_credit", period, version.number, part, 0, amount, period.start.at + 1)

    def decisions(self) -> None:
        """What decisions credit of cells: never more than is still charged of them."""
        periods = self.rating.statement_periods
        credited = defaultdict(Fraction)
        of_statement = defaultdict(Fraction)
        decided = (decision for decision in self.agreement.decisions if decision.time < self.cut)
        for decision in sorted(decided, key=lambda own: (own.time, own.source, own.id)):
            period = periods[period_holding(periods, decision.time) or 0]
            version = self.rating.version_of(period)
            for key, stated in decision.charged:
                if key not in self.cells:
                    continue
                left = stated - of_statement[decision.statement, key]
                rest = self.cells[key].charged - credited[key]
                given = min(left, rest, key=abs) if left * rest > 0 else Fraction(0)
                credited[key] += given
                of_statement[decision.statement, key] += given
                part = (CREDITED, decision.source, decision.id, print_key(key))
                self.add("_credit", period, version.number, part, 0, -given, period.start.at + 1)

    def billed_before(self) -> None:
        """What is given back of works that were billed before the contract began."""
        opening, periods = self.agreement.opening, self.rating.statement_periods
        if opening is None or not periods:
            return
        version = self.agreement.versions[0]
        for place, work in enumerate(opening.works):
            parts = self.rating.opened.get(place)
            if work.billed is not None and parts is not None:
                back = 1 - min(sum((c.quantity for c in parts), Fraction(0)), Fraction(1))
                amount = -self.rounded(work.billed * back, version)
                due = periods[0].start.at + 1
                self.add("_credit", periods[0], version.number, (OPENED, place), -back, amount, due, parts)


def counted_seats(component: Component, by_day: list[int]) -> list[int]:
    """What each day of a period counts, from the most held on each."""
    assigned, released = component.seats_by_day
    if not released:
        by_day = list(itertools.accumulate(by_day, max))
    if not assigned:
        by_day = list(itertools.accumulate(by_day[::-1], max))[::-1]
    return by_day


def discount_holds(discount: Discount, periods: list[Period]) -> bool:
    """Whether the last of the periods, which are all up to it, has the discount."""

    def may(period: Period) -> bool:
        return discount.since is None or discount.since <= period.start.day

    period = periods[-1]
    if not may(period) or (discount.until is not None and period.start.day > discount.until):
        return False
    if discount.periods is None:
        return True
    return not period.tail and sum(map(may, periods[:-1])) < discount.periods


def band_of(component: Component, contribution: Contribution, account: Account) -> tuple[str, Fraction]:
    """The label and the factor of the band that a contribution is in."""
    count = contribution.unit.movements[contribution.count] if contribution.unit is not None else None
    basis = count.basis if count is not None else None
    if component.fallback is not None and basis is not None and basis.confidence is not None:
        calibration = account.calibration(component.fallback[0], count.counted_at)
        if calibration is None or not calibration.passed:
            return ("fallback", component.fallback[1])
    found = None
    if component.by == "confidence":
        if basis is not None and basis.confidence is not None:
            found = next((b for b in reversed(component.bands) if b.since <= basis.confidence), None)
    else:
        if component.by == "review":
            word = basis.review if basis is not None else None
        else:
            headers = basis.headers if basis is not None else contribution.usage.headers
            word = headers.get(component.by.removeprefix("header "))
        if word is not None:
            found = next((b for b in reversed(component.bands) if b.word == word), None)
    return ("missing", component.missing) if found is None else (found.label, found.multiplier)


class HeldSeats:
    """How many seats are held, from seat facts in any order (P4)."""

    def __init__(self, facts: list[Fact]):
        self.instants: list[int] = []
        self.held: list[int] = []
        seats = set()
        for fact in sorted(facts, key=lambda f: (f.time, f.kind == "seat.assigned", f.source, f.id)):
            (seats.add if fact.kind == "seat.assigned" else seats.discard)(fact.data["seat"])
            if self.instants and self.instants[-1] == fact.time:
                self.held[-1] = len(seats)
            else:
                self.instants.append(fact.time)
                self.held.append(len(seats))

    def most(self, start: int, end: int) -> int:
        """The most held in `[start, end)`."""
        first = bisect.bisect_right(self.instants, start)
        last = bisect.bisect_left(self.instants, end)
        return max(self.held[max(first - 1, 0) : last], default=0) if first else max(self.held[:last], default=0)


# ------------------------------------------------------------------------------------------------------
# B18. The statement (recompute/statement.md)
# ------------------------------------------------------------------------------------------------------

NAMED_MAX = 100


@dataclass
class StatementLine:
    kind: str
    key: tuple
    surface: str | None
    service: tuple[int, int]
    quantity: Fraction
    amount: Fraction
    before: tuple | None = None  # quantity, amount; only where it adjusts
    after: tuple | None = None
    waived: tuple | None = None  # amount, reason
    works: list = field(default_factory=list)
    causes: list = field(default_factory=list)
    omitted: int = 0
    note: str | None = None


@dataclass
class Members:
    """The works and usages of a price group: weight and share of what it charges, by name."""

    charged: Fraction = Fraction(0)
    weights: dict = field(default_factory=dict)
    shares: dict = field(default_factory=dict)


class StatementDraft:
    """What is owed less what was stated, for one contract and cut."""

    def __init__(self, book: Book, contract: str, cut: int):
        self.book = book
        self.agreement = book.account.agreements[contract]
        self.cut = cut
        if cut < self.agreement.start.at:
            raise Malformed("the cut is before the start of the contract")
        self.last_cut = self.agreement.last_cut
        self.as_of = cut if self.last_cut is None else max(cut, self.last_cut)
        self.rating = Rating(book, self.agreement, self.as_of)
        self.owed = self.rating.cells
        self.stated = self.sum_stated()
        self.currency = self.agreement.versions[-1].contract.currency
        self.minor = MINOR_DIGITS[self.currency]
        self.places = {identifier: n for n, identifier in enumerate(self.agreement.component_ids())}
        self.places |= {"_credit": len(self.places), "_totals": len(self.places)}
        self.now_units = {unit.key: unit for unit in book.units[contract]}
        self.then = None  # the rating that the last statement knew, where a comparison was made
        self.lines: list[StatementLine] = []
        self.stated_cells: list[dict] = []
        self.draw_up()
        self.credits = CreditDraws(self)
        self.stated_cells += self.credits.stated_cells

    def sum_stated(self) -> dict:
        """key -> [quantity, charged, {reason: waived}] over the standing statements."""
        stated = {key: [quantity, amount, defaultdict(Fraction)] for key, quantity, amount in self.agreement.stated_before()}
        for statement in self.agreement.standing:
            charges = [cell for cell in statement.cells if "credit" not in cell]
            for key, quantity, amount, reason in map(parse_stated_cell, charges):
                sums = stated.setdefault(key, [Fraction(0), Fraction(0), defaultdict(Fraction)])
                sums[0] += quantity
                if reason is None:
                    sums[1] += amount
                else:
                    sums[2][reason] += amount
        return stated

    def keys(self) -> list[tuple]:
        keys = [key for key, cell in self.owed.items() if cell.due <= self.cut]
        keys += [key for key in self.stated if key not in self.owed and key[2] < self.cut]
        return sorted(keys, key=lambda key: (self.places.get(key[1], len(self.places)), key))

    # Differences

    def draw_up(self) -> None:
        by_group = {}
        for key in self.keys():
            by_group.setdefault(group_of(key), []).append(key)
        for group, keys in by_group.items():
            lines = [line for key in keys for line in self.lines_of(key)]
            if any(line.kind == "adjustment" for line in lines):
                self.name_what_moved(group, lines)
            self.lines += lines

    def lines_of(self, key: tuple) -> list[StatementLine]:
        cell = self.owed.get(key)
        stated_quantity, stated_amount, stated_waived = self.stated.get(key, (Fraction(0), Fraction(0), {}))
        owed_quantity = cell.quantity if cell else Fraction(0)
        owed_amount = cell.charged if cell else Fraction(0)
        owed_waived = cell.waived if cell else {}
        quantity, amount = owed_quantity - stated_quantity, owed_amount - stated_amount
        waived = [
            (owed_waived.get(reason, Fraction(0)) - stated_waived.get(reason, Fraction(0)), reason)
            for reason in sorted(owed_waived.keys() | stated_waived.keys())
        ]
        adjusts = self.adjusts(key, cell)
        line = StatementLine(
            self.kind_of(key, adjusts),
            key,
            self.surface(key[1]),
            cell.service if cell else (key[2], key[2]),
            quantity,
            amount,
            before=(stated_quantity, stated_amount) if adjusts else None,
            after=(owed_quantity, owed_amount) if adjusts else None,
            note=self.note(key),
        )
        lines = []
        if quantity != 0 or amount != 0:
            lines.append(line)
            self.state(key, quantity, amount, None)
        for change, reason in waived:
            if change != 0:
                zero = Fraction(0)
                lines.append(replace(line, kind="waived", quantity=zero, amount=zero, waived=(change, reason)))
                self.state(key, zero, change, reason)
        return lines

    def state(self, key: tuple, quantity: Fraction, amount: Fraction, reason) -> None:
        cell = {
            "amount": print_amount(amount, self.currency),
            "cell": print_key(key),
            "quantity": print_decimal(quantity),
        }
        if reason is not None:
            cell["waived"] = reason
        self.stated_cells.append(cell)

    def adjusts(self, key: tuple, cell: Cell | None) -> bool:
        if self.last_cut is None:
            return False
        if cell is None:
            return True
        is_fee = key[4][0] == FEE or (key[4][0] in (SEATS, MINIMUM) and cell.due == cell.service[0])
        return cell.due <= self.last_cut and (is_fee or cell.service[1] <= self.last_cut)

    def kind_of(self, key: tuple, adjusts: bool) -> str:
        if key[4][0] == GOODWILL:
            return "goodwill"
        if key[4][0] in (CREDITED, OPENED):
            return "credit"
        if adjusts:
            cell = self.owed.get(key)
            is_ahead = key[4][0] == MINIMUM and cell is not None and cell.due == cell.service[0]
            return "absorbed" if key[4][0] in (CAP, MINIMUM, DRAWN) and not is_ahead else "adjustment"
        return "charge"

    def surface(self, component: str) -> str | None:
        for version in reversed(self.agreement.versions):
            found = version.component(component)
            if found is not None:
                return SURFACES[found.kind]
        return None

    def expected_loss(self, key: tuple) -> str | None:
        """What the cover of a premium's units may cost, where the plan documents how often it was paid."""
        cell = self.owed.get(key)
        version = self.rating.version_by_number.get(key[3])
        component = version.component(key[1]) if version is not None else None
        if cell is None or component is None or component.loss is None:
            return None
        share, source = component.loss
        exposure = component.cover * cell.quantity
        expected = round_places(exposure * share, self.minor, version.contract.rounding)
        number = lambda value: print_amount(value, self.currency)["amount"]  # noqa: E731
        return (
            f"exposure {number(exposure)} {self.currency}: {print_decimal(cell.quantity)} at most"
            f" {number(component.cover)} each; expected loss {number(expected)} {self.currency}"
            f" at {print_decimal(share * 100)} % ({source})"
        )

    def uncalibrated(self, key: tuple) -> str:
        """Why works are priced without regard to their confidence."""
        subject = self.rating.version_by_number[key[3]].component(key[1]).fallback[0]
        failed, without = set(), False
        for own in self.owed[key].contributions:
            calibration = self.book.account.calibration(subject, own.unit.movements[own.count].counted_at)
            without |= calibration is None
            if calibration is not None:
                failed.add((calibration.since, calibration.name))
        reasons = [f"{subject} failed from {print_instant(since)} ({name})" for since, name in sorted(failed)]
        return "; ".join(reasons + [f"no calibration of {subject} was in force"] * without)

    def level_note(self, key: tuple) -> str:
        period, version, measure = next(own for own in self.rating.levels(key[1]) if own[0].start.at == key[2])
        component = version.component(key[1])
        share = [of_band for since, of_band in component.levels if since <= measure.value]
        percent = print_decimal((share[-1] if share else Fraction(0)) * 100)
        return f"{component.measure} {print_decimal(measure.value)}: {percent} % ({measure.name})"

    def value_note(self, key: tuple) -> str:
        own = next(own for own in self.rating.valued(key[1]) if own.period.start.at == key[2])
        component = own.version.component(key[1])

        def money(value):
            return f"{print_amount(value, self.currency)['amount']} {self.currency}"

        note = f"{component.measure} {money(own.measure.value)} ({own.measure.name})"
        note += f" less {component.baseline} {money(own.before)} ({own.baseline.name})"
        if own.baseline.entry[0] >= own.period.start.at:
            note += f", published {print_instant(own.baseline.entry[0])} after the period began"
        if own.carried != 0:
            note += f"; {money(own.carried)} carried from before"
        return note

    def note_of_totals(self, key: tuple) -> str | None:
        cell = self.owed.get(key)
        version = self.rating.version_by_number.get(key[3])
        if cell is None or cell.of is None or version is None:
            return None
        totals = version.totals
        money = lambda value: f"{print_amount(value, self.currency)['amount']} {self.currency}"  # noqa: E731
        part, of = key[4], money(cell.of)
        if part[0] == DISCOUNT:
            discounts = totals.discounts()
            if part[1] >= len(discounts):
                return None
            own = discounts[part[1]]
            off = f"{print_decimal(own.percent * 100)} % of" if own.amount is None else f"{money(own.amount)} off"
            return f"{off} {of}" + (f": {own.reason}" if own.reason is not None else "")
        if part[0] == CAP and totals.cap is not None and totals.cap.mode == "stop":
            return f"{of} was done; the cap stops at {money(cell.of + cell.amount)}"
        if part == (OVERAGE, 0) and totals.cap is not None and totals.cap.mode == "overage":
            return f"{of} beyond the cap, at {print_decimal(totals.cap.overage)} times the price"
        if part == (OVERAGE, 1) and totals.minimum is not None and totals.minimum.overage is not None:
            return f"{of} beyond the minimum, at {print_decimal(totals.minimum.overage)} times the price"
        if part[0] == DRAWN:
            return f"{of} is left to draw"
        if part[0] == MINIMUM and totals.minimum is not None:
            if totals.minimum.bill == "in_advance":
                return f"a part of {of} in {totals.minimum.periods} periods"
            if not totals.minimum.is_of_a_period():
                return f"{money(cell.of + cell.amount)} was promised, {of} was charged"
        return None

    def note(self, key: tuple) -> str | None:
        if key[4][0] == PREMIUM:
            return self.expected_loss(key)
        if key[4][0] in (SERVICE_LEVEL, VALUE) or key[4][:2] == (BAND, "fallback"):
            if key not in self.owed:
                return None
            return {SERVICE_LEVEL: self.level_note, VALUE: self.value_note, BAND: self.uncalibrated}[key[4][0]](key)
        if key[1] == "_totals":
            return self.note_of_totals(key)
        if key[4][0] == OPENED:
            works = self.agreement.opening.works if self.agreement.opening is not None else []
            own = works[key[4][1]] if key[4][1] < len(works) else None
            return f"{own.unit} {own.work}, billed before the contract" if own is not None else None
        given = {GOODWILL: self.agreement.credits, CREDITED: self.agreement.decisions}.get(key[4][0], ())
        return next((c.reason for c in given if (c.source, c.id) == key[4][1:3]), None)

    # What moved

    def compare(self) -> None:
        """Computes what the last statement knew, once."""
        if self.then is not None:
            return
        last = max(enumerate(self.agreement.standing), key=lambda entry: (entry[1].coverage, entry[1].cut, entry[0]))[1]
        book = self.book.before(last.coverage)
        agreement = book.account.agreements.get(self.agreement.id)
        self.seen = last.cut
        self.then = False
        self.then_units = {}
        if agreement is not None:
            if agreement.last_cut is not None:
                self.seen = max(self.seen, agreement.last_cut)
            self.then = Rating(book, agreement, self.seen)
            self.then_units = {unit.key: unit for unit in book.units[agreement.id]}

    def name_what_moved(self, group: tuple, lines: list[StatementLine]) -> None:
        self.compare()
        if not self.then:
            return
        now = group_members(self.owed, group, self.minor)
        then = group_members(self.then.cells, group, self.minor)
        zero = Fraction(0)
        names = [
            name
            for name in sorted(now.weights.keys() | then.weights.keys())
            if now.weights.get(name, zero) != then.weights.get(name, zero)
        ]
        own = sum((now.shares.get(name, zero) - then.shares.get(name, zero) for name in names), zero)
        works, causes, omitted = self.list_moved(names)
        for line in lines:
            if line.kind == "adjustment":
                line.works, line.causes, line.omitted = works, causes, omitted
        stated = sum((sums[1] for key, sums in self.stated.items() if group_of(key) == group), zero)
        if stated == then.charged and (works or causes):
            self.split_tier_effect(lines, own)

    def list_moved(self, names: list[tuple]) -> tuple[list, list, int]:
        works, causes, omitted = [], {}, 0
        for kind, name in names:
            if kind == 1:
                moved = [name]
            else:
                then_unit = self.then_units.get(name)
                now_unit = self.now_units.get(name)
                if len(works) < NAMED_MAX:
                    works.append((now_unit or then_unit).printed)
                else:
                    omitted += 1
                moved = self.causes_of(now_unit, then_unit)
            for cause in moved:
                if cause in causes:
                    continue
                if len(causes) < NAMED_MAX:
                    causes[cause] = True
                else:
                    omitted += 1
        return works, list(causes), omitted

    def causes_of(self, now: Unit | None, then: Unit | None) -> list[tuple]:
        moved_now = {movement_value(m) for m in now.movements} if now else set()
        moved_then = {movement_value(m) for m in then.movements} if then else set()
        causes = set()
        for movement in now.movements if now else []:
            if movement.instant < self.cut:
                if movement.instant >= self.seen or movement_value(movement) not in moved_then:
                    causes.update(movement.causes)
        for movement in then.movements if then else []:
            if movement.instant < self.seen and movement_value(movement) not in moved_now:
                causes.update(movement.causes)
        facts_now = {fact[1:] for fact in now.facts} if now else set()
        facts_then = {fact[1:] for fact in then.facts} if then else set()
        return sorted(causes | (facts_now ^ facts_then))

    def split_tier_effect(self, lines: list[StatementLine], own: Fraction) -> None:
        adjustments = [line for line in lines if line.kind == "adjustment"]
        effect = sum((line.amount for line in adjustments), Fraction(0)) - own
        if effect == 0:
            return
        last = adjustments[-1]
        last.amount -= effect
        split = replace(last, kind="tier_effect", quantity=Fraction(0), amount=effect, works=[], causes=[], omitted=0)
        at = next(i for i, line in enumerate(lines) if line is last)
        if last.amount == 0 and last.quantity == 0:
            lines[at] = split
        else:
            lines.insert(at + 1, split)

    # Authorship and pending

    def authorship(self) -> dict[str, Fraction]:
        sums = {}
        compared = self.then if any(line.kind == "adjustment" for line in self.lines) else None
        for line in self.lines:
            if line.amount == 0:
                continue
            authors = weights_by_author(self.owed.get(line.key))
            if not authors and compared:
                authors = weights_by_author(compared.cells.get(line.key))
            if not authors:
                sums["agreed"] = sums.get("agreed", Fraction(0)) + line.amount
                continue
            order = [author for author in ("seller", "buyer", "third_party") if author in authors]
            parts = divide_amount(line.amount, [authors[author] for author in order], self.minor)
            for author, part in zip(order, parts):
                sums[author] = sums.get(author, Fraction(0)) + part
        return sums

    def pending(self) -> dict[str, int]:
        pending = Counter(self.rating.pending)
        for unit in self.book.units[self.agreement.id]:
            if unit.opened < self.as_of:
                words = [words for at, words in unit.states if at < self.as_of]
                pending["open"] += bool(words) and words[-1] == "pending"
        return {reason: count for reason, count in pending.items() if count}

    def awaited(self) -> dict:
        """The documents that periods which are over wait for."""
        listed = []
        for identifier in self.agreement.component_ids():
            kind = self.agreement.first_with(identifier).kind
            waits = []
            if kind == "service_level":
                waits = [(own[0], own[1], "measure") for own in self.rating.levels(identifier) if own[2] is None]
            elif kind == "aggregate":
                for own in self.rating.valued(identifier):
                    waits += [(own.period, own.version, "measure")] * (own.measure is None)
                    waits += [(own.period, own.version, "baseline")] * (own.baseline is None)
            for period, version, document in waits:
                listed.append(
                    {
                        "component": identifier,
                        "document": document,
                        "period": {"from": print_instant(period.start.at), "until": print_instant(period.end.at)},
                        "subject": version.component(identifier).looks_at(document),
                    }
                )
        return {"awaited": listed} if listed else {}

    # The body

    @property
    def revision(self) -> int:
        return max((s.revision for s in self.agreement.statements if s.cut == self.cut), default=0) + 1

    def service(self) -> dict:
        start, end = self.agreement.start.at, self.cut
        for period in cut_periods(self.agreement, self.cut, None):
            if period.end.at <= self.cut:
                start, end = period.start.at, period.end.at
        return {"from": print_instant(start), "until": print_instant(end)}

    def retained(self) -> dict:
        """What is held back and not released, where some version of the contract holds anything back."""
        if all(version.contract.holdback is None for version in self.agreement.versions):
            return {}
        kept = [c.charged for key, c in self.owed.items() if key[4][0] in (HOLDBACK, RELEASE) and c.due <= self.cut]
        return {"retained": print_amount(-sum(kept, Fraction(0)), self.currency)}

    def body(self) -> bytes:
        total = sum((line.amount for line in self.lines), Fraction(0))
        return canonical_json(
            self.credits.members(total)
            | self.retained()
            | self.awaited()
            | {
                "statement": "billing statement, before tax",
                "customer": self.book.customer,
                "contract": self.agreement.id,
                "cut": print_instant(self.cut),
                "as_of": print_instant(self.as_of),
                "revision": self.revision,
                "service": self.service(),
                "currency": self.currency,
                "semantics": 1,
                "documents": [
                    {"contract": v.contract.digest, "plan": v.contract.plan, "version": v.number}
                    for v in self.agreement.versions
                ],
                "lines": [self.line_body(line) for line in self.lines],
                "total": print_amount(total, self.currency),
                "authorship": {
                    author: print_amount(amount, self.currency) for author, amount in self.authorship().items()
                },
                "pending": self.pending(),
            }
        )

    def line_body(self, line: StatementLine) -> dict:
        body = {
            "kind": line.kind,
            "cell": print_key(line.key),
            "service": {"from": print_instant(line.service[0]), "until": print_instant(line.service[1])},
            "quantity": print_decimal(line.quantity),
            "amount": print_amount(line.amount, self.currency),
        }
        if line.surface is not None:
            body["surface"] = line.surface
        for name, side in (("before", line.before), ("after", line.after)):
            if side is not None:
                body[name] = {"quantity": print_decimal(side[0]), "amount": print_amount(side[1], self.currency)}
        if line.waived is not None:
            body["waived"] = {"amount": print_amount(line.waived[0], self.currency), "reason": line.waived[1]}
        if line.works:
            body["works"] = line.works
        if line.causes:
            body["causes"] = [{"source": source, "id": identifier} for source, identifier in line.causes]
        if line.omitted:
            body["omitted"] = line.omitted
        if line.note is not None:
            body["note"] = line.note
        return body


class CreditDraws:
    """What a statement draws on prepaid credits, and what it restores (recompute/credits.md)."""

    def __init__(self, draft: StatementDraft):
        self.draft = draft
        self.agreement = draft.agreement
        self.lines: list[tuple] = []  # (lot, drawn, restored)
        self.stated_cells: list[dict] = []
        account = draft.book.account
        if not account.grants:
            return
        self.lots = lots_of(account)
        self.places = {lot.name: place for place, lot in enumerate(self.lots)}
        self.before, self.last = {}, {}
        self.stand_drawn()
        self.changes = {}
        self.may_draw = {}  # place of a difference -> amount
        self.differences = [
            (parse_key(cell["cell"]), amount)
            for cell in draft.stated_cells
            if "waived" not in cell and (amount := parse_amount(cell["amount"])[0]) != 0
        ]
        self.periods = cut_periods(self.agreement, draft.as_of, self.agreement.versions[0].totals.every)
        pools = defaultdict(list)
        for place, (key, amount) in enumerate(self.differences):
            pools[self.pool_of(key)].append((place, key, amount))
        for pool in sorted(pools):
            self.net(pool, pools[pool])
        self.draw()
        self.state()

    def stand_drawn(self) -> None:
        for number, statement in enumerate(self.agreement.standing):
            for cell in statement.cells:
                name = parse_lot(cell["credit"]) if "credit" in cell else None
                if name is None:
                    continue
                try:
                    pair = (name, parse_key(cell["cell"]))
                except Malformed:
                    continue
                amount = parse_amount(cell["amount"])[0]
                self.before[pair] = self.before.get(pair, Fraction(0)) + amount
                if pair not in self.last or amount >= 0:
                    self.last[pair] = number

    def pool_of(self, key: tuple) -> int:
        return period_holding(self.periods, about(key)[2]) or 0

    def component(self, identifier: str):
        found = (version.component(identifier) for version in reversed(self.agreement.versions))
        return next((component for component in found if component is not None), None)

    def family(self, key: tuple) -> str | None:
        key = about(key)
        if key[1] in ("_totals", "_credit"):
            return None
        component = self.component(key[1])
        return component.modifies if component is not None and component.modifies else key[1]

    def standing_of(self, pair: tuple) -> Fraction:
        return self.before[pair] + self.changes.get(pair, Fraction(0))

    def restore(self, amount: Fraction, pairs: list[tuple]) -> Fraction:
        """Takes back what stands drawn, latest draw first; how much."""
        left = amount
        order = sorted(pairs, key=lambda pair: (self.last[pair], self.places.get(pair[0], -1), pair[1]), reverse=True)
        for pair in order:
            back = min(self.standing_of(pair), left)
            if back > 0:
                self.changes[pair] = self.changes.get(pair, Fraction(0)) - back
                left -= back
        return amount - left

    def net(self, pool: int, differences: list[tuple]) -> None:
        zero, minor = Fraction(0), self.draft.minor
        pairs = [pair for pair in self.before if self.pool_of(pair[1]) == pool]
        charged = sum((sums[1] for key, sums in self.draft.stated.items() if self.pool_of(key) == pool), zero)
        charged += sum((amount for _, _, amount in differences), zero)
        nets = {None: zero}  # the rest first
        for _, key, amount in differences:
            family = self.family(key)
            nets[family] = nets.get(family, zero) + amount

        def spread(amount: Fraction, families: list) -> None:
            for family, part in zip(families, divide_amount(amount, [abs(nets[f]) for f in families], minor)):
                nets[family] += part

        below = [family for family, net in nets.items() if family is not None and net < 0]
        raised = min(nets[None], -sum((nets[family] for family in below), zero))
        if raised > 0:
            nets[None] -= raised
            spread(raised, below)
        lost = zero
        for family, net in nets.items():
            if net < 0:
                own = [pair for pair in pairs if self.family(pair[1]) == family] if family is not None else []
                lost += -net - self.restore(-net, own)
                nets[family] = zero
        above = [family for family, net in nets.items() if net > 0]
        cut = min(lost, sum((nets[family] for family in above), zero))
        if cut > 0:
            spread(-cut, above)
        excess = min(lost - cut, sum(map(self.standing_of, pairs), zero) - max(charged, zero))
        if excess > 0:
            self.restore(excess, pairs)
        for family, net in nets.items():
            if net != 0:
                own = [(place, own) for place, key, own in differences if own > 0 and self.family(key) == family]
                parts = divide_amount(net, [amount for _, amount in own], minor)
                self.may_draw |= {place: part for (place, _), part in zip(own, parts)}

    # When it happened

    def is_fresh(self, contribution: Contribution) -> bool:
        standing = self.agreement.standing
        if not standing:
            return True
        coverage = max((s.coverage, s.cut) for s in standing)[0]
        arrivals = self.draft.book.arrivals
        arrived = max((arrivals.get(cause, -1) for cause in contribution.causes), default=-1)
        return self.instant(contribution) >= self.agreement.last_cut or arrived >= coverage

    @staticmethod
    def instant(contribution: Contribution) -> int:
        if contribution.unit is None:
            return contribution.instant
        return contribution.unit.movements[contribution.count].instant

    def by_instant(self, key: tuple, amount: Fraction) -> dict[int, Fraction]:
        cell = self.draft.owed.get(key)
        if cell is None:
            return {key[2]: amount}
        without_late = cell.waived.get("late", 0) != 0
        own = [c for c in cell.contributions if c.weight > 0 and not (without_late and c.late)]
        own = [c for c in own if self.is_fresh(c)] or own
        start, end = cell.service
        if not own:
            return {start if cell.due <= start else max(min(end, self.draft.cut) - 1, start): amount}
        parts = defaultdict(Fraction)
        for contribution, part in zip(own, divide_amount(amount, [c.weight for c in own], self.draft.minor)):
            parts[max(start, min(self.instant(contribution), end - 1))] += part
        return parts

    # Draws

    def draw(self) -> None:
        open_lots = [
            lot
            for lot in self.lots
            if lot.left > 0
            and lot.grant.currency == self.draft.currency
            and lot.grant.contract in (None, self.agreement.id)
            and not lot.closed(self.agreement, self.draft.cut)
        ]
        if not open_lots:
            return
        left = {lot.name: lot.left for lot in open_lots}
        parts = []
        for place, amount in self.may_draw.items():
            parts += [(at, place, part) for at, part in self.by_instant(self.differences[place][0], amount).items()]
        for at, place, amount in sorted(parts):
            key = self.differences[place][0]
            component = self.component(key[1])
            surface = SURFACES[component.kind] if component is not None else None
            for lot in open_lots:
                part = min(left[lot.name], amount)
                if part > 0 and lot.pays_at(at) and lot.grant.covers(key[1], surface):
                    left[lot.name] -= part
                    amount -= part
                    pair = (lot.name, key)
                    self.changes[pair] = self.changes.get(pair, Fraction(0)) + part

    def state(self) -> None:
        def order(pair: tuple) -> tuple:
            places = self.draft.places
            return (self.places.get(pair[0], -1), places.get(pair[1][1], len(places)), pair[1])

        for pair in sorted((pair for pair, amount in self.changes.items() if amount != 0), key=order):
            amount = self.changes[pair]
            self.stated_cells.append(
                {
                    "amount": print_amount(amount, self.draft.currency),
                    "cell": print_key(pair[1]),
                    "credit": print_lot(pair[0]),
                    "quantity": "0",
                }
            )
            if not self.lines or self.lines[-1][0] != pair[0]:
                self.lines.append((pair[0], Fraction(0), Fraction(0)))
            lot, drawn, restored = self.lines[-1]
            self.lines[-1] = (lot, drawn + max(amount, 0), restored + max(-amount, 0))

    def members(self, total: Fraction) -> dict:
        """What stands of it in the body."""
        if not self.lines:
            return {}
        currency = self.draft.currency
        credits = []
        for lot, drawn, restored in self.lines:
            line = {"credit": print_lot(lot)}
            if drawn != 0:
                line["drawn"] = print_amount(drawn, currency)
            if restored != 0:
                line["restored"] = print_amount(restored, currency)
            credits.append(line)
        payable = total - sum(drawn - restored for _, drawn, restored in self.lines)
        return {"credits": credits, "payable": print_amount(payable, currency)}


def movement_value(movement: Movement) -> tuple:
    """All members of a movement, the basis too, for comparison between two foldings."""
    basis = movement.basis
    return (
        movement.instant,
        movement.kind,
        movement.cls,
        movement.quantity,
        movement.value,
        movement.counted_at,
        tuple(movement.causes),
        basis.confidence,
        basis.review,
        tuple(sorted(basis.headers.items())),
        basis.decided_by,
    )


def group_members(cells: dict[tuple, Cell], group: tuple, minor: int) -> Members:
    members = Members()
    keys = sorted(key for key in cells if group_of(key) == group)
    if not keys:
        return members
    members.charged = sum((cells[key].charged for key in keys), Fraction(0))
    contributions = sharing(cells, group, cells[keys[0]].contributions)
    shares = divide_amount(members.charged, [c.weight for c in contributions], minor)
    for contribution, share in zip(contributions, shares):
        name = contribution.name
        members.weights[name] = members.weights.get(name, Fraction(0)) + contribution.weight
        members.shares[name] = members.shares.get(name, Fraction(0)) + share
    return members


def sharing(cells: dict[tuple, Cell], group: tuple, contributions: list) -> list:
    """The contributions that share in what a group charges: without the late ones, where late facts are waived."""
    if any("late" in cell.waived for key, cell in cells.items() if group_of(key) == group):
        return [contribution for contribution in contributions if not contribution.late]
    return contributions


def weights_by_author(cell: Cell | None) -> dict[str, Fraction]:
    authors = {}
    for contribution in cell.contributions if cell else []:
        if contribution.weight != 0:
            authors[contribution.authorship] = authors.get(contribution.authorship, Fraction(0)) + abs(
                contribution.weight
            )
    return authors


# ======================================================================================================
# PART C: THE VERIFICATION (proof-file.md section 6)
# ======================================================================================================

# ------------------------------------------------------------------------------------------------------
# C1. proof.json, and what the buyer holds
# ------------------------------------------------------------------------------------------------------


@dataclass
class Proof:
    """`proof.json`, read."""

    mode: str
    customer: str
    contract: str
    number: str
    cut: int
    revision: int
    origin: str
    vkey: str
    since: int
    until: int
    root: bytes
    size: int
    issued: int


def want_one(value):
    if value is True or value != 1:
        raise Malformed("neither another version nor other rules than 1 are known")


def parse_proof(raw: bytes) -> Proof:
    """Check 3."""
    try:
        value = parse_strict_json(raw)
        want_members(
            value,
            {
                "v": want_one,
                "kind": one_of("statement"),
                "mode": one_of("full", "carry"),
                "customer": want_identifier,
                "contract": want_identifier,
                "number": want_identifier,
                "cut": want_instant,
                "revision": want_whole,
                "origin": want_string,
                "vkey": want_string,
                "coverage": lambda coverage: want_members(coverage, {"from": want_whole, "until": want_whole}),
                "head": lambda head: want_members(head, {"root": want_string, "size": want_whole}),
                "issued": want_whole,
                "semantics": want_one,
                "time_zones": want_string,
                "engine": lambda engine: want_members(engine, {"name": want_string, "version": want_string}),
            },
        )
        proof = Proof(
            mode=value["mode"],
            customer=value["customer"],
            contract=value["contract"],
            number=value["number"],
            cut=parse_instant(value["cut"]),
            revision=parse_index(value["revision"]),
            origin=value["origin"],
            vkey=value["vkey"],
            since=parse_index(value["coverage"]["from"]),
            until=parse_index(value["coverage"]["until"]),
            root=strict_base64(value["head"]["root"]),
            size=parse_index(value["head"]["size"]),
            issued=parse_index(value["issued"]),
        )
    except Malformed as error:
        raise Refused("proof", f"proof.json: {error}") from None
    if len(proof.root) != 32 or proof.since > proof.until:
        raise Refused("proof", "proof.json: the root has not 32 bytes, or the coverage ends before it begins")
    if proof.mode == "full" and proof.since != 0:
        raise Refused("proof", "proof.json: in mode full the coverage is from 0")
    return proof


@dataclass
class Trust:
    """What the verifier was given: keys, and an earlier head of the same log."""

    keys: list[Key] = field(default_factory=list)
    head: tuple[int, bytes] | None = None


PIN_LINE = re.compile(r"(vkey|head) (.+)\Z")


def read_pins(path: Path) -> Trust:
    """The pins of one log: `vkey …` and `head SIZE ROOT`. No file yet: nothing is pinned."""
    trust = Trust()
    if not path.exists():
        return trust
    for line in path.read_text("utf-8").splitlines():
        form = PIN_LINE.match(line)
        if not form:
            raise Malformed(f"{path}: {line!r} is neither a vkey nor a head")
        if form[1] == "vkey":
            trust.keys.append(parse_vkey(form[2]))
        else:
            size, _, root = form[2].partition(" ")
            trust.head = parse_head(size, root)
    return trust


def parse_head(size: str, root: str) -> tuple[int, bytes]:
    raw = strict_base64(root)
    if len(raw) != 32:
        raise Malformed("a root has 32 bytes")
    return parse_index(size), raw


def write_pins(path: Path, keys: list[Key], size: int, root: bytes) -> None:
    lines = [f"vkey {key.vkey}" for key in keys] + [f"head {size} {base64.b64encode(root).decode()}"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


# ------------------------------------------------------------------------------------------------------
# C2. Checks 4 and 5: key and checkpoint
# ------------------------------------------------------------------------------------------------------


def check_key(proof: Proof, trust: Trust) -> tuple[list[Key], bool]:
    """Check 4: the log's keys that are trusted, and whether they were pinned."""
    for key in trust.keys:
        if key.name != proof.origin or key.key_type != KEY_TYPE_ED25519:
            raise Refused("key", f"the pinned key is of {key.name}, the file of {proof.origin}")
    if trust.keys:
        return trust.keys, True
    try:
        stated = parse_vkey(proof.vkey)
    except Malformed as error:
        raise Refused("key", f"proof.json: {error}") from None
    if stated.name != proof.origin or stated.key_type != KEY_TYPE_ED25519:
        raise Refused("key", "the vkey of proof.json is not a key of the log")
    return [stated], False


def check_checkpoint(raw: bytes, proof: Proof, keys: list[Key]) -> Note:
    """Check 5."""
    try:
        note = parse_note(raw)
        checkpoint = parse_checkpoint(note.text)
        verified = [key for key in keys if note_verifies(note, key)]
    except Malformed as error:
        raise Refused("checkpoint", str(error)) from None
    if (checkpoint.origin, checkpoint.size, checkpoint.root) != (proof.origin, proof.size, proof.root):
        raise Refused("checkpoint", "origin, size or root of the checkpoint are others than proof.json says")
    if not verified:
        raise Refused("checkpoint", "the checkpoint is not signed by the log's key")
    return note


# ------------------------------------------------------------------------------------------------------
# C3. Checks 8 to 10: entries, identities, signatures
# ------------------------------------------------------------------------------------------------------


@dataclass
class LogEntry:
    position: int
    event: Event
    conflict: bool


def read_entries(raw_entries: list[tuple[int, bytes]], customer: str) -> list[LogEntry]:
    """Check 8."""
    log = []
    for position, raw in raw_entries:
        try:
            event, conflict = parse_entry(raw)
            if event.raw["subject"] != customer:
                raise Malformed(f"the subject is {event.raw['subject']!r}, not {customer!r}")
            if not in_customer_log(event):
                raise Malformed(f"{event.kind} does not belong to the customer log")
        except Malformed as error:
            raise Refused("entry", f"entry {position}: {error}") from None
        log.append(LogEntry(position, event, conflict))
    return log


def in_customer_log(event: Event) -> bool:
    return not (event.kind == "document.published" and event.data.get("audience") == "seller")


def check_identities(log: list[LogEntry]) -> None:
    """Check 9."""
    contents = defaultdict(list)
    for entry in log:
        known = contents[entry.event.identity]  # events; digests are made only where there are several
        if entry.conflict != bool(known):
            said = "is" if entry.conflict else "is not"
            raise Refused("identity", f"entry {entry.position} {said} marked as a conflict")
        if known and entry.event.digest in {event.digest for event in known}:
            raise Refused("identity", f"entry {entry.position} repeats a content")
        if len(known) >= CONTENTS_MAX:
            raise Refused("identity", f"entry {entry.position} is content {CONTENTS_MAX + 1} of its identity")
        known.append(entry.event)


def signed_text(origin: str, event: Event) -> bytes:
    """What a buyer signs: section 4."""
    unsigned = {name: value for name, value in event.raw.items() if name != "signature"}
    return f"piecework/entry/v1\n{origin}\n".encode() + canonical_json(unsigned)


def possession_text(origin: str, vkey: str) -> bytes:
    return f"piecework/key/v1\n{origin}\n{vkey}\n".encode()


@dataclass
class Keyring:
    """Keys that the log publishes."""

    buyer: dict[str, Key] = field(default_factory=dict)  # by signer
    seller: list[Key] = field(default_factory=list)


def check_signatures(log: list[LogEntry], origin: str) -> Keyring:
    """Check 10."""
    keyring = Keyring()
    for entry in log:
        try:
            if entry.event.replacement is not None and replacement_signed(entry.event):
                raise Malformed("a replacement carries a signature of its own")
            if entry.event.signed:
                check_signature(entry.event, origin, keyring)
            if entry.event.kind == "key.published":
                publish_key(entry.event, origin, keyring)
        except Malformed as error:
            raise Refused("signature", f"entry {entry.position}: {error}") from None
    return keyring


def replacement_signed(event: Event) -> bool:
    while event.replacement is not None:
        event = event.replacement
        if event.signed:
            return True
    return False


def check_buyers_kind(event: Event) -> None:
    """What a buyer signs, and what a correction that a buyer signs may take back and put in place."""
    if event.authorship != "buyer" or event.kind not in BUYER_KINDS:
        raise Malformed(f"a buyer does not sign {event.kind} of authorship {event.authorship}")
    if event.kind == "event.corrected":
        if event_kind(event.data["target"]["type"]) not in BUYER_KINDS:
            raise Malformed(f"a buyer does not correct {event.data['target']['type']}")
        if event.replacement is not None:
            check_buyers_kind(event.replacement)


def check_signature(event: Event, origin: str, keyring: Keyring) -> None:
    check_buyers_kind(event)
    key = keyring.buyer.get(event.raw["signer"])
    if key is None:
        raise Malformed(f"signer {event.raw['signer']} is no buyer's key published before")
    if not ed25519_verify(key.public_key, signed_text(origin, event), bytes.fromhex(event.raw["signature"])):
        raise Malformed("the signature does not verify")


def publish_key(event: Event, origin: str, keyring: Keyring) -> None:
    vkey = event.data["vkey"]
    key = parse_vkey(vkey)
    possession = bytes.fromhex(event.data["possession"])
    text = possession_text(origin, vkey)
    if key.key_type != KEY_TYPE_ED25519 or not ed25519_verify(key.public_key, text, possession):
        raise Malformed("the possession of the key is not proved")
    if key in keyring.seller or key in keyring.buyer.values():
        raise Malformed("the key is published already")
    if (key.name == origin) != (event.data["holder"] == "seller"):
        raise Malformed("a seller's key has the name of the log, a buyer's has another")
    if event.data["holder"] == "seller":
        if event.signed:
            raise Malformed("a seller's key is not published by the buyer")
        keyring.seller.append(key)
    else:
        if event.signed != bool(keyring.buyer):
            raise Malformed("a buyer's first key is published by the seller, every later one by the buyer")
        keyring.buyer[key.signer] = key


# ------------------------------------------------------------------------------------------------------
# C4. The carry (proof-file.md section 9)
# ------------------------------------------------------------------------------------------------------

CARRY_NAME = "piecework/carry/v1"


@dataclass
class CarryGroup:
    """Entries that need not be at hand, and the settled units that they came to."""

    digest: str
    entries: list[int]
    units: list[tuple[str, Unit]]  # contract, unit
    raw: bytes


@dataclass
class Carry:
    coverage: int
    cut: int
    frontier: list[bytes]
    lines: dict[int, bytes]  # entries that stand for themselves, as stored
    groups: list[CarryGroup]


def perfect_subtrees(size: int) -> list[int]:
    """Heights of the perfect subtrees that `size` leaves fall into, the largest first."""
    return [height for height in range(size.bit_length() - 1, -1, -1) if size >> height & 1]


def frontier_of(tree: Tree, size: int) -> list[bytes]:
    return [tree.rows[height][(size >> height) - 1] for height in perfect_subtrees(size)]


class Frontier:
    """A tree of which only the perfect subtrees are kept; leaves are added at its end."""

    def __init__(self, size: int, hashes: list[bytes]):
        self.size = size
        self.hashes = list(hashes)

    def push(self, leaf: bytes) -> None:
        size = self.size
        while size & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.hashes:
            return hashlib.sha256(b"").digest()
        root = self.hashes[-1]
        for subtree in reversed(self.hashes[:-1]):
            root = node_hash(subtree, root)
        return root


def group_digest(leaves: list[tuple[int, bytes]]) -> str:
    """SHA-256 over u64(position) || leaf hash, ascending."""
    return hashlib.sha256(b"".join(struct.pack(">Q", at) + leaf for at, leaf in sorted(leaves))).hexdigest()


def definitions_named(account: Account) -> list[Definition]:
    """Every definition that any version of any contract names."""
    return list(
        {
            definition.digest: definition
            for agreement in account.agreements.values()
            for version in agreement.versions
            for definition in version.definitions.values()
        }.values()
    )


class Touching:
    """Which groups the entries at hand touch."""

    def __init__(self, groups: list[tuple[list, set]]):
        """`groups` are (fact references, (unit id, scope, works) of units)."""
        self.by_identity = defaultdict(set)
        self.by_work = defaultdict(set)
        self.by_scope = defaultdict(set)
        for number, (references, units) in enumerate(groups):
            for reference in references:
                self.by_identity[reference].add(number)
            for unit_id, scope, works in units:
                self.by_scope[unit_id, scope].add(number)
                for work in works:
                    self.by_work[work].add(number)

    def touched(self, contents: list[tuple[int, Event]], facts: list[Fact], definitions: list[Definition]) -> set[int]:
        found = set()
        for _, event in contents:
            found |= self.by_identity.get(event.identity, set())
            while event is not None:
                if event.work is not None:
                    found |= self.by_work.get(event.work, set())
                if event.kind == "event.corrected":
                    found |= self.by_identity.get(target_of(event), set())
                event = event.replacement
        for fact in facts:
            for definition in definitions:
                if fact.kind in RANKS and fact.headers.get("unit", definition.id) == definition.id:
                    scope = tuple(fact.headers.get(name) for name in definition.key)
                    found |= self.by_scope.get((definition.id, scope), set())
        return found


def make_carry(
    book: Book,
    leaves: dict[int, bytes],
    stored: dict[int, bytes],
    coverage: int,
    cut: int,
    frontier: list[bytes],
    resumed: list[CarryGroup],
) -> bytes:
    """The carry of a book over its first `coverage` entries. `stored` are the entries at hand by position, `leaves`
    their leaf hashes; `resumed` the groups of an earlier carry that are taken as they stand."""
    candidates = settled_groups(book, cut)
    while True:
        grouped = {at for group in candidates for unit, _ in group for at, _, _ in unit.facts}
        touching = Touching(
            [
                (
                    [fact[1:] for unit, _ in group for fact in unit.facts],
                    [(unit.id, unit.scope, unit.works) for unit, _ in group],
                )
                for group in candidates
            ]
        )
        outside = [entry for entry in book.contents if entry[0] not in grouped]
        facts = standing_facts(outside)
        inherit_headers(facts)
        touched = touching.touched(outside, facts, definitions_named(book.account))
        if not touched:
            break
        candidates = [group for number, group in enumerate(candidates) if number not in touched]
    lines = {at: b'{"content":%s,"entry":"%d"}' % (stored[at], at) for at, _ in outside}
    for group in candidates:
        positions = sorted({at for unit, _ in group for at, _, _ in unit.facts})
        units = sorted(((claims[0], unit) for unit, claims in group), key=lambda entry: (entry[0], entry[1].key))
        currencies = [book.account.agreements[contract].versions[-1].contract.currency for contract, _ in units]
        lines[positions[0]] = canonical_json(
            {
                "digest": group_digest([(at, leaves[at]) for at in positions]),
                "entries": [str(at) for at in positions],
                "units": [
                    carry_unit(unit, contract, currency, book.account.agreements[contract].prices_attempts(unit.id))
                    for (contract, unit), currency in zip(units, currencies)
                ],
            }
        )
    for group in resumed:
        lines[group.entries[0]] = group.raw
    head = {
        "carry": CARRY_NAME,
        "coverage": str(coverage),
        "customer": book.customer,
        "cut": print_instant(cut),
        "frontier": [base64.b64encode(subtree).decode() for subtree in frontier],
    }
    in_order = [canonical_json(head)] + [lines[at] for at in sorted(lines)]
    return b"".join(line + b"\n" for line in in_order)


def settled_groups(book: Book, cut: int) -> list[list[tuple[Unit, list[str]]]]:
    """Joined units of which all conditions of section 9 hold."""
    units = book.settled
    joined = list(range(len(units)))

    def find(i):
        while joined[i] != i:
            joined[i] = joined[joined[i]]
            i = joined[i]
        return i

    first = {}
    for number, (unit, _) in enumerate(units):
        names = [("fact", at) for at, _, _ in unit.facts] + [("work", work) for work in unit.works]
        for name in names:
            other = first.setdefault(name, number)
            joined[find(number)] = find(other)
    sets = defaultdict(list)
    for number, entry in enumerate(units):
        sets[find(number)].append(entry)
    corrections = Corrections(book.contents)
    return [
        group
        for group in sets.values()
        if all(unit_is_settled(unit, claims, cut, corrections.touched) for unit, claims in group)
    ]


def unit_is_settled(unit: Unit, claims: list[str], cut: int, touched: set) -> bool:
    since, words = unit.states[-1]
    references = {fact[1:] for fact in unit.facts}
    return (
        len(claims) == 1
        and words != "pending"
        and since < cut
        and all(movement.instant < cut for movement in unit.movements)
        and not unit.disputes
        and not references & touched
        and unit.first in references
        and all(cause in references for movement in unit.movements for cause in movement.causes)
    )


def carry_unit(unit: Unit, contract: str, currency: str, with_attempt: bool) -> dict:
    """A unit as a carry writes it."""
    place = {fact[1:]: number for number, fact in enumerate(unit.facts)}
    since, words = unit.states[-1]
    state, _, detail = words.partition(": ")
    state = state.replace(" ", "_")
    value = {
        "contract": contract,
        "version": str(unit.version),
        "unit": unit.id,
        "scope": list(unit.scope),
        "opened_by": place[unit.first],
        "opened": print_instant(unit.opened),
        "state": state,
        "since": print_instant(since),
        "facts": [[str(at), source, identifier] for at, source, identifier in unit.facts],
        "works": sorted(unit.works),
        "headers": unit.headers,
        "movements": [carry_movement(movement, place, currency) for movement in unit.movements],
    }
    if detail:
        value["detail"] = detail
    if with_attempt and unit.attempt is not None:
        at, act, by = unit.attempt
        value["attempt"] = {"at": print_instant(at), "act": place[act], "by": by}
    return value


def carry_movement(movement: Movement, place: dict, currency: str) -> dict:
    value = {
        "at": print_instant(movement.instant),
        "kind": movement.kind,
        "class": movement.cls,
        "quantity": print_decimal(movement.quantity),
        "counted_at": print_instant(movement.counted_at),
        "causes": [place[cause] for cause in movement.causes],
        "headers": movement.basis.headers,
        "decided_by": movement.basis.decided_by,
    }
    if movement.value is not None:
        value["value"] = f"{print_amount(movement.value, currency)['amount']} {currency}"
    if movement.basis.confidence is not None:
        value["confidence"] = print_decimal(movement.basis.confidence)
    if movement.basis.review is not None:
        value["review"] = movement.basis.review
    return value


# Reading a carry, and resuming from it


def carry_lines(raw: bytes) -> list[tuple[dict, bytes]]:
    if not raw.endswith(b"\n"):
        raise Malformed("it does not end with a line feed")
    return [(parse_strict_json(line), line) for line in raw[:-1].split(b"\n")]


def parse_carry(raw: bytes, customer: str, coverage: int) -> Carry:
    """The carry of a file in mode carry, or `Malformed`."""
    (head, _), *lines = carry_lines(raw)
    want_members(
        head,
        {
            "carry": one_of(CARRY_NAME),
            "coverage": want_whole,
            "customer": one_of(customer),
            "cut": want_instant,
            "frontier": want_list,
        },
    )
    if parse_index(head["coverage"]) != coverage:
        raise Malformed("it covers another number of entries than the file's coverage begins with")
    frontier = [strict_base64(subtree) for subtree in head["frontier"]]
    if len(frontier) != len(perfect_subtrees(coverage)) or any(len(subtree) != 32 for subtree in frontier):
        raise Malformed("its frontier is none of so many entries")
    carry = Carry(coverage, parse_instant(head["cut"]), frontier, {}, [])
    seen, last = set(), -1
    for line, raw_line in lines:
        positions = carry_entry(line, carry) if "content" in line else carry_group(line, raw_line, carry)
        if positions[0] <= last or seen.intersection(positions) or positions[-1] >= coverage:
            raise Malformed("its lines are not in order, or an entry occurs twice")
        seen.update(positions)
        last = positions[0]
    if len(seen) != coverage:
        raise Malformed("an entry is in no line")
    return carry


def carry_entry(line: dict, carry: Carry) -> list[int]:
    position, content = parse_entry_line(line)
    carry.lines[position] = content
    return [position]


def parse_entry_line(line: dict) -> tuple[int, bytes]:
    want_members(line, {"content": want_anything, "entry": want_whole})
    return parse_index(line["entry"]), canonical_json(line["content"])


def carry_group(line: dict, raw: bytes, carry: Carry) -> list[int]:
    want_members(line, {"digest": want_digest, "entries": want_indices, "units": want_list})
    positions = [parse_index(at) for at in line["entries"]]
    if not positions or any(b <= a for a, b in zip(positions, positions[1:])):
        raise Malformed("the entries of a group do not rise")
    units = [parse_carry_unit(unit) for unit in line["units"]]
    if sorted({at for _, unit in units for at, _, _ in unit.facts}) != positions:
        raise Malformed("the entries of a group are not the facts of its units")
    carry.groups.append(CarryGroup(line["digest"], positions, units, raw))
    return positions


def want_integer(value):
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Malformed("not a whole number")


def want_identifiers(value):
    want_list(value)
    for item in value:
        want_identifier(item)


def want_headers(value):
    if not isinstance(value, dict) or any(name not in HEADER_NAMES for name in value):
        raise Malformed("not headers")
    for header in value.values():
        want_identifier(header)


def parse_carry_unit(value) -> tuple[str, Unit]:
    want_members(
        value,
        {
            "contract": want_identifier,
            "version": want_whole,
            "unit": want_identifier,
            "scope": want_identifiers,
            "opened_by": want_integer,
            "opened": want_instant,
            "state": one_of("counted", "reversed", "not_counted"),
            "detail?": want_identifier,
            "since": want_instant,
            "facts": want_list,
            "works": want_identifiers,
            "headers": want_headers,
            "movements": want_list,
            "attempt?": want_anything,
        },
    )
    facts = [parse_carry_fact(fact) for fact in value["facts"]]
    references = [fact[1:] for fact in facts]
    if value["opened_by"] >= len(facts):
        raise Malformed("opened_by is no fact of the unit")
    state = {"counted": "counted: ", "reversed": "reversed", "not_counted": "not counted: "}[value["state"]]
    unit = Unit(
        id=value["unit"],
        version=parse_index(value["version"]),
        scope=tuple(value["scope"]),
        first=references[value["opened_by"]],
        opened=parse_instant(value["opened"]),
        movements=parse_carry_movements(value["movements"], references),
        states=[(parse_instant(value["since"]), state + value.get("detail", ""))],
        disputes=[],
        facts=facts,
        works=frozenset(value["works"]),
        headers=value["headers"],
        attempt=parse_carry_attempt(value["attempt"], references) if "attempt" in value else None,
    )
    return value["contract"], unit


def parse_carry_attempt(value, references: list) -> tuple:
    want_members(value, {"at": want_instant, "act": want_integer, "by": one_of("seller", "buyer", "third_party")})
    if value["act"] >= len(references):
        raise Malformed("the act of an attempt is no fact of the unit")
    return (parse_instant(value["at"]), references[value["act"]], value["by"])


def parse_carry_fact(value) -> tuple[int, str, str]:
    if not isinstance(value, list) or len(value) != 3:
        raise Malformed("a fact of a unit has position, source and id")
    want_identifier(value[1])
    want_identifier(value[2])
    return (parse_index(value[0]), value[1], value[2])


def parse_carry_movements(values: list, references: list) -> list[Movement]:
    movements = []
    for value in values:
        want_members(
            value,
            {
                "at": want_instant,
                "kind": one_of("counted", "reversed", "reduced", "upgraded", "valued"),
                "class": want_identifier,
                "quantity": parse_decimal_canonical,
                "value?": want_string,
                "counted_at": want_instant,
                "causes": want_list,
                "confidence?": want_share,
                "review?": want_identifier,
                "headers": want_headers,
                "decided_by": one_of("seller", "buyer", "third_party"),
            },
        )
        for place in value["causes"]:
            want_integer(place)
            if place >= len(references):
                raise Malformed("a cause is no fact of the unit")
        confidence = value.get("confidence")
        basis = Basis(
            None if confidence is None else parse_decimal_canonical(confidence),
            value.get("review"),
            value["headers"],
            value["decided_by"],
        )
        amount, _, currency = value.get("value", "").partition(" ")
        movements.append(
            Movement(
                parse_instant(value["at"]),
                value["kind"],
                value["class"],
                parse_decimal_canonical(value["quantity"]),
                parse_amount({"amount": amount, "currency": currency})[0] if amount else None,
                parse_instant(value["counted_at"]),
                [references[place] for place in value["causes"]],
                basis,
            )
        )
    if movements and movements[0].kind != "counted":
        raise Malformed("the first movement of a unit counts it")
    return movements


def parse_brought(raw: bytes) -> dict[int, bytes]:
    """Entries of touched groups, ascending."""
    brought, last = {}, -1
    for line, _ in carry_lines(raw) if raw else []:
        position, content = parse_entry_line(line)
        if position <= last:
            raise Malformed("its entries do not rise")
        brought[position] = content
        last = position
    return brought


def resume(
    carry: Carry, brought: dict[int, bytes], customer: str, at_hand: list[tuple[int, Event]]
) -> list[CarryGroup]:
    """The groups that are taken as they stand. `at_hand` are the carry's own entries, those brought and those since;
    what is brought must be exactly the groups that these touch."""
    unbrought = [group for group in carry.groups if not set(group.entries) <= brought.keys()]
    whole = {at for group in carry.groups if group not in unbrought for at in group.entries}
    if brought.keys() - whole:
        raise Malformed(f"entry {min(brought.keys() - whole)} is brought without the whole of its group")
    for group in carry.groups:
        if group not in unbrought:
            if group_digest([(at, leaf_hash(brought[at])) for at in group.entries]) != group.digest:
                raise Malformed(f"the group of entry {group.entries[0]} has another digest than what is brought")
    touched = touched_groups(carry, customer, at_hand, brought)
    for number, group in enumerate(carry.groups):
        is_brought = set(group.entries) <= brought.keys()
        if number in touched and not is_brought:
            raise Malformed(f"the group of entry {group.entries[0]} is touched and not brought")
        if number not in touched and is_brought:
            raise Malformed(f"the group of entry {group.entries[0]} is brought and not touched")
    return unbrought


def touched_groups(carry: Carry, customer: str, at_hand: list[tuple[int, Event]], brought: dict) -> set[int]:
    """The groups touched by the entries that are not brought, then by those and the groups touched so far, until
    nothing more is touched."""
    touching = Touching(
        [
            (
                [fact[1:] for _, unit in group.units for fact in unit.facts],
                [(unit.id, unit.scope, unit.works) for _, unit in group.units],
            )
            for group in carry.groups
        ]
    )
    everything = standing_facts(at_hand)
    definitions = definitions_named(Account(customer, everything))
    touched: set[int] = set()
    while True:
        mine = {at for number in touched for at in carry.groups[number].entries}
        contents = [entry for entry in at_hand if entry[0] not in brought or entry[0] in mine]
        facts = standing_facts(contents)
        inherit_headers(facts)
        more = touching.touched(contents, facts, definitions) - touched
        if not more:
            return touched
        touched |= more


def check_nothing_changed_before(carry: Carry, log: list[LogEntry], account: Account) -> None:
    """Entries since the carry do not change what was agreed before its cut."""
    for entry in log:
        event = entry.event
        if entry.position < carry.coverage:
            continue
        if event.kind in ("contract.amended", "contract.ended") and parse_instant(event.data["effective"]) < carry.cut:
            raise Malformed(f"entry {entry.position} changes what was agreed before the cut of the carry")
        if event.kind == "contract.signed":
            agreement = account.agreements.get(event.data["contract"])
            if agreement is not None and agreement.start.at < carry.cut:
                raise Malformed(f"entry {entry.position} signs a contract that starts before the cut of the carry")


# ------------------------------------------------------------------------------------------------------
# C5. Samples (proof-file.md section 7)
# ------------------------------------------------------------------------------------------------------


def sample_seed(
    origin: str, size: int, root: bytes, until: int, stratum: str, nonce: str, first_line: str = "piecework/sample/v1"
) -> bytes:
    return hashlib.sha256(
        (
            f"{first_line}\norigin {origin}\nsize {size}\nroot {base64.b64encode(root).decode()}\n"
            f"range 0 {until}\nstratum {stratum}\nnonce {nonce}\ndrand none\n"
        ).encode()
    ).digest()


def ticket(seed: bytes, item: int) -> bytes:
    return hashlib.sha256(b"\x02" + seed + struct.pack(">Q", item)).digest()


def money_draws(seed: bytes, total: int, size: int) -> list[int]:
    """u_j for j from 0: where in the cumulated money each draw falls."""
    numbers = (hashlib.sha256(b"\x03" + seed + struct.pack(">Q", j)).digest() for j in range(size))
    return [int.from_bytes(number, "big") * total >> 256 for number in numbers]


def bottom_k(seed: bytes, items: list[int], size: int) -> list[int]:
    """The first `size` items in the order of (ticket, item)."""
    return sorted(items, key=lambda item: (ticket(seed, item), item))[:size]


def by_money(seed: bytes, weights: list[tuple[int, int]], size: int) -> list[int]:
    """`weights` are (item, weight) in order of items; an item may be drawn twice."""
    cumulated, total = [], 0
    for _, weight in weights:
        total += weight
        cumulated.append(total)
    if total == 0:
        return []
    return [weights[bisect.bisect_right(cumulated, at)][0] for at in money_draws(seed, total, size)]


def next_nonce(nonce: bytes) -> bytes:
    return hashlib.sha256(b"\x05" + nonce).digest()


class Nonces:
    """The chains of nonces that the buyer committed to. Each `statement.issued` has one value of the chain that was
    anchored last before it, whether anything is drawn from it or not; all draws from one statement have that value, or
    none. Of each chain the values that were hashed are known, so that none is hashed twice."""

    def __init__(self):
        # Of the chain anchored last: its known values, each with how often it is hashed to the anchor; its length.
        self.chain: tuple[dict[bytes, int], int] | None = None
        self.behind = 0  # statements issued behind that anchor
        self.places: dict[int, tuple[dict[bytes, int], int, int]] = {}  # statement.issued -> its chain, and its j
        self.of_statement: dict[str, str] = {}

    def anchor(self, event: Event) -> None:
        if not event.signed:
            raise Malformed("the anchor of a chain of nonces is not signed by the buyer")
        self.chain = {bytes.fromhex(event.data["anchor"]): 0}, parse_index(event.data["length"])
        self.behind = 0

    def issue(self, position: int) -> None:
        if self.chain is not None:
            self.behind += 1
            self.places[position] = (*self.chain, self.behind)

    def draw(self, statement: str, nonce: str, issued: int) -> None:
        """`issued` is the entry that issues the statement."""
        if statement in self.of_statement:
            if self.of_statement[statement] != nonce:
                raise Malformed("two draws from one statement have different nonces")
            return
        self.of_statement[statement] = nonce
        if nonce == "none":
            return
        if issued not in self.places:
            raise Malformed("no chain of nonces was anchored before the statement")
        known, length, place = self.places[issued]
        if place > length:
            raise Malformed(f"the chain has {length} nonces, and the statement is number {place} behind its anchor")
        value, hashed = bytes.fromhex(nonce), []
        while value not in known and len(hashed) < place:
            hashed.append(value)
            value = next_nonce(value)
        if known.get(value) != place - len(hashed):
            raise Malformed(f"the nonce is not that of the statement, which is number {place} behind its anchor")
        known.update((before, place - steps) for steps, before in enumerate(hashed))


def charged_items(draft: StatementDraft, stratum: str) -> dict[int, tuple[Fraction, list[Unit]]]:
    """What the statement charges, by item: the amount of every line of kind `charge`, divided over its works."""
    items: dict[int, tuple[Fraction, list[Unit]]] = {}
    for line in draft.lines:
        if line.kind != "charge":
            continue
        contributions = sharing(draft.owed, group_of(line.key), draft.owed[line.key].contributions)
        shares = divide_amount(line.amount, [c.weight for c in contributions], draft.minor)
        for contribution, share in zip(contributions, shares):
            unit = contribution.unit
            if unit is not None and stratum in ("all", f"unit:{unit.id}"):
                sum_before, units = items.get(unit.opened_by, (Fraction(0), []))
                items[unit.opened_by] = (sum_before + share, units + [unit])
    return dict(sorted(items.items()))


def about_units(facts: list[Fact], book: Book):
    """Whether one of the facts, which have the headers that they say themselves, is about a unit of the book, as a
    function of the unit: by its workid, and then the headers of the scope that it says agree; or without a workid by
    all headers of the scope. What says another definition is about another unit."""
    of_work = defaultdict(list)
    for fact in facts:
        of_work[fact.event.work].append(fact)
    without_work = of_work.pop(None, [])
    scopes: dict[tuple, dict] = {}  # of definition id and key, what has no workid by scope

    def about(unit: Unit) -> bool:
        definition = book.governs(unit).definitions[unit.id]
        way = (definition.id, definition.key)
        if way not in scopes:
            scopes[way] = group_by_scope(definition, without_work)
        said = {"unit": unit.id} | dict(zip(definition.key, unit.scope))
        return unit.scope in scopes[way] or any(
            all(fact.headers.get(name, value) == value for name, value in said.items())
            for work in unit.works
            for fact in of_work.get(work, ())
        )

    return about


def millionths(share: Fraction) -> int:
    return max(0, int(share * 1_000_000))


# ------------------------------------------------------------------------------------------------------
# C6. The checks, in order
# ------------------------------------------------------------------------------------------------------


class Verification:
    """The 15 checks over one file. `report` holds what is said beyond the verdict."""

    def __init__(self, data: bytes, trust: Trust):
        self.trust = trust
        self.report: dict = {}
        self.members = read_zip(data)  # 1
        check_manifest(self.members)  # 2
        self.proof = parse_proof(self.members["proof.json"])  # 3
        self.keys, self.pinned = check_key(self.proof, trust)  # 4
        self.note = check_checkpoint(self.members["log/checkpoint"], self.proof, self.keys)  # 5
        self.read_tree()  # 6
        self.check_pin()  # 7
        self.take_brought()
        self.log = read_entries(self.at_hand, self.proof.customer)  # 8
        check_identities(self.log)  # 9
        self.keyring = check_signatures(self.log, self.proof.origin)  # 10
        self.check_published_signatures()
        self.contents = [(entry.position, entry.event) for entry in self.log]
        self.check_statement()  # 11
        self.check_recompute()  # 12
        self.check_payloads()  # 13
        self.check_samples()  # 14
        self.check_covers()  # 15
        if self.statement.voided:
            raise Refused("void", f"statement {self.proof.number} was stated so, and is voided: nobody owes it")
        self.make_report()

    # 6 and 7

    def check_mode(self) -> None:
        for name in ("carry", "brought"):
            if self.proof.mode == "full" and name in self.members:
                raise Refused("tree", f"`{name}` does not belong to mode full")
            if self.proof.mode == "carry" and name not in self.members:
                raise Refused("tree", f"mode carry without `{name}`")
        if self.proof.mode == "carry" and self.proof.since >= self.proof.size:
            raise Refused("tree", "the coverage begins at the head or behind it")

    def read_tree(self) -> None:
        self.check_mode()
        self.carry = None
        self.brought: dict[int, bytes] = {}
        if self.proof.mode == "full":
            entries, tree = read_log(self.members, self.proof.size, self.proof.root)
            self.root_of = tree.root
            self.frontier_at = lambda size: frontier_of(tree, size)
            self.at_hand = list(enumerate(entries))
            self.leaves = dict(enumerate(tree.rows[0]))
            return
        try:
            self.carry = parse_carry(self.members["carry"], self.proof.customer, self.proof.since)
        except Malformed as error:
            raise Refused("tree", f"carry: {error}") from None
        self.at_hand = self.read_log_since()

    def take_brought(self) -> None:
        """In mode carry, its own entries and those brought come before those of the bundles."""
        if self.carry is None:
            return
        try:
            self.brought = parse_brought(self.members["brought"])
        except Malformed as error:
            raise Refused("entry", f"brought: {error}") from None
        self.at_hand = sorted(self.carry.lines.items() | self.brought.items()) + self.at_hand
        self.leaves = {position: leaf_hash(raw) for position, raw in self.at_hand}

    def read_log_since(self) -> list[tuple[int, bytes]]:
        """The entries from `coverage.from` on; roots and frontiers are kept where checks 7, 12 and 14 ask for them."""
        since, size = self.proof.since, self.proof.size
        begins = since // 256 * 256
        # A size without its entries is refused before anything is allocated for it.
        if size - begins > sum(len(raw) for name, raw in self.members.items() if name.startswith("log/tile/")) // 2:
            raise Refused("tree", f"the file does not hold the entries from {begins} to {size}")
        names = {f"log/tile/entries/{path}": width for path, first, width in tile_paths(size) if first >= begins}
        present = {name for name in self.members if name.startswith("log/tile/")}
        if present != names.keys():
            raise Refused("tree", f"{min(present ^ names.keys())} is missing, or does not belong to the log")
        entries = []
        for name, width in names.items():
            try:
                entries += read_bundle(self.members[name], width)
            except Malformed as error:
                raise Refused("tree", f"{name}: {error}") from None
        heights = perfect_subtrees(since)
        frontier = Frontier(begins, [h for h, height in zip(self.carry.frontier, heights) if height >= 8])
        self.roots, self.frontiers = {}, {}
        wanted = {since, self.proof.until, self.proof.issued + 1}
        if self.trust.head is not None:
            wanted.add(self.trust.head[0])
        self.roots[since], self.frontiers[since] = Frontier(since, self.carry.frontier).root(), self.carry.frontier
        for position, raw in enumerate(entries, begins):
            if position == since and frontier.hashes != self.carry.frontier:
                raise Refused("tree", "the entries before the coverage do not lead to the carry's frontier")
            frontier.push(leaf_hash(raw))
            if position + 1 in wanted:
                self.remember(frontier)
        self.remember(frontier)
        if frontier.root() != self.proof.root:
            raise Refused("tree", "the carry's frontier and the entries do not lead to the checkpoint's root")
        self.root_of = self.roots.get
        self.frontier_at = self.frontiers.get
        return [(position, raw) for position, raw in enumerate(entries, begins) if position >= since]

    def remember(self, frontier: Frontier) -> None:
        self.roots[frontier.size] = frontier.root()
        self.frontiers[frontier.size] = list(frontier.hashes)

    def check_pin(self) -> None:
        if self.trust.head is None:
            return
        size, root = self.trust.head
        if size > self.proof.size:
            raise Refused("pin", f"the file's head has {self.proof.size} entries, the pinned one {size}")
        if size < self.proof.since:
            raise Refused("pin", f"the file does not reach back to the pinned head of {size} entries")
        if self.root_of(size) != root:
            raise Refused("pin", f"the first {size} entries are not those of the pinned head")

    def check_published_signatures(self) -> None:
        """A key that the log publishes is known from then on: its signatures on the head must verify too."""
        known = [*self.keyring.seller, *self.keyring.buyer.values()]
        known += [replace(key, key_type=KEY_TYPE_COSIGNATURE) for key in self.keyring.buyer.values()]
        self.cosigned = []
        for key in known:
            try:
                if note_verifies(self.note, key):
                    self.cosigned.append(key)
            except Malformed as error:
                raise Refused("signature", f"the head: {error}") from None

    # 11

    def check_statement(self) -> None:
        proof = self.proof
        if not proof.until <= proof.issued < proof.size:
            raise Refused("statement", "coverage, issued and the head's size do not follow each other")
        event = next((event for at, event in self.contents if at == proof.issued), None)
        if event is None or event.kind != "statement.issued":
            raise Refused("statement", f"entry {proof.issued} is no statement.issued")
        said = event.data
        wanted = (proof.contract, proof.number, proof.cut, proof.revision, proof.until)
        if (
            said["contract"],
            said["number"],
            parse_instant(said["cut"]),
            parse_index(said["revision"]),
            parse_index(said["coverage"]),
        ) != wanted:
            raise Refused("statement", f"entry {proof.issued} issues another statement than proof.json says")
        if hashlib.sha256(self.members["statement.json"]).hexdigest() != said["body"]:
            raise Refused("statement", "statement.json has another digest than the log says")
        numbers = [at for at, e in self.contents if e.kind == "statement.issued" and e.data["number"] == proof.number]
        if numbers != [proof.issued]:
            raise Refused("statement", f"number {proof.number} is issued by entries {numbers}")
        self.account = Account(proof.customer, standing_facts(self.contents))
        agreement = self.account.agreements.get(proof.contract)
        issued = [s for s in agreement.statements if s.entry == proof.issued] if agreement else []
        if not issued:
            why = dict(self.account.flagged).get(proof.issued, "it is corrected away")
            raise Refused("statement", f"entry {proof.issued} states nothing: {why}")
        self.issued_event = event
        self.statement = issued[0]

    # 12

    def check_recompute(self) -> None:
        proof = self.proof
        resumed = []
        if self.carry is not None:
            try:
                resumed = self.resume_from_carry()
            except Malformed as error:
                raise Refused("recompute", f"the carry: {error}") from None
        units = [entry for group in resumed for entry in group.units]
        contents = [entry for entry in self.contents if entry[0] < proof.until]
        try:
            self.book = Book(proof.customer, contents, units)
            if proof.contract not in self.book.account.agreements:
                raise Malformed(f"contract {proof.contract} is not there")
            self.draft = StatementDraft(self.book, proof.contract, proof.cut)
            body = self.draft.body()
            self.drafts = {proof.number: self.draft}
        except Malformed as error:
            raise Refused("recompute", f"the statement cannot be computed: {error}") from None
        if body != self.members["statement.json"]:
            raise Refused("recompute", first_difference(body, self.members["statement.json"]))
        if self.draft.stated_cells != self.statement.cells:
            raise Refused("recompute", "statement.issued states other cells than the computation yields")
        self.check_carry_digest(resumed)
        self.compute_cover()

    def compute_cover(self) -> None:
        """In mode full, the other statements under the standing cover of the file's are computed too."""
        number = self.proof.number
        self.cover = next((own for own in self.account.covers if not own.voided and own.binds(number)), None)
        if self.cover is None or self.carry is not None:
            return
        agreements, events = self.account.agreements, dict(self.contents)
        for part in self.cover.parts:
            other = part["statement"]
            if other == number:
                continue
            where = f"statement {other} under the cover {self.cover.number}"
            standing = (own for contract in sorted(agreements) for own in agreements[contract].statements)
            statement = next(own for own in standing if own.number == other)
            try:
                draft = self.draft_of(other, events[statement.entry].data)
                body = draft.body()
            except Malformed as error:
                raise Refused("recompute", f"{where} cannot be computed: {error}") from None
            if hashlib.sha256(body).hexdigest() != part["body"]:
                raise Refused("recompute", f"{where} is not what the log gives")
            if draft.stated_cells != statement.cells:
                raise Refused("recompute", f"{where} states other cells than the computation yields")

    def resume_from_carry(self) -> list[CarryGroup]:
        proof, carry = self.proof, self.carry
        before = [s for s in self.account.agreements[proof.contract].statements if s.entry < proof.issued]
        last = max((s for s in before if s.coverage == proof.since), key=lambda s: s.entry, default=None)
        event = dict(self.contents).get(last.entry) if last else None
        if event is None or event.data.get("carry") != hashlib.sha256(self.members["carry"]).hexdigest():
            raise Malformed("no statement before this one names its digest")
        self.rests_on = last.number
        log = [entry for entry in self.log if entry.position < proof.until]
        check_nothing_changed_before(carry, log, self.account)
        return resume(carry, self.brought, proof.customer, [(e.position, e.event) for e in log])

    def check_carry_digest(self, resumed: list[CarryGroup]) -> None:
        proof = self.proof
        cuts = [
            parse_instant(e.data["cut"]) for at, e in self.contents if e.kind == "statement.issued" and at < proof.until
        ]
        cut = max([proof.cut, *cuts, *([self.carry.cut] if self.carry else [])])
        stored = {at: raw for at, raw in self.at_hand if at < proof.until}
        carry = make_carry(self.book, self.leaves, stored, proof.until, cut, self.frontier_at(proof.until), resumed)
        if hashlib.sha256(carry).hexdigest() != self.issued_event.data.get("carry"):
            raise Refused("recompute", "the carry of the entries has another digest than statement.issued says")

    # 13 and 14

    def check_payloads(self) -> None:
        self.disclosed = [name for name in self.members if name.startswith("payloads/")]
        if not self.disclosed:
            return
        held = {event.data["commitment"] for _, event in self.contents if event.kind == "evidence.attached"}
        for name in self.disclosed:
            content, commitment = self.members[name], name.removeprefix("payloads/")
            if len(content) < 32 or hashlib.sha256(b"\x04" + content).hexdigest() != commitment:
                raise Refused("payload", f"{name} is not what its commitment says")
            if commitment not in held:
                raise Refused("payload", f"no evidence.attached has the commitment {commitment}")

    def check_samples(self) -> None:
        nonces = Nonces()
        self.samples = []
        issued = {}
        for at, event in self.contents:
            try:
                if event.kind == "statement.issued":
                    issued.setdefault(event.data["number"], (at, event.data))
                    nonces.issue(at)
                elif event.kind == "sample.anchored":
                    nonces.anchor(event)
                elif event.kind == "sample.drawn":
                    self.check_sample(at, event.data, nonces, issued)
            except Malformed as error:
                raise Refused("sample", f"entry {at}: {error}") from None

    def check_sample(self, drawn_at: int, data: dict, nonces: Nonces, issued: dict) -> None:
        number = data["statement"]
        if number not in issued:
            raise Malformed(f"no statement {number} is issued before")
        at, statement = issued[number]
        nonce = data.get("nonce", "none")
        nonces.draw(number, nonce, at)
        draft = self.draft_of(number, statement)
        said = {
            "sample": data["sample"],
            "statement": number,
            "nonce": nonce != "none",
            "drawn_again": draft is not None,
        }
        self.samples.append(said)
        if draft is None:
            return
        until = parse_index(statement["coverage"])
        seed = sample_seed(self.proof.origin, at + 1, self.root_of(at + 1), until, data["stratum"], nonce)
        if seed.hex() != data["seed"]:
            raise Malformed("the seed is another")
        population = charged_items(draft, data["stratum"])
        if data["method"] == "bottom_k":
            items = bottom_k(seed, list(population), parse_index(data["size"]))
        else:
            weights = [(item, millionths(share)) for item, (share, _) in population.items()]
            items = by_money(seed, weights, parse_index(data["size"]))
        if [str(item) for item in items] != data["items"]:
            raise Malformed("the seed draws other items")
        redacted = self.redacted_after(drawn_at, draft.book)
        said["failed"] = [str(item) for item in items if any(map(redacted, population[item][1]))]

    def redacted_after(self, drawn_at: int, book: Book):
        """Whether something that stands behind a unit of the book was redacted after the draw, as a function of the
        unit: one of its facts, or evidence about it that stands by the entries before the draw."""
        targets = {target_of(event) for at, event in self.contents if event.kind == "data.redacted" and at > drawn_at}
        before = standing_facts([entry for entry in self.contents if entry[0] < drawn_at]) if targets else []
        evidence = [fact for fact in before if fact.kind == "evidence.attached" and fact.reference in targets]
        about = about_units(evidence, book)
        return lambda unit: any(fact[1:] in targets for fact in unit.facts) or about(unit)

    def draft_of(self, number: str, statement: dict) -> StatementDraft | None:
        """The statement that a sample was drawn from, computed; None where the file does not reach back to it."""
        if number not in self.drafts:
            if self.carry is not None:
                return None
            coverage = parse_index(statement["coverage"])
            book = Book(self.proof.customer, [entry for entry in self.contents if entry[0] < coverage])
            if statement["contract"] not in book.account.agreements:
                raise Malformed(f"statement {number} is of a contract that was not there")
            self.drafts[number] = StatementDraft(book, statement["contract"], parse_instant(statement["cut"]))
        return self.drafts[number]

    # 15

    def check_covers(self) -> None:
        acted = {cover.entry for cover in self.account.covers}
        for at, event in self.contents:
            if event.kind == "cover.issued" and at not in acted:
                why = dict(self.account.flagged).get(at, "another entry has its identity")
                raise Refused("cover", f"entry {at} issues a cover that is not what the log gives: {why}")

    # The report

    def make_report(self) -> None:
        proof = self.proof
        documents = self.documents_in_force()
        body = json.loads(self.members["statement.json"])
        self.report = {
            "customer": proof.customer,
            "contract": proof.contract,
            "number": proof.number,
            "cut": print_instant(proof.cut),
            "mode": proof.mode,
            "origin": proof.origin,
            "keys": [{"vkey": key.vkey, "pinned": self.pinned} for key in self.keys],
            "head": {"size": str(proof.size), "root": base64.b64encode(proof.root).decode()},
            "entries": dict(sorted(Counter(event.kind for _, event in self.contents).items())),
            "signed_by_buyer": sum(event.signed for _, event in self.contents),
            "said_to_be_by_buyer": sum(e.authorship == "buyer" and not e.signed for _, e in self.contents),
            "total": body["total"],
            "authorship": body["authorship"],
            "acknowledged": [document["digest"] for document in documents if document["acknowledged"]],
            "not_acknowledged": [document["digest"] for document in documents if not document["acknowledged"]],
            "documents": documents,
            "cosignatures": [key.signer for key in self.cosigned],
            "samples": self.samples,
            "redactions": sum(event.kind == "data.redacted" for _, event in self.contents),
            "payloads": len(self.disclosed),
            "conflicts_undecided": undecided_conflicts(self.contents),
        }
        cover = self.cover
        if cover is not None:
            self.report["cover"] = {
                "number": cover.number,
                "through": cover.through.isoformat(),
                "statements": [part["statement"] for part in cover.parts],
                "total": cover.total,
                "payable": cover.payable,
                "computed": self.carry is None,
            }
        if self.carry is not None:
            self.report["rests_on_carry_of"] = self.rests_on

    def documents_in_force(self) -> list[dict]:
        """Each with whether the buyer acknowledged it and, of a definition with works under it among those that the
        statement knows, whether an acknowledgement stands before the entries that opened them and bears no later time
        than any of them."""
        acknowledged = defaultdict(list)
        for at, event in self.contents:
            if event.kind == "document.acknowledged" and event.signed:
                # An exhibit explains a definition, which its entry names.
                acknowledged[event.data.get("definition", event.data["digest"])].append((at, event.time))
        works = self.book.works_by_definition(self.proof.contract)
        documents: dict[str, dict] = {}
        for version in self.account.agreements[self.proof.contract].versions:
            contract = version.contract
            named = [("contract", contract.digest), ("plan", contract.plan)]
            for kind, digest in named + [("definition", digest) for digest in contract.definitions]:
                document = {"kind": kind, "digest": digest, "acknowledged": digest in acknowledged}
                if kind == "definition" and document["acknowledged"] and works.get(digest):
                    first_entry = min(unit.opened_by for unit in works[digest])
                    earliest = min(unit.opened for unit in works[digest])
                    document["before_first_work"] = any(
                        at < first_entry and time <= earliest for at, time in acknowledged[digest]
                    )
                documents.setdefault(digest, document)
        return list(documents.values())


def undecided_conflicts(contents: list[tuple[int, Event]]) -> int:
    """Identities with several contents of which no correction chose, replaced or voided one."""
    corrections = Corrections(contents)
    undecided = 0
    for identity, several in corrections.contents.items():
        if len(several) > 1:
            stands = corrections.standing(identity)
            undecided += stands is not None and stands[1] is None
    return undecided


def first_difference(computed: bytes, shown: bytes) -> str:
    """Where the statement shown is another than the one computed, for people."""
    at = next((i for i, (a, b) in enumerate(zip(computed, shown)) if a != b), min(len(computed), len(shown)))
    here, there = (text[max(at - 40, 0) : at + 40].decode("utf-8", "replace") for text in (computed, shown))
    return f"statement.json is not what the entries give: byte {at}, computed …{here}… shown …{there}…"


# ------------------------------------------------------------------------------------------------------
# C7. Receipts of single works (proof-file.md section 8; C2SP tlog-proof)
# ------------------------------------------------------------------------------------------------------

RECEIPT_BYTES_MAX = 64 << 20
PROOFS_MAX = 1_000
PATH_HASHES_MAX = 63
TLOG_PROOF_FIRST_LINE = "c2sp.org/tlog-proof@v1"


@dataclass
class InclusionProof:
    entry: bytes
    index: int
    path: list[bytes]
    note: Note
    checkpoint: Checkpoint


def parse_tlog_proof(text: str) -> InclusionProof:
    """First line, `extra` with the entry, `index`, the path's hashes, a blank line, the checkpoint."""
    head, blank, note_text = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != TLOG_PROOF_FIRST_LINE or not blank or len(lines) < 2:
        raise Malformed("a proof has another form than tlog-proof")
    if not lines[0].startswith("extra ") or not lines[1].startswith("index "):
        raise Malformed("a proof has no entry or no index")
    path = [strict_base64(line) for line in lines[2:]]
    if len(path) > PATH_HASHES_MAX or any(len(step) != 32 for step in path):
        raise Malformed("a proof's path is too long, or a hash has not 32 bytes")
    note = parse_note(note_text.encode())
    return InclusionProof(
        strict_base64(lines[0].removeprefix("extra ")),
        parse_index(lines[1].removeprefix("index ")),
        path,
        note,
        parse_checkpoint(note.text),
    )


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion path leads to (RFC 9162 section 2.1.3.2), or `Malformed`."""
    if index >= size:
        raise Malformed("a proof's index is beyond its checkpoint")
    root, at, last = leaf, index, size - 1
    for step in path:
        if last == 0:
            raise Malformed("a proof's path is too long")
        if at & 1 or at == last:
            root = node_hash(step, root)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            root = node_hash(root, step)
        at >>= 1
        last >>= 1
    if last != 0:
        raise Malformed("a proof's path is too short")
    return root


def want_evidence(value):
    want_members(value, {"commitment": want_digest, "name": want_identifier})


def want_dispute(value):
    want_members(value, {"until": want_instant, "where": want_text})


def verify_receipt(raw: bytes, keys: list[Key]) -> dict:
    """What the log says of one work, or `Refused` with code `receipt`. Only its entries and evidence are proved; the
    other members are the seller's summary."""
    try:
        return read_receipt(raw, keys)
    except Malformed as error:
        raise Refused("receipt", str(error)) from None


def read_receipt(raw: bytes, keys: list[Key]) -> dict:
    if len(raw) > RECEIPT_BYTES_MAX:
        raise Malformed("a receipt is larger than 64 MiB")
    receipt = parse_strict_json(raw.removesuffix(b"\n"))
    text = want_string
    want_members(
        receipt,
        {
            "v": want_one,
            "customer": want_identifier,
            "work": text,
            "unit": text,
            "state": text,
            "why": text,
            "class?": text,
            "counted_at?": want_instant,
            "price?": text,
            "statement?": text,
            "evidence": want_list,
            "dispute?": want_dispute,
            "proofs": want_list,
        },
    )
    if not 1 <= len(receipt["proofs"]) <= PROOFS_MAX:
        raise Malformed(f"a receipt has 1 to {PROOFS_MAX} proofs")
    heads, attached = set(), set()
    for text in receipt["proofs"]:
        want_string(text)
        proof = parse_tlog_proof(text)
        event = check_inclusion(proof, receipt["customer"], keys)
        heads.add((proof.checkpoint.origin, proof.checkpoint.size, proof.checkpoint.root))
        if event.kind == "evidence.attached":
            attached.add((event.data["commitment"], event.data["name"]))
    if len(heads) != 1:
        raise Malformed("the proofs have different heads")
    for evidence in receipt["evidence"]:
        want_evidence(evidence)
        if (evidence["commitment"], evidence["name"]) not in attached:
            raise Malformed(f"evidence {evidence['name']} is in no entry of the receipt")
    return receipt


def check_inclusion(proof: InclusionProof, customer: str, keys: list[Key]) -> Event:
    event, _ = parse_entry(proof.entry)
    if event.raw["subject"] != customer:
        raise Malformed("an entry is of another customer")
    root = root_of_path(leaf_hash(proof.entry), proof.index, proof.checkpoint.size, proof.path)
    if root != proof.checkpoint.root:
        raise Malformed(f"entry {proof.index} is not under the checkpoint")
    named = [key for key in keys if key.name == proof.checkpoint.origin and key.key_type == KEY_TYPE_ED25519]
    if not [key for key in named if note_verifies(proof.note, key)]:
        raise Malformed("the checkpoint is not signed by the log's key")
    return event


# ------------------------------------------------------------------------------------------------------
# C8. The command line
# ------------------------------------------------------------------------------------------------------


def say(text: str, file=None, end="\n") -> None:
    """Prints, to standard output if nothing else is said. Nobody has to read to the end: a pipe that is closed, as by
    `| head`, changes nothing about the verdict and its exit code."""
    file = file or sys.stdout
    try:
        print(text, file=file, end=end, flush=True)
    except BrokenPipeError:
        # What is still in the buffer would fail once more when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file.fileno())
        os.close(nowhere)


def draws_in_words(samples: list[dict]) -> list[str]:
    """A line for each statement that was drawn from: whether its draws, which have one nonce, have the buyer's."""
    draws = Counter((sample["statement"], sample["nonce"]) for sample in samples)
    return [
        f"  from {statement}: {number} draw{'s' * (number != 1)} "
        + ("with the buyer's nonce" if nonce else "WITHOUT A NONCE: the seller could have picked the head")
        for (statement, nonce), number in draws.items()
    ]


def document_in_words(document: dict) -> str:
    said = "acknowledged by the buyer" if document["acknowledged"] else "not acknowledged by the buyer"
    if "before_first_work" in document:
        said += ", before" if document["before_first_work"] else ", but NOT BEFORE"
        said += " the first work under it"
    return f"  {document['kind']} {document['digest'][:12]}: {said}"


def print_report(report: dict) -> None:
    pinned = "pinned" if report["keys"][0]["pinned"] else "NOT PINNED: taken from the file itself"
    entries = report["entries"]
    lines = [
        f"valid: statement {report['number']} of {report['customer']}, contract {report['contract']}, "
        f"cut {report['cut']}",
        f"total           {report['total']['amount']} {report['total']['currency']}",
        *(f"  by {who:<13} {amount['amount']}" for who, amount in report["authorship"].items()),
        f"log             {report['origin']}",
        *(f"key             {key['vkey']} ({pinned})" for key in report["keys"]),
        f"head            {report['head']['size']} {report['head']['root']}",
        f"entries         {sum(entries.values())}: " + ", ".join(f"{n} {kind}" for kind, n in entries.items()),
        f"buyer signed    {report['signed_by_buyer']}; said to be the buyer's without signature "
        f"{report['said_to_be_by_buyer']}",
        f"acknowledged    {len(report['acknowledged'])} of the documents in force, "
        f"{len(report['not_acknowledged'])} not",
        *map(document_in_words, report["documents"]),
        f"cosignatures    {', '.join(report['cosignatures']) or 'none'}",
        f"samples         {len(report['samples'])}; payloads shown {report['payloads']}; "
        f"redactions {report['redactions']}; conflicts without decision {report['conflicts_undecided']}",
        *draws_in_words(report["samples"]),
    ]
    if "cover" in report:
        cover = report["cover"]
        lines.append(
            f"paid with       cover {cover['number']} through {cover['through']}: {', '.join(cover['statements'])}; "
            f"total {cover['total']['amount']} {cover['total']['currency']}, payable {cover['payable']['amount']}; "
            + ("all of them computed" if cover["computed"] else "each of the others has a file of its own")
        )
    if "rests_on_carry_of" in report:
        lines.append(f"rests on the carry of statement {report['rests_on_carry_of']}")
    say("\n".join(lines))


def print_receipt(receipt: dict, as_json: bool) -> None:
    if as_json:
        say(json.dumps({"verdict": "valid", **{name: value for name, value in receipt.items() if name != "proofs"}}))
        return
    say(
        f"valid: {len(receipt['proofs'])} entries about work {receipt['work']} of {receipt['customer']} are in the log"
        f"\nthe seller says: {receipt['unit']} {receipt['state']}, {receipt['why']}"
    )


def verify(data: bytes, trust: Trust) -> Verification:
    """All checks over the bytes of a file, or `Refused`."""
    try:
        return Verification(data, trust)
    except (ArithmeticError, ValueError, RecursionError) as error:
        # Instants beyond the calendar, and the like: such a statement is not computed.
        raise Refused("recompute", f"the statement cannot be computed: {error}") from None


def read_trust(arguments) -> Trust:
    trust = read_pins(arguments.pins) if arguments.pins else Trust()
    trust.keys += [parse_vkey(vkey) for vkey in arguments.key]
    if arguments.head:
        trust.head = parse_head(*arguments.head)
    return trust


def main(argv=None) -> int:
    parser = argparse.ArgumentParser(description="Verify a Piecework proof file, offline.")
    parser.add_argument("file", type=Path, help="the proof file (a zip), or a receipt with --receipt")
    parser.add_argument("--receipt", action="store_true", help="FILE is the receipt of one work; needs --key or --pins")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="the log's key that you hold")
    parser.add_argument("--head", nargs=2, metavar=("SIZE", "ROOT"), help="a head of this log that you verified before")
    parser.add_argument("--pins", type=Path, metavar="FILE", help="key and head, written first and checked ever after")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    arguments = parser.parse_args(argv)
    try:
        trust = read_trust(arguments)
        data = arguments.file.read_bytes()
        if arguments.receipt and not trust.keys:
            raise Malformed("a receipt is checked with the log's key: give --key or --pins")
    except (Malformed, OSError, UnicodeDecodeError) as error:
        say(f"verify_piecework: {error}", sys.stderr)
        return 2
    try:
        if arguments.receipt:
            print_receipt(verify_receipt(data, trust.keys), arguments.json)
            return 0
        verification = verify(data, trust)
    except Refused as refusal:
        if arguments.json:
            say(json.dumps({"verdict": "refused", "code": refusal.code, "reason": refusal.reason}))
        else:
            say(f"refused: {refusal.reason} [{refusal.code}]")
        return 1
    if arguments.pins and (trust.head is None or trust.head[0] <= verification.proof.size):
        write_pins(arguments.pins, verification.keys, verification.proof.size, verification.proof.root)
    if arguments.json:
        say(json.dumps({"verdict": "valid", **verification.report}))
    else:
        print_report(verification.report)
    return 0


if __name__ == "__main__":
    try:
        code = main()
    finally:
        say("", end="")  # the help, which argparse prints
    sys.exit(code)
