"""Tests of the verifier: `python3 -m unittest` in this directory. Standard library only.

Known answers come first: RFC 8032, RFC 6962, Certificate Transparency, C2SP and Go's `note` package.
"""

import base64
import contextlib
import copy
import hashlib
import io
import json
import os
import shlex
import struct
import subprocess
import sys
import tempfile
import tomllib
import unittest
from fractions import Fraction
import zlib
from datetime import date
from pathlib import Path
from unittest import mock

import vectors
import verify_piecework as v

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


# ------------------------------------------------------------------------------------------------------
# Strict JSON
# ------------------------------------------------------------------------------------------------------


class StrictJson(unittest.TestCase):
    GOOD = [
        b"{}",
        b'{"a":1,"b":-1}',
        b'{"a":{"b":[true,false,"x",{}]},"b":[]}',
        b'{"a":9007199254740991,"b":-9007199254740991}',
        '{"a":"ä\u2028\U00010000\x7f"}'.encode(),
        b'{"a":"\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001f/"}',
        b'{"a":' + b"[" * 31 + b"]" * 31 + b"}",
        b'{"a":"' + b"[{" * 40 + b'"}',
    ]
    BAD = [
        (b"", "empty"),
        (b"[]", "not an object"),
        (b'{"a":1} ', "white space after"),
        (b' {"a":1}', "white space before"),
        (b'{"a": 1}', "white space inside"),
        (b'{"a":1,"a":1}', "a name twice"),
        (b'{"b":1,"a":1}', "names out of order"),
        (b'{"a":{"c":1,"b":2}}', "names out of order, deeper"),
        ('{"\u00e4":1}'.encode(), "a name that is not ASCII"),
        (b'{"a":null}', "null"),
        (b'{"a":[null]}', "null in an array"),
        (b'{"a":[[1,null]]}', "null in an array in an array"),
        (b'{"a":1.0}', "a fraction"),
        (b'{"a":1e3}', "an exponent"),
        (b'{"a":-0}', "minus zero"),
        (b'{"a":01}', "a leading zero"),
        (b'{"a":9007199254740992}', "2^53"),
        (b'{"a":-9007199254740992}', "-2^53"),
        (b'{"a":' + b"9" * 5000 + b"}", "5000 digits"),
        (b'{"a":NaN}', "not a number"),
        (b'{"a":Infinity}', "infinity"),
        (b'{"a":"\\/"}', "an escape that is not needed"),
        (b'{"a":"\\u0041"}', "an escaped letter"),
        (b'{"a":"\\u000A"}', "\\n written otherwise"),
        (b'{"a":"\\u001F"}', "upper-case hex"),
        (b'{"a":"\x01"}', "a raw control character"),
        (b'{"a":"\\ud800"}', "a lone surrogate, escaped"),
        (b'{"a":"\xed\xa0\x80"}', "a lone surrogate in bytes"),
        (b'{"a":"\xc0\xaf"}', "overlong UTF-8"),
        (b'{"a":"\xff"}', "not UTF-8"),
        (b'\xef\xbb\xbf{"a":1}', "a byte order mark"),
        (b'{"a":1}{"a":1}', "two objects"),
        (b'{"a":1,}', "a trailing comma"),
        (b"{'a':1}", "single quotes"),
        (b'{"a":' + b"[" * 33 + b"]" * 33 + b"}", "a list at depth 33"),
        (b'{"a":' + b"[" * 32 + b"1" + b"]" * 32 + b"}", "a number at depth 33"),
        (b'{"a":' + b"[" * 32 + b'"]"' + b"]" * 32 + b"}", "a string at depth 33"),
        (b'{"a":' + b"[" * 30000, "deep and unfinished"),
    ]

    def test_a_value_at_depth_32_is_read(self):
        for inside in (b"[" * 32 + b"]" * 32, b"[" * 31 + b"{}" + b"]" * 31, b"[" * 31 + b"1" + b"]" * 31):
            v.parse_strict_json(b'{"a":%s}' % inside)

    def test_what_a_writer_of_the_profile_writes_is_read(self):
        for raw in self.GOOD:
            with self.subTest(raw=raw):
                self.assertEqual(v.canonical_json(v.parse_strict_json(raw)), raw)

    def test_anything_else_is_refused(self):
        for raw, why in self.BAD:
            with self.subTest(why=why), self.assertRaises(v.Malformed):
                v.parse_strict_json(raw)


# ------------------------------------------------------------------------------------------------------
# Ed25519
# ------------------------------------------------------------------------------------------------------


def sign(seed: bytes, message: bytes) -> bytes:
    """RFC 8032 section 5.1.6. Only the tests sign."""
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    public = v.point_encode(multiply(secret, v.BASE))
    r = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % v.ORDER
    point = v.point_encode(multiply(r, v.BASE))
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % v.ORDER
    return point + ((r + k * secret) % v.ORDER).to_bytes(32, "little")


def public_key(seed: bytes) -> bytes:
    digest = hashlib.sha512(seed).digest()
    return v.point_encode(multiply(int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254, v.BASE))


def multiply(scalar: int, point):
    total = v.NEUTRAL
    for bit in range(scalar.bit_length() - 1, -1, -1):
        total = v.point_double(total)
        if scalar >> bit & 1:
            total = v.point_add(total, point)
    return total


class Ed25519(unittest.TestCase):
    RFC_8032 = [  # section 7.1: seed, public key, message, signature
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a",
        ),
    ]
    # The points of small order (RFC 8032 encodings), and encodings that are not canonical.
    WEAK = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]

    def test_rfc_8032(self):
        for seed, public, message, signature in self.RFC_8032:
            raw = [bytes.fromhex(x) for x in (seed, public, message, signature)]
            self.assertEqual(public_key(raw[0]), raw[1])
            self.assertEqual(sign(raw[0], raw[2]), raw[3])
            self.assertTrue(v.ed25519_verify(raw[1], raw[2], raw[3]))
            self.assertFalse(v.ed25519_verify(raw[1], raw[2] + b"x", raw[3]))
            for at in (0, 31, 32, 63):
                bent = bytearray(raw[3])
                bent[at] ^= 1
                self.assertFalse(v.ed25519_verify(raw[1], raw[2], bytes(bent)))

    def test_the_scalar_is_below_the_order(self):
        _, public, message, signature = (bytes.fromhex(x) for x in self.RFC_8032[1])
        scalar = int.from_bytes(signature[32:], "little") + v.ORDER
        self.assertFalse(v.ed25519_verify(public, message, signature[:32] + scalar.to_bytes(32, "little")))

    def test_weak_keys_are_refused(self):
        for key in self.WEAK:
            self.assertFalse(v.strong_public_key(bytes.fromhex(key)), key)
        # Under the neutral element as key, R = neutral and S = 0 would fit every text.
        neutral = (1).to_bytes(32, "little")
        self.assertFalse(v.ed25519_verify(neutral, b"any text", neutral + bytes(32)))

    def test_r_of_small_order_is_refused(self):
        # [S]B = R + [k]A holds for R neutral: r is 0.
        seed, message = b"\x07" * 32, b"m"
        secret = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little") & ((1 << 254) - 8) | 1 << 254
        neutral, public = v.point_encode(v.NEUTRAL), public_key(seed)
        k = int.from_bytes(hashlib.sha512(neutral + public + message).digest(), "little") % v.ORDER
        scalar = k * secret % v.ORDER
        left = multiply(scalar, v.BASE)
        self.assertEqual(v.point_encode(left), v.point_encode(multiply(k, v.point_decode(public))))
        self.assertFalse(v.ed25519_verify(public, message, neutral + scalar.to_bytes(32, "little")))

    def test_the_cofactor_is_not_multiplied(self):
        # A key with a component of small order: 8[S]B = 8R + 8[k]A holds, [S]B = R + [k]A does not.
        torsion = v.point_decode(bytes.fromhex(self.WEAK[4]))
        seed = bytes(range(32))
        digest = hashlib.sha512(seed).digest()
        secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
        mixed = v.point_encode(v.point_add(multiply(secret, v.BASE), torsion))
        self.assertTrue(v.strong_public_key(mixed))
        accepted = 0
        for r in range(1, 17):
            point = v.point_encode(multiply(r, v.BASE))
            k = int.from_bytes(hashlib.sha512(point + mixed + b"m").digest(), "little") % v.ORDER
            signature = point + ((r + k * secret) % v.ORDER).to_bytes(32, "little")
            accepted += v.ed25519_verify(mixed, b"m", signature)
            self.assertEqual(v.ed25519_verify(mixed, b"m", signature), k % 8 == 0)
        self.assertLess(accepted, 16)


# ------------------------------------------------------------------------------------------------------
# Notes, keys, checkpoints
# ------------------------------------------------------------------------------------------------------

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)


class Notes(unittest.TestCase):
    def test_notes_of_go_and_c2sp_verify(self):
        note = v.parse_note((GO_TEXT + "\n" + PETER_LINE + ENOCH_LINE).encode())
        self.assertTrue(v.note_verifies(note, v.parse_vkey(PETER)))
        self.assertTrue(v.note_verifies(note, v.parse_vkey(ENOCH)))
        example = v.parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
        self.assertFalse(v.note_verifies(note, example))
        note = v.parse_note(
            "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAl"
            "TgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n".encode()
        )
        self.assertTrue(v.note_verifies(note, example))

    def test_a_known_key_whose_signature_fails_refuses_the_note(self):
        note = v.parse_note(("other text\n\n" + PETER_LINE + ENOCH_LINE).encode())
        with self.assertRaises(v.Malformed):
            v.note_verifies(note, v.parse_vkey(PETER))

    def test_the_last_blank_line_divides(self):
        seed = b"\x01" * 32
        key = v.Key("example.com/blank", 1, public_key(seed))
        text = "first\n\nsecond\n"
        note = v.parse_note((text + "\n" + signature_line(key, sign(seed, text.encode()))).encode())
        self.assertEqual(note.text, text.encode())
        self.assertTrue(v.note_verifies(note, key))

    def test_malformed_notes_are_refused(self):
        good = GO_TEXT + "\n" + PETER_LINE
        for bad in (
            GO_TEXT,
            good[:-1],
            "\x01" + good,
            good.replace("PeterNeumann", "Peter Neumann"),
            good.replace("PeterNeumann", "Peter+Neumann"),
            good.replace("PeterNeumann", "Peter\u2003Neumann"),
            good.replace("\u2014", "-"),
            good + "more\n",
            good + "\n",
            good.replace("nAM=", "nAN="),  # the same bytes in another base64
            good.replace("\n", "\r\n"),
            GO_TEXT + "\n" + PETER_LINE * 65,
        ):
            with self.subTest(bad=bad[-60:]), self.assertRaises(v.Malformed):
                v.parse_note(bad.encode())
        with self.assertRaises(v.Malformed):
            v.parse_note(b"\xff" + good.encode())
        self.assertEqual(len(v.parse_note((GO_TEXT + "\n" + PETER_LINE * 64).encode()).signatures), 64)

    def test_malformed_vkeys_are_refused(self):
        for end in range(len(PETER)):
            with self.assertRaises(v.Malformed):
                v.parse_vkey(PETER[:end])
        for at in range(len(PETER)):
            with self.assertRaises(v.Malformed):
                v.parse_vkey(PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :])
        for key in Ed25519.WEAK:
            weak = v.Key("weak.example", 1, bytes.fromhex(key))
            with self.subTest(key=key), self.assertRaisesRegex(v.Malformed, "weak"):
                v.parse_vkey(weak.vkey)

    def test_checkpoint_of_the_c2sp_page(self):
        checkpoint = v.parse_checkpoint(b"example.com/origin\n123\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n")
        self.assertEqual((checkpoint.origin, checkpoint.size), ("example.com/origin", 123))
        self.assertEqual(checkpoint.root, v.leaf_hash(b"hello world"))
        for bad in (
            b"example.com/origin\n0123\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n",
            b"example.com/origin\n-1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n",
            b"example.com/origin\n123\nTszz\n",
            b"\n123\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n",
            b"example.com/origin\n123\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\nextension\n",
        ):
            with self.assertRaises(v.Malformed):
                v.parse_checkpoint(bad)

    def test_checkpoints_of_this_log_and_cosignatures(self):
        # Made from the seeds 07 and 09, 32 times each; the root is that of the eight leaves below.
        text = b"vendor.example/log/8f3a\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
        line = (
            "\u2014 vendor.example/log/8f3a o93hEncRv5GI7OJMUWZftM4eIq7VMf6681O25ToBlC8eQfmb2hvCMELETxqOHax2EStoNpNrm"
            "zaDJ+e2lvTYv8riywI=\n"
        )
        key = v.parse_vkey("vendor.example/log/8f3a+a3dde112+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")
        self.assertEqual(key.public_key, public_key(b"\x07" * 32))
        self.assertTrue(v.note_verifies(v.parse_note(text + b"\n" + line.encode()), key))
        witness = v.parse_vkey("witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY")
        stamp = 1795380180
        cosignature = sign(b"\x09" * 32, v.cosignature_message(text, stamp))
        cosigned = line + signature_line(witness, struct.pack(">Q", stamp) + cosignature)
        self.assertTrue(v.note_verifies(v.parse_note(text + b"\n" + cosigned.encode()), witness))
        later = line + signature_line(witness, struct.pack(">Q", stamp + 1) + cosignature)
        with self.assertRaises(v.Malformed):
            v.note_verifies(v.parse_note(text + b"\n" + later.encode()), witness)


def signature_line(key, payload: bytes) -> str:
    return f"\u2014 {key.name} {base64.b64encode(key.id + payload).decode()}\n"


# ------------------------------------------------------------------------------------------------------
# Tree and tiles
# ------------------------------------------------------------------------------------------------------


class Trees(unittest.TestCase):
    LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    ROOTS = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    def test_certificate_transparency(self):
        tree = v.Tree([v.leaf_hash(bytes.fromhex(leaf)) for leaf in self.LEAVES])
        for size, root in enumerate(self.ROOTS):
            self.assertEqual(tree.root(size).hex(), root)

    def test_hash_primitives(self):
        self.assertEqual(
            v.leaf_hash(b"L123456").hex(), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
        )
        self.assertEqual(
            v.node_hash(b"N123", b"N456").hex(), "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
        )

    def test_the_golden_log_of_tessera(self):
        tree = v.Tree([v.leaf_hash(word.encode()) for word in "one two three four five six seven".split()])
        self.assertEqual(base64.b64encode(tree.root(7)), b"IrSXADBqJ7EQoUODSDKROySgNveeL6CFhik2w/+fS7U=")

    def test_the_root_by_halves_is_the_root_by_rows(self):
        def by_halves(leaves):
            if len(leaves) == 1:
                return leaves[0]
            half = 1 << (len(leaves) - 1).bit_length() - 1
            return v.node_hash(by_halves(leaves[:half]), by_halves(leaves[half:]))

        leaves = [v.leaf_hash(bytes([i % 256, i // 256])) for i in range(600)]
        tree = v.Tree(leaves)
        for size in (1, 2, 3, 255, 256, 257, 511, 512, 513, 600):
            self.assertEqual(tree.root(size), by_halves(leaves[:size]))

    def test_inclusion_paths(self):
        zero = [
            "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
            "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
        ]
        five = [
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
            "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        ]
        two = ["+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="]
        one = ["bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=", zero[1], five[0]]
        for index, size, path in ((0, 8, zero), (5, 8, five), (2, 3, two), (1, 5, one)):
            leaf = v.leaf_hash(bytes.fromhex(self.LEAVES[index]))
            steps = [base64.b64decode(step) for step in path]
            self.assertEqual(v.root_of_path(leaf, index, size, steps).hex(), self.ROOTS[size])
            for bent in (steps[:-1], steps + steps[:1]):
                with self.assertRaises(v.Malformed):
                    v.root_of_path(leaf, index, size, bent)
            with self.assertRaises(v.Malformed):
                v.root_of_path(leaf, size, size, steps)

    def test_tile_paths(self):
        self.assertEqual(v.tile_path(1234067, 256), "x001/x234/067")
        self.assertEqual(v.tile_path(0, 255), "000.p/255")
        self.assertEqual(v.tile_path(1, 1), "001.p/1")
        self.assertEqual(v.tile_path(123456789, 41), "x123/x456/789.p/41")
        self.assertEqual(v.tile_path(455667, 256), "x455/667")
        size = 70_000
        self.assertEqual(len(v.tile_paths(size)), 274)
        self.assertEqual(v.tile_paths(size)[-1], ("273.p/112", 69_888, 112))
        self.assertEqual([path for path, _, _ in v.tile_paths(size >> 8)], ["000", "001.p/17"])
        self.assertEqual([path for path, _, _ in v.tile_paths(size >> 16)], ["000.p/1"])
        self.assertEqual(v.tile_paths(256), [("000", 0, 256)])


# ------------------------------------------------------------------------------------------------------
# Settlement: the stories beside the definitions
# ------------------------------------------------------------------------------------------------------

STORY_KINDS = {  # the first attribute of a kind is what a bare word says
    "opened": ("work.opened", None),
    "reopened": ("work.reopened", None),
    "asked": ("work.asked", "kind"),
    "answered": ("work.answered", "kind"),
    "confirmed": ("work.confirmed", None),
    "rejected": ("work.rejected", "reason"),
    "verified": ("work.verified", "result"),
    "escalated": ("work.escalated", "configured"),
    "human_replied": ("work.human_replied", "visible"),
    "overridden": ("work.overridden", "minutes"),
    "closed": ("work.closed", "reason"),
    "rated": ("work.rated", "score"),
    "valued": ("work.valued", "amount"),
    "reviewed": ("review.recorded", "result"),
    "evidence": ("evidence.attached", "name"),
    "disputed": ("work.disputed", "reason"),
    "dispute_decided": ("work.dispute_decided", "verdict"),
}
STORY_DEFAULTS = {
    "work.asked": {"kind": "question"},
    "work.answered": {"kind": "answer"},
    "evidence.attached": {"commitment": "0" * 64},
}


def story_fact(number: int, line: str, every: str, key, zone) -> v.Fact:
    day, clock, word, *rest = shlex.split(line, comments=True)
    kind, first = STORY_KINDS[word]
    data = dict(STORY_DEFAULTS.get(kind, {}))
    raw = {
        "specversion": "1.0",
        "id": f"{number:04d}",
        "source": "story",
        "subject": "acme",
        "type": f"piecework.{kind}.v1",
    }
    raw["time"] = v.print_instant(story_instant(zone, day, clock))
    for name in key:
        data[name] = "1"
    for said in [*shlex.split(every), *rest]:
        name, equals, value = said.partition("=")
        if not equals:
            name, value = first, said
        if name == "by":
            raw["authorship"] = value
        elif name == "amount":
            number_text, currency = value.split()
            data["amount"] = v.print_amount(v.parse_decimal(number_text), currency)
        elif name in ("visible", "configured"):
            data[name] = value == "true"
        else:
            data[name] = value
    if data.get("visible") is True:
        del data["visible"]
    if "work" in data:
        raw["workid"] = data.pop("work")
    if data:
        raw["data"] = data
    return v.Fact(v.parse_event(raw), number, None)


def story_instant(zone, day: str, clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return v.local_instant(zone, date.fromisoformat(day), (hour * 60 + minute) * 60 * v.NANOS)


class Stories(unittest.TestCase):
    """Every story of examples/definitions: events in, movements out."""

    def settle_story(self, definition, zone, every, story, permuted):
        lines = [line for line in story["events"].splitlines() if line.strip()]
        facts = [story_fact(n, line, every, definition.key, zone) for n, line in enumerate(lines)]
        facts = facts[::-1] if permuted else facts
        v.inherit_headers(facts)
        scopes = v.group_by_scope(definition, facts)
        return [
            unit
            for scope in scopes
            for unit in v.settle([(0, definition)], zone, scope, sorted(scopes[scope], key=lambda f: f.order))
        ]

    def check(self, path, zone, every, story, definition):
        as_of = v.END_OF_TIME
        if "as_of" in story:
            as_of = story_instant(zone, *story["as_of"].split())
        for permuted in (False, True):
            units = self.settle_story(definition, zone, every, story, permuted)
            moved = [m for unit in units for m in unit.movements if m.instant <= as_of]
            moved = [(m.instant, f"{self.change(m)} {m.cls}") for m in moved]
            expected = []
            for line in story["movements"].splitlines():
                if line.strip():
                    day, clock, change = line.split(None, 2)
                    expected.append((story_instant(zone, day, clock), self.plain(change)))
            self.assertEqual(sorted(moved), sorted(expected))
            if "state" in story:
                states = [[words for at, words in unit.states if at <= as_of][-1] for unit in units]
                self.assertEqual(", ".join(states), story["state"])

    @staticmethod
    def change(m) -> str:
        value = m.quantity if m.value is None else m.value
        return ("+" if value > 0 else "") + v.print_decimal(value)

    @staticmethod
    def plain(change: str) -> str:
        amount, *currency, cls = change.split()
        value = v.parse_decimal(amount.lstrip("+"))
        return ("+" if value > 0 else "") + v.print_decimal(value) + " " + cls

    def test_every_story(self):
        told = 0
        for path in sorted((REPOSITORY / "examples" / "definitions").glob("*.stories.toml")):
            definition = v.parse_definition(path.with_name(path.name.replace(".stories", "")).read_text())
            table = tomllib.loads(path.read_text())
            zone = v.find_zone(table.get("zone", "UTC"))
            for story in table["story"]:
                with self.subTest(file=path.name, story=story["name"]):
                    self.check(path, zone, table.get("every_event", ""), story, definition)
                    told += 1
        self.assertGreater(told, 90)


REMARKED = """
id = "support.chat"
question = "Done?"
owner = "x"
one_per = { key = ["user"], split = "SPLIT" }
acts = ["answered"]
abandon_after = "60d"
[[counts]]
class = "any"
when = "answered"
[dispute]
window = "5d"
default = "credit"
[evidence]
expected = ["transcript"]
[cost]
lines = ["model"]
[rollback]
remedy = "credit"
undo = "x"
window = "30d"
approver = "x"
"""
IDLE, START = "window(24h, from = idle)", "window(24h, from = start)"
REMARK_LINES = (
    "disputed",
    "dispute_decided stands",
    "reviewed accepted",
    "rated 3",
    "overridden",
    "evidence transcript",
)
ACT_LINES = (
    "opened",
    "reopened",
    "asked",
    "answered",
    "confirmed",
    "rejected",
    "verified passed check=tests",
    "escalated",
    "human_replied",
    "closed",
    "valued amount='1 USD'",
)


class Remarks(unittest.TestCase):
    """S7: what says something of work that was done goes to the unit of its work, and opens no window."""

    def settled(self, split: str, *lines: str, more="", **changes: str) -> list[v.Unit]:
        """The units of lines `DAY HOUR:MINUTE KIND …` of January."""
        text = REMARKED.replace("SPLIT", split)
        for old, new in ({"SPLIT": split} | changes).items():
            text = text.replace(old, new)
        definition, zone = v.parse_definition(text + more), v.find_zone("UTC")
        facts = [story_fact(n, f"2026-01-{line}", "", definition.key, zone) for n, line in enumerate(lines)]
        v.inherit_headers(facts)
        ((scope, facts),) = v.group_by_scope(definition, facts).items()
        return v.settle([(0, definition)], zone, scope, sorted(facts, key=lambda fact: fact.order))

    def taken(self, split: str, *lines: str, **more: str) -> list[list[int]]:
        """The lines that each unit is made of."""
        return [[line for line, _, _ in unit.facts] for unit in self.settled(split, *lines, **more)]

    @staticmethod
    def told(unit: v.Unit) -> list[tuple[str, str]]:
        return [(v.print_instant(at)[8:16], words) for at, words in unit.states]

    def test_every_kind_of_fact_is_a_remark_or_not(self):
        kinds = {STORY_KINDS[line.split()[0]][0] for line in REMARK_LINES + ACT_LINES}
        self.assertEqual(kinds, v.RANKS.keys())
        conversations = ("05 00:00 answered work=w1", "07 00:00 answered work=w2")
        for split in (START, IDLE):
            for line in REMARK_LINES:
                with self.subTest(split=split, line=line):
                    self.assertEqual(self.taken(split, *conversations, f"10 00:00 {line} work=w1"), [[0, 2], [1]])
                    self.assertEqual(self.taken(split, *conversations, f"10 00:00 {line}"), [[0], [1, 2]])
            for line in ACT_LINES:
                with self.subTest(split=split, line=line):
                    self.assertEqual(self.taken(split, *conversations, f"10 00:00 {line} work=w1"), [[0], [1], [2]])
                    self.assertEqual(self.taken(split, *conversations, f"07 01:00 {line} work=w1"), [[0], [1, 2]])

    def test_a_work_of_no_unit_is_the_last_unit(self):
        lines = ("05 00:00 answered work=w1", "07 00:00 answered", "10 00:00 rated 3 work=w9")
        self.assertEqual(self.taken(IDLE, *lines), [[0], [1, 2]])

    def test_no_work_is_no_name_of_a_unit(self):
        lines = ("05 00:00 answered", "07 00:00 answered work=w2", "10 00:00 rated 3")
        self.assertEqual(self.taken(IDLE, *lines), [[0], [1, 2]])

    def test_the_last_of_several_units_of_the_work(self):
        lines = ("05 00:00 answered work=w1", "07 00:00 answered work=w1", "09 00:00 answered work=w2")
        self.assertEqual(self.taken(IDLE, *lines, "10 00:00 rated 3 work=w1"), [[0], [1, 3], [2]])

    def test_a_remark_gives_its_unit_the_work_too(self):
        lines = ("05 00:00 answered", "05 01:00 rated 3 work=w1", "07 00:00 answered work=w2")
        self.assertEqual(self.taken(IDLE, *lines, "10 00:00 disputed work=w1"), [[0, 1, 3], [2]])

    def test_what_only_excludes_is_taken_and_has_its_work(self):
        lines = ("05 00:00 answered work=w1 channel=test", "07 00:00 answered work=w2 channel=chat")
        only = {"acts = ": 'only = "channel = chat"\nacts = '}
        self.assertEqual(self.taken(IDLE, *lines, "10 00:00 rated 3 work=w1", **only), [[0, 2], [1]])
        lines = ("05 00:00 answered channel=chat", "05 23:00 answered channel=test", "06 22:00 answered channel=chat")
        self.assertEqual(self.taken(IDLE, *lines, **only), [[0, 1, 2]])

    def test_acts_after_a_remark_go_to_the_last_unit(self):
        lines = ("05 00:00 answered work=w1", "07 00:00 answered work=w2", "07 01:00 rated 3 work=w1")
        self.assertEqual(self.taken(IDLE, *lines, "07 02:00 answered work=w1"), [[0, 2], [1, 3]])

    def test_the_first_of_a_scope_begins_a_unit(self):
        for line in REMARK_LINES:
            for split in (START, IDLE, "none", "reopen"):
                with self.subTest(line=line, split=split):
                    (unit,) = self.settled(split, f"05 00:00 {line} work=w1", "05 23:59 answered")
                    self.assertEqual((unit.first[1], v.print_instant(unit.opened)), ("0000", "2026-01-05T00:00:00Z"))
            for split in (START, IDLE):
                lines = (f"05 00:00 {line} work=w1", "06 00:00 answered")
                self.assertEqual(self.taken(split, *lines), [[0], [1]])

    def test_an_idle_window_is_not_kept_open(self):
        for line in REMARK_LINES:
            with self.subTest(line=line):
                answered = ("05 00:00 answered work=w1", f"05 23:00 {line} work=w1")
                self.assertEqual(self.taken(IDLE, *answered, "06 00:00 answered"), [[0, 1], [2]])
                self.assertEqual(self.taken(IDLE, *answered, "05 23:59 answered"), [[0, 1, 2]])
        acts = ("05 00:00 answered", "05 23:00 closed", "06 22:59 answered", "07 22:59 answered")
        self.assertEqual(self.taken(IDLE, *acts), [[0, 1, 2], [3]])

    def test_a_rule_that_begins_another_unit(self):
        rule = '[[after]]\non = "rated where score = 1"\nwithin = "20d"\nthen = "new_unit"\n'
        for split in ("none", "reopen", START, IDLE):
            with self.subTest(split=split):
                lines = ("05 00:00 answered work=w1", "05 01:00 rated 1 work=w1", "05 02:00 disputed work=w1")
                self.assertEqual(self.taken(split, *lines, more=rule), [[0], [1, 2]])
        lines = ("05 00:00 answered work=w1", "07 00:00 answered work=w2")
        late = ("10 00:00 rated 1 work=w1", "10 01:00 answered work=w3", "10 02:00 rated 3", "10 03:00 rated 3 work=w2")
        self.assertEqual(self.taken(IDLE, *lines, *late, more=rule), [[0], [1, 5], [2, 3, 4]])
        self.assertEqual(self.taken(IDLE, *lines, "26 00:00 rated 1 work=w1", more=rule), [[0, 2], [1]])

    def test_the_timers_of_the_named_unit_run_first(self):
        lines = ("05 00:00 answered work=w1", "07 00:00 answered work=w2", "08 00:00 disputed work=w1")
        first, second = self.settled(IDLE, *lines, "20 00:00 dispute_decided stands work=w1")
        self.assertEqual(self.told(first)[1:], [("05T00:00", "counted: any"), ("13T00:00", "reversed")])
        self.assertEqual(self.told(second)[1:], [("07T00:00", "counted: any")])

    def test_the_timers_of_a_unit_that_was_left_go_on(self):
        gate = {
            'when = "answered"': 'when = "all(answered, quiet(72h, last answered))"',
            'expected = ': 'gate = ',
        }
        lines = ("05 00:00 answered work=w1", "07 00:00 answered work=w2")
        for evidence, counted in (("07 12:00", "08T00:00"), ("09 12:00", "09T12:00")):
            with self.subTest(evidence=evidence):
                first, second = self.settled(IDLE, *lines, f"{evidence} evidence transcript work=w1", **gate)
                self.assertEqual(self.told(first), [("05T00:00", "pending"), (counted, "counted: any")])
                self.assertEqual(self.told(second)[0], ("07T00:00", "pending"))
                self.assertEqual(second.movements, [])

    def test_a_unit_that_is_over_stays_so(self):
        confirmed = {'when = "answered"': 'when = "all(answered, confirmed)"', '"60d"': '"2d"'}
        given_up = [("05T00:00", "pending"), ("07T00:00", "not counted: abandoned")]
        lines = ("05 00:00 answered work=w1", "10 00:00 reopened work=w2", "11 00:00 rated 3 work=w1")
        first, second = self.settled("reopen", *lines, **confirmed)
        self.assertEqual(([line for line, _, _ in first.facts], self.told(first)), ([0, 2], given_up))
        self.assertEqual(self.told(second)[-1], ("12T00:00", "not counted: abandoned"))
        left = [("05T00:00", "pending"), ("06T00:00", "not counted: abandoned")]
        lines = ("05 00:00 answered work=w1", "06 00:00 reopened work=w2", "06 01:00 rated 3 work=w1")
        self.assertEqual(self.told(self.settled("reopen", *lines, **confirmed)[0]), left)
        lines = ("05 00:00 disputed", "20 00:00 rated 3")
        (unit,) = self.settled("none", *lines, **confirmed)
        self.assertEqual(self.told(unit), [*given_up, ("10T00:00", "not counted: credited")])

    def test_a_count_that_a_reopening_left_behind_may_be_disputed(self):
        reopened = ("05 00:00 answered work=w1", "06 00:00 reopened work=w2", "07 00:00 answered work=w2")
        left = [("05T00:00", "pending"), ("05T00:00", "counted: any")]
        disputed = "08 00:00 disputed work=w1"
        for more, told in (
            ([disputed, "09 00:00 dispute_decided credited work=w1"], [("09T00:00", "reversed")]),
            ([disputed], [("13T00:00", "reversed")]),  # the definition's default, at the end of the window
            ([disputed, "09 00:00 dispute_decided stands work=w1"], []),
            (["10 00:00 disputed work=w1"], [("15T00:00", "reversed")]),
            (["10 00:01 disputed work=w1"], []),  # behind the window
            (["07 12:00 dispute_decided credited work=w1"], []),  # nothing was disputed
        ):
            with self.subTest(more=more):
                first, second = self.settled("reopen", *reopened, *more)
                self.assertEqual(self.told(first), left + told)
                quantities = [(m.kind, m.quantity, m.counted_at) for m in first.movements]
                counted = [("counted", 1, first.opened)] + [("reversed", -1, first.opened)] * len(told)
                self.assertEqual(quantities, counted)
                self.assertEqual(self.told(second)[-1], ("07T00:00", "counted: any"))
                self.assertEqual(len(second.movements), 1)

    def test_what_is_over_and_not_settled_is_not_disputed(self):
        reopened = ("05 00:00 answered work=w1", "06 00:00 reopened work=w2")
        credited = ("07 00:00 disputed work=w1", "08 00:00 dispute_decided credited work=w1")
        first, _ = self.settled("reopen", *reopened, *credited, "09 00:00 disputed work=w1")
        self.assertEqual((len(first.disputes), self.told(first)[-1]), (1, ("08T00:00", "reversed")))
        first, _ = self.settled("reopen", *reopened, credited[0], **{'when = "answered"': 'when = "closed"'})
        self.assertEqual((first.disputes, self.told(first)[-1]), ([], ("06T00:00", "not counted: abandoned")))


# ------------------------------------------------------------------------------------------------------
# The statement: conformance vectors
# ------------------------------------------------------------------------------------------------------


class Vectors(unittest.TestCase):
    """Every log of docs/reference/recompute/vectors gives its statement bodies, byte for byte."""

    def test_every_body(self):
        compared = stated = 0
        for path in sorted((REPOSITORY / "docs/reference/recompute/vectors").glob("*.jsonl")):
            for wanted, body, digest, cells in vectors.bodies(path):
                with self.subTest(file=path.name, cut=wanted["cut"], coverage=wanted["coverage"]):
                    self.assertEqual(body, v.canonical_json(wanted["body"]).decode())
                    self.assertEqual(digest, wanted["digest"])
                    compared += 1
                    if cells is not None:
                        self.assertEqual(cells[0], cells[1])
                        stated += 1
        self.assertGreater(compared, 200)
        self.assertGreater(stated, 50)

    def test_cells_print_back(self):
        for text in (
            "acme-2026/cases/2026-01-01T00:00:00Z/v1/class:work#2",
            "a/_credit/2026-01-01T00:00:00.5Z/v12/goodwill:desk%20one|7%7C8",
            "a/b/2026-01-01T00:00:00Z/v1/band:from:0.9|work",
            "a/_totals/2026-01-01T00:00:00Z/v1/discount#3",
            "a/_totals/2026-01-01T00:00:00Z/v1/overage#2",
            "a/_totals/2026-01-01T00:00:00Z/v1/drawn",
        ):
            self.assertEqual(v.print_key(v.parse_key(text)), text)
        for text in (
            "a/b/2026-01-01T00:00:00Z/v1/fee#2",
            "a/_totals/2026-01-01T00:00:00Z/v1/drawn#2",
            "a/b/2026-01-01T00:00:00Z/v01/fee",
            "a/b/2026-01-01T00:00:00Z/v1/class:x#1",
            "a/b/2026-01-01T00:00:00Z/v1/class",
            "a/b/2026-01-01T00:00:00Z/v1/band:x",
            "a/b%61/2026-01-01T00:00:00Z/v1/fee",
            "a/b/2026-01-01T00:00:00Z/v1",
        ):
            with self.assertRaises(v.Malformed, msg=text):
                v.parse_key(text)


class Terms(unittest.TestCase):
    PLAN = (
        'id = "p"\nversion = 1\ncurrency = "USD"\n{top}[[meter]]\nid = "calls"\nclass = "usage"\n'
        '[[component]]\nid = "calls"\nkind = "metered"\nmeter = "calls"\nprice = 1\n'
        '[[component]]\nid = "cases"\nkind = "outcome"\nunit = "case"\nprice = 1\n{terms}'
    )

    def plan(self, terms, top=""):
        return v.parse_plan(self.PLAN.format(top=top, terms=terms))

    def test_discounts_apply_by_sequence_and_percentages_before_amounts(self):
        own = '[[discount]]\n{}\nreason = "r"\n'
        totals = self.plan(
            "[totals]\ndiscount_percent = 1\ndiscount_amount = 2\n"
            + own.format("amount = 3")
            + own.format("percent = 4\nsequence = 2")
            + own.format("percent = 5")
        ).totals
        order = [discount.percent or discount.amount for discount in totals.discounts()]
        self.assertEqual(order, [Fraction(1, 100), Fraction(5, 100), 2, 3, Fraction(4, 100)])

    def test_terms_that_contradict_themselves_are_refused(self):
        for terms in (
            "[[discount]]\npercent = 1\n",
            '[[discount]]\npercent = 1\namount = 1\nreason = "r"\n',
            '[[discount]]\npercent = 1\nreason = " "\n',
            '[[discount]]\npercent = 1\nreason = "r"\ncomponents = ["nowhere"]\n',
            '[[discount]]\npercent = 1\nreason = "r"\nuntil = 2026-01-01\nperiods = 1\n',
            '[totals]\ncap = { amount = 1, mode = "overage" }\n',
            "[totals]\ncap = { amount = 1, overage = 2 }\n",
            "[totals]\nminimum = { amount = 1, periods = 121 }\n",
            "[totals]\ncap = 5\nminimum = { amount = 11, periods = 2 }\n",
        ):
            with self.subTest(terms=terms), self.assertRaises(v.Malformed):
                self.plan(terms)
        self.plan('[totals]\ncap = { amount = 5, mode = "soft" }\nminimum = { amount = 11, periods = 2 }\n')

    def test_a_precedence_is_outcomes_then_usage(self):
        self.assertEqual(self.plan("", 'precedence = ["cases", "calls"]\n').precedence, ("cases", "calls"))
        for top in ('["calls", "cases"]', '["cases", "cases"]', '["nowhere"]'):
            with self.subTest(top=top), self.assertRaises(v.Malformed):
                self.plan("", f"precedence = {top}\n")


class Arithmetic(unittest.TestCase):
    def test_rounding(self):
        cases = [  # value, places, half_even, half_up, down, up
            ("1000.5", 0, "1000", "1001", "1000", "1001"),
            ("0.125", 2, "0.12", "0.13", "0.12", "0.13"),
            ("-0.125", 2, "-0.12", "-0.13", "-0.12", "-0.13"),
            ("0.135", 2, "0.14", "0.14", "0.13", "0.14"),
            ("-0.001", 2, "0", "0", "0", "-0.01"),
        ]
        for value, places, *expected in cases:
            for mode, want in zip(("half_even", "half_up", "down", "up"), expected):
                self.assertEqual(v.print_decimal(v.round_places(v.parse_decimal(value), places, mode)), want)

    def test_division_sums_to_the_amount(self):
        def parts(amount, *weights):
            shares = v.divide_amount(v.parse_decimal(amount), [v.parse_decimal(w) for w in weights], 2)
            self.assertEqual(sum(shares), v.parse_decimal(amount))
            return [v.print_decimal(share, 2) for share in shares]

        self.assertEqual(parts("1.00", "1", "1", "1"), ["0.34", "0.33", "0.33"])
        self.assertEqual(parts("-1.00", "1", "1", "1"), ["-0.34", "-0.33", "-0.33"])
        self.assertEqual(parts("1.00", "0", "0"), ["0.50", "0.50"])
        self.assertEqual(parts("10.00", "20", "-5"), ["15.00", "-5.00"])

    def test_decimals(self):
        for text in ("0", "0.5", "-12", "1500", "0.000003"):
            self.assertEqual(v.print_decimal(v.parse_decimal_canonical(text)), text)
        self.assertEqual(v.print_decimal(v.parse_decimal("1.5e-06")), "0.0000015")
        self.assertEqual(v.print_decimal(v.parse_decimal("2E3")), "2000")
        for text in ("-0", "1.50", "01", ".5", "5.", "+1", "1e3", "", "1" * 60):
            with self.assertRaises(v.Malformed, msg=text):
                v.parse_decimal_canonical(text)
        for text in ("+1", ".5", "5.", "", "nan", "inf", "1" * 60, "1e-40"):
            with self.assertRaises(v.Malformed, msg=text):
                v.parse_decimal(text)


# ------------------------------------------------------------------------------------------------------
# Samples and payloads
# ------------------------------------------------------------------------------------------------------


class Samples(unittest.TestCase):
    ROOT = base64.b64decode("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=")

    def setUp(self):
        self.seed = v.sample_seed(
            "vendor.example/log/8f3a", 8, self.ROOT, 8, "all", "0" * 64, "revenue-engine.example/sample/v1"
        )

    def test_seed(self):
        self.assertEqual(self.seed.hex(), "f9e3297fba31474a8e3830a2735e0c040e9a4c8ba2a11e728a51661f7b24688d")

    def test_bottom_k(self):
        tickets = (
            "c19832fb9bc3bcf3 9c6da83ec0818f4b fd4e41c66fee47f9 bef668c994546cd7 32661187ff3d14a0 7fbc6e1fce1a0884"
        )
        for item, begins in enumerate(f"{tickets} 39c304058b653d23 f1c0dba4b6acc368".split()):
            self.assertEqual(v.ticket(self.seed, item).hex()[:16], begins)
        self.assertEqual(v.bottom_k(self.seed, list(range(8)), 8), [4, 6, 5, 1, 3, 0, 7, 2])
        drawn = v.bottom_k(self.seed, list(range(1000)), 10)
        self.assertEqual(sorted(drawn), [73, 96, 336, 358, 368, 548, 682, 803, 975, 989])

    def test_by_money(self):
        weights = [(i, (i + 1) * 1000) for i in range(20)]
        self.assertEqual(v.money_draws(self.seed, 210_000, 5), [89222, 136871, 71489, 42340, 147996])
        self.assertEqual(v.by_money(self.seed, weights, 5), [12, 16, 11, 8, 16])
        self.assertEqual(v.by_money(self.seed, [(1, 0)], 5), [])

    def test_nonces(self):
        nonce = bytes(32)
        for begins in ("96a01e6b435b11ab", "eaad36725feac4ea", "65a441d2ff4e86d8"):
            nonce = v.next_nonce(nonce)
            self.assertEqual(nonce.hex()[:16], begins)

    def test_commitment(self):
        content = bytes(range(32)) + b'{"ticket":"88231","reply":"..."}'
        digest = hashlib.sha256(b"\x04" + content).digest()
        self.assertEqual(base64.b64encode(digest), b"K9FZZqG/yB1DRbWN3ETIo+lCjadcAVQYWMVh+lLa/J0=")


# ------------------------------------------------------------------------------------------------------
# Whole files: a small writer, and everything that must be refused
# ------------------------------------------------------------------------------------------------------

ORIGIN = "vendor.example/log/8f3a"
LOG_SEED, BUYER_SEED = b"\x07" * 32, b"\x0b" * 32
LOG_KEY = v.Key(ORIGIN, 1, public_key(LOG_SEED))
BUYER_KEY = v.Key("acme.example/buyer", 1, public_key(BUYER_SEED))


def entry_bytes(event: dict, conflict=False, received_at="2026-02-02T00:00:00Z") -> bytes:
    value = {"event": event, "received_at": received_at}
    if conflict:
        value["conflict"] = True
    return v.canonical_json(value)


def make_event(kind: str, identifier: str, time="2026-02-02T00:00:00Z", data=None, **more) -> dict:
    event = {"specversion": "1.0", "id": identifier, "source": "test", "subject": "acme", "time": time}
    event |= {"type": f"piecework.{kind}.v1", **more}
    if data:
        event["data"] = data
    return event


def signed_event(event: dict, seed=BUYER_SEED, key=BUYER_KEY) -> dict:
    event = event | {"authorship": "buyer", "signer": key.signer}
    text = f"piecework/entry/v1\n{ORIGIN}\n".encode() + v.canonical_json(event)
    return event | {"signature": sign(seed, text).hex()}


def key_published(identifier: str, holder="buyer", key=BUYER_KEY, seed=BUYER_SEED) -> dict:
    possession = sign(seed, f"piecework/key/v1\n{ORIGIN}\n{key.vkey}\n".encode()).hex()
    data = {"holder": holder, "vkey": key.vkey, "possession": possession, "by": "keys"}
    return make_event("key.published", identifier, data=data)


PLAN = """
id = "plan"
version = 1
currency = "USD"
[[component]]
id = "cases"
kind = "outcome"
unit = "support.case"
price = "1.00"
"""
DEFINITION = """
id = "support.case"
question = "Done?"
owner = "x"
one_per = { key = ["case"] }
abandon_after = "30d"
[[counts]]
class = "confirmed"
when = "all(answered where kind = answer, confirmed)"
[[after]]
on = "reopened"
within = "30d"
then = "reverse"
[evidence]
expected = ["transcript"]
[cost]
lines = ["model"]
[rollback]
remedy = "credit"
undo = "x"
window = "30d"
approver = "x"
"""


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


CONTRACT = f"""
id = "acme-2026"
customer = "acme"
plan = "{sha256(PLAN)}"
definitions = ["{sha256(DEFINITION)}"]
starts = 2026-01-01
time_zone = "UTC"
currency = "USD"
"""


def agreement_entries() -> list[bytes]:
    events = [
        make_event("document.published", f"d{n}", "2026-01-01T00:00:00Z", {"kind": kind, "text": text, "by": "x"})
        for n, (kind, text) in enumerate((("definition", DEFINITION), ("plan", PLAN), ("contract", CONTRACT)))
    ]
    data = {"contract": "acme-2026", "digest": sha256(CONTRACT), "by": "x"}
    events.append(make_event("contract.signed", "s", "2026-01-01T00:00:00Z", data))
    return [entry_bytes(event) for event in events]


def case_entries(case: int, day: int) -> list[bytes]:
    time = f"2026-01-{day:02d}T09:00:00Z"
    return [
        entry_bytes(make_event("work.answered", f"a{case}", time, {"case": str(case), "kind": "answer"})),
        entry_bytes(make_event("work.confirmed", f"c{case}", time, {"case": str(case)})),
    ]


class FileWriter:
    """Writes a proof file; every step can be bent by a test."""

    def __init__(self, entries: list[bytes], cut="2026-02-01T00:00:00Z"):
        self.entries = list(entries)
        self.cut = cut
        self.proof_changes = {}
        self.statement = b""
        self.after_issue: list[bytes] = []
        self.payloads: list[bytes] = []
        self.checkpoint_lines = ""

    def issue(self, number="acme-0001", **changes) -> "FileWriter":
        """Appends the statement of what is there, as a right seller would."""
        until = len(self.entries)
        contents = [(at, v.parse_entry(raw)[0]) for at, raw in enumerate(self.entries)]
        book = v.Book("acme", contents)
        draft = v.StatementDraft(book, "acme-2026", v.parse_instant(self.cut))
        self.statement = draft.body()
        cells = draft.stated_cells
        cells_digest = hashlib.sha256(v.canonical_json(cells)).hexdigest()
        tree = v.Tree([v.leaf_hash(raw) for raw in self.entries])
        leaves, stored = dict(enumerate(tree.rows[0])), dict(enumerate(self.entries))
        frontier = v.frontier_of(tree, until)
        carry = v.make_carry(book, leaves, stored, until, v.parse_instant(self.cut), frontier, [])
        self.carry = carry
        attempt = {
            "contract": "acme-2026",
            "cut": self.cut,
            "revision": str(draft.revision),
            "cells_digest": cells_digest,
        }
        stated = attempt | {"part": "1", "cells": cells}
        issued = attempt | {
            "number": number,
            "coverage": str(until),
            "body": hashlib.sha256(self.statement).hexdigest(),
            "parts": "1" if cells else "0",
            "carry": hashlib.sha256(carry).hexdigest(),
            "by": "finance",
        }
        if cells:
            self.entries.append(entry_bytes(make_event("statement.stated", f"p{until}", self.cut, stated)))
        self.issued = len(self.entries)
        self.entries.append(entry_bytes(make_event("statement.issued", f"i{until}", self.cut, issued | changes)))
        self.number, self.until = number, until
        return self

    def members(self) -> dict[str, bytes]:
        size = len(self.entries)
        tree = v.Tree([v.leaf_hash(raw) for raw in self.entries])
        root = base64.b64encode(tree.root(size)).decode()
        text = f"{ORIGIN}\n{size}\n{root}\n".encode()
        proof = {
            "v": 1,
            "kind": "statement",
            "mode": "full",
            "customer": "acme",
            "contract": "acme-2026",
            "number": self.number,
            "cut": self.cut,
            "revision": "1",
            "origin": ORIGIN,
            "vkey": LOG_KEY.vkey,
            "coverage": {"from": "0", "until": str(self.until)},
            "head": {"root": root, "size": str(size)},
            "issued": str(self.issued),
            "semantics": 1,
            "time_zones": "2026a",
            "engine": {"name": "test", "version": "0"},
        } | self.proof_changes
        members = {
            "README.txt": b"for people\n",
            "log/checkpoint": text
            + b"\n"
            + signature_line(LOG_KEY, sign(LOG_SEED, text)).encode()
            + self.checkpoint_lines.encode(),
            "proof.json": v.canonical_json(proof),
            "statement.json": self.statement,
        }
        for path, first, width in v.tile_paths(size):
            bundle = b"".join(struct.pack(">H", len(e)) + e for e in self.entries[first : first + width])
            members[f"log/tile/entries/{path}"] = bundle
        level = 0
        while size >> 8 * level:
            for path, first, width in v.tile_paths(size >> 8 * level):
                members[f"log/tile/{level}/{path}"] = b"".join(tree.rows[8 * level][first : first + width])
            level += 1
        for content in self.payloads:
            members[f"payloads/{hashlib.sha256(bytes([4]) + content).hexdigest()}"] = content
        return members

    def bytes(self) -> bytes:
        return zip_of(with_manifest(self.members()))


def with_manifest(members: dict[str, bytes]) -> dict[str, bytes]:
    lines = [f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n" for name in sorted(members)]
    return members | {"MANIFEST": "".join(lines).encode()}


def zip_of(members: dict[str, bytes], method=8, **bent) -> bytes:
    """A zip of the profile. `bent` changes a field of the last member's headers, or of the end record."""
    local, central = bytearray(), bytearray()
    names = sorted(members)
    for name in names:
        content = members[name]
        packed = content
        if method == 8:
            encoder = zlib.compressobj(6, zlib.DEFLATED, -15)
            packed = encoder.compress(content) + encoder.flush()
        use = {
            "flags": 0,
            "time": 0,
            "date": 0x21,
            "version": 20,
            "crc": zlib.crc32(content),
            "size": len(content),
            "extra": b"",
            "comment": b"",
            "external": 0,
            "offset": len(local),
            "name": name.encode(),
            "tail": b"",
        }
        if name == names[-1]:
            use |= {key: value for key, value in bent.items() if key in use}
        fields = (
            use["version"],
            use["flags"],
            method,
            use["time"],
            use["date"],
            use["crc"],
            len(packed),
            use["size"],
            len(use["name"]),
            len(use["extra"]),
        )
        central += v.CENTRAL_HEADER.pack(
            0x02014B50, 20, *fields, len(use["comment"]), 0, 0, use["external"], use["offset"]
        )
        central += use["name"] + use["extra"] + use["comment"]
        local += v.LOCAL_HEADER.pack(0x04034B50, *fields) + use["name"] + use["extra"] + packed + use["tail"]
    count = len(names) + bent.get("count", 0)
    end = v.END_RECORD.pack(0x06054B50, 0, 0, count, count, len(central), len(local), len(bent.get("note", b"")))
    return bent.get("before", b"") + local + central + end + bent.get("note", b"") + bent.get("behind", b"")


def sample_drawn(writer: FileWriter, nonce, population, identifier="drawn", size=1, **changes) -> bytes:
    tree = v.Tree([v.leaf_hash(raw) for raw in writer.entries])
    head = writer.issued + 1
    text = "none" if nonce is None else nonce.hex()
    seed = v.sample_seed(ORIGIN, head, tree.root(head), writer.until, "all", text)
    data = {
        "sample": "s1",
        "statement": writer.number,
        "method": "bottom_k",
        "stratum": "all",
        "size": str(size),
        "seed": seed.hex(),
        "by": "x",
        "items": [str(item) for item in v.bottom_k(seed, population, size)],
    }
    if nonce is not None:
        data["nonce"] = text
    return entry_bytes(signed_event(make_event("sample.drawn", identifier, data=data | changes)))


class Files(unittest.TestCase):
    def writer(self) -> FileWriter:
        return FileWriter(agreement_entries() + case_entries(1, 5) + case_entries(2, 6))

    def refuse(self, code: str, data: bytes, trust=None):
        with self.assertRaises(v.Refused) as refusal:
            v.verify(data, trust or v.Trust())
        self.assertEqual(refusal.exception.code, code, refusal.exception.reason)
        return refusal.exception.reason

    def test_a_right_file_is_valid(self):
        writer = self.writer().issue()
        verification = v.verify(writer.bytes(), v.Trust())
        self.assertEqual(verification.report["total"], {"amount": "2.00", "currency": "USD"})
        self.assertFalse(verification.pinned)
        self.assertTrue(v.verify(zip_of(with_manifest(writer.members()), method=0), v.Trust([LOG_KEY])).pinned)

    def test_zip(self):
        members = with_manifest(self.writer().issue().members())
        good = zip_of(members)
        self.refuse("zip", good[:-1])
        self.refuse("zip", b"")
        for bent in (
            {"flags": 1},
            {"time": 1},
            {"date": 0x22},
            {"version": 45},
            {"crc": 1},
            {"size": 1},
            {"extra": b"xxxx"},
            {"comment": b"x"},
            {"external": 1},
            {"offset": 1},
            {"name": b"statement.json/"},
            {"name": b"../statement"},
            {"name": b"statement\\json"},
            {"name": b"a"},
            {"name": b"zebra"},
            {"tail": b"x"},
            {"before": b"x"},
            {"behind": b"x"},
            {"note": b"x"},
            {"count": 1},
            {"count": -1},
        ):
            with self.subTest(bent=bent):
                self.refuse("zip", zip_of(members, **bent))
        for name in ("MANIFEST", "README.txt", "log/checkpoint", "proof.json", "statement.json"):
            self.refuse("zip", zip_of({key: value for key, value in members.items() if key != name}))
        self.refuse("zip", zip_of(members | {"notes.txt": b""}))
        self.refuse("zip", zip_of(members | {"log/tile/entries/1": b""}))

    def test_limits(self):
        members = with_manifest(self.writer().issue().members())
        for name, limit in (
            ("log/checkpoint", 1_000_000),
            ("proof.json", 1 << 20),
            ("README.txt", 1 << 20),
            ("statement.json", 64 << 20),
            (f"payloads/{'0' * 64}", (64 << 20) + 32),
            ("log/tile/0/000", 8_192),
            ("log/tile/entries/000", 256 * 65_537),
        ):
            with self.subTest(name=name):
                self.assertNotIn("zip", self.code_of(zip_of(members | {name: bytes(limit)})))
                self.refuse("zip", zip_of(members | {name: bytes(limit + 1)}))
        data = zip_of(members)
        with mock.patch.object(v, "FILE_BYTES_MAX", len(data)):
            self.refuse("zip", data)  # the members are larger than the file
        with mock.patch.object(v, "FILE_BYTES_MAX", len(data) - 1):
            self.refuse("zip", data)
        many = {f"payloads/{n:064x}": b"" for n in range(v.MEMBERS_MAX + 1 - len(members))}
        self.assertIn("more than 65534 members", self.refuse("zip", zip_of(members | many)))
        long = "log/tile/entries/" + "x001/" * 50 + "000"
        self.refuse("zip", zip_of(members | {long: b""}))

    def code_of(self, data: bytes) -> str:
        try:
            v.verify(data, v.Trust())
        except v.Refused as refusal:
            return refusal.code
        return ""

    def test_manifest(self):
        members = with_manifest(self.writer().issue().members())
        lines = members["MANIFEST"].decode().splitlines(True)
        for bent in (
            "".join(lines[1:]),
            "".join(lines[:-1]),
            "".join(lines[::-1]),
            "".join(lines + lines[-1:]),
            "".join(lines)[:-1],
            "".join(lines).replace("  ", " "),
            "".join(lines).upper(),
            lines[0].translate(str.maketrans("0123456789", "1234567890")) + "".join(lines[1:]),
            "",
        ):
            self.refuse("manifest", zip_of(members | {"MANIFEST": bent.encode()}))
        self.refuse("manifest", zip_of(members | {"README.txt": b"others\n"}))

    def test_proof(self):
        for changes in (
            {"v": 2},
            {"kind": "receipt"},
            {"mode": "half"},
            {"unknown": "x"},
            {"semantics": 2},
            {"cut": "today"},
            {"coverage": {"from": "1", "until": "8"}},
            {"coverage": {"from": "0", "until": 8}},
            {"issued": "09"},
            {"head": {"root": "", "size": "10"}},
            {"number": 1},
            {"v": True},
            {"semantics": "1"},
        ):
            writer = self.writer().issue()
            writer.proof_changes = changes
            with self.subTest(changes=changes):
                self.refuse("proof", writer.bytes())
        members = self.writer().issue().members()
        members["proof.json"] = members["proof.json"].replace(b"{", b"{ ", 1)
        self.refuse("proof", zip_of(with_manifest(members)))

    def test_key(self):
        weak = v.Key(ORIGIN, 1, bytes.fromhex(Ed25519.WEAK[2]))
        for vkey in (weak.vkey, BUYER_KEY.vkey, "nonsense", v.Key(ORIGIN, 4, LOG_KEY.public_key).vkey):
            writer = self.writer().issue()
            writer.proof_changes = {"vkey": vkey}
            self.refuse("key", writer.bytes())
        self.refuse("key", self.writer().issue().bytes(), v.Trust([BUYER_KEY]))

    def test_checkpoint(self):
        data = self.writer().issue().bytes()
        self.refuse("checkpoint", data, v.Trust([v.Key(ORIGIN, 1, BUYER_KEY.public_key)]))
        members = self.writer().issue().members()
        for old, new in ((b"\n10\n", b"\n11\n"), (b"8f3a\n", b"8f3b\n"), (b"\n\n", b"\nextension\n\n"), (b"AQ", b"AR")):
            bent = members | {"log/checkpoint": members["log/checkpoint"].replace(old, new)}
            if bent != members:
                self.refuse("checkpoint", zip_of(with_manifest(bent)))

    def test_tree(self):
        members = self.writer().issue().members()
        bundle, tile = "log/tile/entries/000.p/10", "log/tile/0/000.p/10"
        for bent in (
            members | {bundle: members[bundle] + b"\0\0"},
            members | {bundle: members[bundle][:-1]},
            members | {bundle: members[bundle].replace(b"answer", b"Answer", 1)},
            members | {tile: members[tile][:-1] + b"x"},
            members | {"log/tile/1/000.p/1": members[tile][:32]},
            {name: content for name, content in members.items() if name != tile},
        ):
            self.refuse("tree", zip_of(with_manifest(bent)))

    def test_pin(self):
        writer = self.writer().issue()
        tree = v.Tree([v.leaf_hash(raw) for raw in writer.entries])
        for size in range(len(writer.entries) + 1):
            v.verify(writer.bytes(), v.Trust(head=(size, tree.root(size))))
        self.refuse("pin", writer.bytes(), v.Trust(head=(3, tree.root(4))))
        self.refuse("pin", writer.bytes(), v.Trust(head=(99, tree.root(4))))

    def test_entry(self):
        good = make_event("work.asked", "q", data={"case": "1", "kind": "question"})
        for bad in (
            entry_bytes(good).replace(b",", b", ", 1),
            entry_bytes(good | {"subject": "other"}),
            entry_bytes(good | {"type": "piecework.work.invented.v1"}),
            entry_bytes(good | {"type": "piecework.cost.recorded.v1"}),
            entry_bytes(good | {"time": "2026-02-02T00:00:00.0Z"}),
            entry_bytes(good | {"authorship": "seller"}),
            entry_bytes(good | {"data": {"case": "1"}}),
            entry_bytes(good | {"data": {"kind": "question"}}),
            entry_bytes(good | {"data": {"case": "1", "kind": "shouted"}}),
            entry_bytes(good | {"data": {"case": "1", "kind": "question", "more": "x"}}),
            entry_bytes(good | {"signature": "0" * 128}),
            entry_bytes(good | {"signature": "0" * 128, "signer": BUYER_KEY.signer}),
            entry_bytes(good | {"signature": "0" * 127, "signer": BUYER_KEY.signer, "authorship": "buyer"}),
            entry_bytes(make_event("work.rated", "q", data={"case": "1", "score": "1.0"})),
            entry_bytes(
                make_event("work.valued", "q", data={"case": "1", "amount": {"amount": "1.0", "currency": "USD"}})
            ),
            entry_bytes(
                make_event(
                    "document.published", "q", data={"kind": "plan", "text": "", "audience": "seller", "by": "x"}
                )
            ),
            b'{"event":{},"received_at":"2026-02-02T00:00:00Z"}',
        ):
            writer = self.writer().issue()
            writer.entries.append(bad)
            with self.subTest(bad=bad):
                self.refuse("entry", writer.bytes())

    def test_identity(self):
        repeated = make_event("work.confirmed", "c1", "2026-01-05T09:00:00Z", {"case": "1"})
        other = repeated | {"time": "2026-01-05T09:30:00Z"}
        for bad in (
            [entry_bytes(other)],
            [entry_bytes(repeated, conflict=True)],
            [entry_bytes(other, conflict=True), entry_bytes(other, conflict=True)],
            [entry_bytes(other | {"id": "new"}, conflict=True)],
            [entry_bytes(other | {"time": f"2026-01-05T10:{n:02d}:00Z"}, conflict=True) for n in range(16)],
        ):
            writer = self.writer().issue()
            writer.entries += bad
            self.refuse("identity", writer.bytes())
        writer = self.writer().issue()
        writer.entries.append(entry_bytes(other, conflict=True))
        self.assertEqual(v.verify(writer.bytes(), v.Trust()).report["conflicts_undecided"], 1)

    def test_signature(self):
        reopened = make_event("work.reopened", "r", data={"case": "1"})
        other = v.Key("acme.example/second", 1, public_key(b"\x0c" * 32))
        good = [key_published("k1"), signed_event(reopened)]
        successor = signed_event(key_published("k2", key=other, seed=b"\x0c" * 32))
        writer = self.writer().issue()
        writer.entries += [entry_bytes(event) for event in (*good, successor)]
        self.assertEqual(v.verify(writer.bytes(), v.Trust()).report["signed_by_buyer"], 2)
        weak = v.Key("acme.example/weak", 1, bytes.fromhex(Ed25519.WEAK[2]))
        for bad in (
            [good[1], good[0]],
            [good[0], good[1] | {"time": "2026-02-03T00:00:00Z"}],
            [good[0], signed_event(make_event("work.closed", "z", data={"case": "1"}))],
            [good[0], key_published("k2", key=other, seed=b"\x0c" * 32)],
            [good[0] | {"data": good[0]["data"] | {"possession": "0" * 128}}],
            [good[0] | {"data": good[0]["data"] | {"vkey": weak.vkey}}],
            [key_published("k", holder="seller")],
            [good[0], signed_event(good[0] | {"id": "again"})],
            [good[0], signed_event(key_published("k2", key=v.Key(ORIGIN, 1, LOG_KEY.public_key), seed=LOG_SEED))],
            [
                good[0],
                make_event(
                    "event.corrected",
                    "z",
                    data={
                        "action": "replace",
                        "replacement": good[1],
                        "target": {
                            "source": "test",
                            "id": "r",
                            "digest": "0" * 64,
                            "type": "piecework.work.reopened.v1",
                        },
                    },
                ),
            ],
            [good[0], signed_event(reopened, seed=b"\x0c" * 32)],
        ):
            writer = self.writer().issue()
            writer.entries += [entry_bytes(event) for event in bad]
            self.refuse("signature", writer.bytes())

    def test_what_the_buyer_signed_only_the_buyer_corrects(self):
        reopened = signed_event(make_event("work.reopened", "r", "2026-01-20T00:00:00Z", {"case": "1"}))
        digest = hashlib.sha256(v.canonical_json(reopened)).hexdigest()
        target = {"source": "test", "id": "r", "digest": digest, "type": "piecework.work.reopened.v1"}
        void = make_event("event.corrected", "void", data={"target": target, "action": "void"})
        for correction, total in ((void, "1.00"), (signed_event(void), "2.00")):
            writer = self.writer()
            writer.entries += [entry_bytes(event) for event in (key_published("k1"), reopened, correction)]
            self.assertEqual(v.verify(writer.issue().bytes(), v.Trust()).report["total"]["amount"], total)

    def test_cosignatures_and_rotation(self):
        writer = self.writer().issue()
        successor = v.Key(ORIGIN, 1, public_key(b"\x0d" * 32))
        writer.entries.append(entry_bytes(key_published("k1")))
        writer.entries.append(entry_bytes(key_published("k2", holder="seller", key=successor, seed=b"\x0d" * 32)))
        text = v.parse_note(writer.members()["log/checkpoint"]).text
        cosigner = v.Key(BUYER_KEY.name, 4, BUYER_KEY.public_key)
        stamp = struct.pack(">Q", 1_770_000_000)
        line = signature_line(cosigner, stamp + sign(BUYER_SEED, v.cosignature_message(text, 1_770_000_000)))
        line += signature_line(successor, sign(b"\x0d" * 32, text))
        writer.checkpoint_lines = line
        report = v.verify(writer.bytes(), v.Trust([LOG_KEY])).report
        self.assertEqual(report["cosignatures"], [successor.signer, cosigner.signer])
        v.verify(writer.bytes(), v.Trust([successor]))
        writer.checkpoint_lines = signature_line(cosigner, stamp + bytes(64))
        self.refuse("signature", writer.bytes())

    def test_statement(self):
        for changes in (
            {"contract": "other"},
            {"revision": "2"},
            {"cut": "2026-02-02T00:00:00Z"},
            {"coverage": "7"},
            {"parts": "2"},
            {"body": "0" * 64},
            {"cells_digest": "0" * 64},
        ):
            with self.subTest(changes=changes):
                self.refuse("statement", self.writer().issue(**changes).bytes())
        for changes in (
            {"number": "acme-0002"},
            {"issued": "8"},
            {"issued": "99"},
            {"coverage": {"from": "0", "until": "12"}},
        ):
            writer = self.writer().issue()
            writer.proof_changes = changes
            self.refuse("statement", writer.bytes())
        twice = self.writer().issue()
        twice.entries.append(twice.entries[twice.issued].replace(b'"id":"i8"', b'"id":"again"'))
        self.refuse("statement", twice.bytes())

    def test_void(self):
        writer = self.writer().issue()
        data = {"number": "acme-0001", "reason": "mistake", "by": "x"}
        writer.entries.append(entry_bytes(make_event("statement.voided", "v", data=data)))
        self.refuse("void", writer.bytes())

    def test_recompute(self):
        other = FileWriter(agreement_entries() + case_entries(1, 5)).issue()
        writer = self.writer().issue(body=hashlib.sha256(other.statement).hexdigest())
        writer.statement = other.statement
        self.refuse("recompute", writer.bytes())
        self.refuse("recompute", self.writer().issue(carry="0" * 64).bytes())

    def test_a_price_that_was_not_agreed(self):
        # Everything is well signed; only the statement says another price than the plan.
        writer = self.writer().issue()
        bent = writer.statement.replace(b'"2.00"', b'"4.00"')
        again = self.writer().issue(body=hashlib.sha256(bent).hexdigest())
        again.statement = bent
        self.assertIn("computed", self.refuse("recompute", again.bytes()))

    def test_a_stated_key_that_cannot_be_read_fails_when_statements_are_summed(self):
        writer = self.writer().issue()
        stated, issued = (json.loads(entry)["event"] for entry in writer.entries[-2:])
        stated["data"]["cells"][0]["cell"] = "no key"
        digest = hashlib.sha256(v.canonical_json(stated["data"]["cells"])).hexdigest()
        for event in (stated, issued):
            event["data"]["cells_digest"] = digest
        writer.entries[-2:] = map(entry_bytes, (stated, issued))
        self.refuse("recompute", writer.bytes())
        stated["data"]["cells"][0]["cell"] = ""
        writer.entries[-2] = entry_bytes(stated)
        self.refuse("entry", writer.bytes())

    def test_members_of_events(self):
        digest, good, bad = "0" * 64, [], []

        def case(into: list, kind: str, data: dict, **envelope):
            into.append(make_event(kind, "e", data=data) | envelope)

        baseline = {"from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "measure": "cost", "value": "0"}
        case(good, "baseline.recorded", baseline)
        case(good, "baseline.recorded", baseline | {"observations": "12"})
        for change in (
            {"until": baseline["from"]},
            {"until": "2025-12-31T00:00:00Z"},
            {"from": "yesterday"},
            {"measure": ""},
            {"value": "-1"},
            {"value": "1.0"},
            {"observations": "-1"},
        ):
            case(bad, "baseline.recorded", baseline | change)
        known = {"what": "contract", "digest": digest, "by": "x"}
        exhibit = known | {"what": "exhibit", "definition": digest}
        case(good, "document.acknowledged", known)
        case(good, "document.acknowledged", exhibit)
        case(good, "document.acknowledged", known | {"case": "1", "control": "c"}, workid="w1")
        case(bad, "document.acknowledged", known | {"case": ""})
        case(bad, "document.acknowledged", known | {"what": "exhibit"})
        case(bad, "document.acknowledged", exhibit | {"what": "plan"})
        quote = {"quote": "acme-Q0001", "digest": digest, "by": "x"}
        case(good, "quote.drafted", quote)
        case(good, "quote.sent", {"quote": "acme-Q0001", "by": "x"})
        case(good, "quote.accepted", quote | {"how": "by letter"})
        case(good, "quote.accepted", quote)
        case(good, "quote.declined", {"quote": "acme-Q0001", "reason": "too dear", "by": "x"})
        case(good, "quote.withdrawn", {"quote": "acme-Q0001", "reason": "a better one follows", "by": "x"})
        case(good, "contract.opened", {"contract": "acme-2026", "digest": digest, "by": "x"})
        case(good, "document.acknowledged", known | {"what": "opening"})
        case(bad, "quote.drafted", quote | {"how": "by letter"})
        case(bad, "quote.accepted", quote | {"how": ""})
        case(bad, "quote.accepted", {"quote": "acme-Q0001", "by": "x"})
        case(bad, "quote.declined", {"quote": "acme-Q0001", "by": "x"})
        case(bad, "quote.lost", quote)
        case(good, "document.acknowledged", known | {"what": "balance"})
        usd, why = {"amount": "1.00", "currency": "USD"}, {"reason": "r", "by": "x"}
        chosen = {"per": "customer", "from": "2026-01-31", "by": "x"}
        case(good, "cover.chosen", chosen)
        for change in ({"per": "month"}, {"from": "2026-1-31"}, {"from": "2026-02-30"}, {"from": "20260131"}):
            case(bad, "cover.chosen", chosen | change)
        under = {"statement": "acme-0001", "body": digest, "total": usd, "payable": usd}
        cover = {"number": "acme-A0001", "through": "2026-01-31", "parts": [under], "total": usd, "payable": usd, "by": "x"}
        case(good, "cover.issued", cover)
        case(good, "cover.issued", cover | {"parts": [under | {"statement": f"a-{n}"} for n in range(100)]})
        for parts in (
            [],
            [under, under],
            [under | {"statement": f"a-{n}"} for n in range(101)],
            [under | {"total": {"amount": "1.00", "currency": "EUR"}}],
            [{"statement": "acme-0001", "body": digest, "total": usd}],
        ):
            case(bad, "cover.issued", cover | {"parts": parts})
        case(good, "cover.voided", why | {"number": "acme-A0001"})
        case(bad, "cover.voided", {"number": "acme-A0001", "by": "x"})
        part = {"statement": "acme-0001", "amount": usd}
        other = {"statement": "acme-0002", "amount": usd}
        paid = {"amount": {"amount": "2.00", "currency": "USD"}}
        case(good, "payment.recorded", paid)
        case(good, "payment.recorded", paid | {"statement": "acme-0001", "reference": "B-1"})
        case(good, "payment.recorded", paid | {"allocations": [part, other]})
        for allocations in (
            [],
            [part, part],
            [part | {"amount": {"amount": "2.01", "currency": "USD"}}],
            [part | {"amount": {"amount": "0.00", "currency": "USD"}}],
            [part | {"amount": {"amount": "1.00", "currency": "EUR"}}],
            [part | {"by": "x"}],
            [part | {"statement": f"acme-{number}"} for number in range(101)],
        ):
            case(bad, "payment.recorded", paid | {"allocations": allocations})
        case(bad, "payment.recorded", paid | {"statement": "acme-0001", "allocations": [part]})
        case(good, "payment.allocated", {"payment": "p", "allocations": [part], "by": "x"})
        case(good, "payment.allocated", {"credit": "acme-C0001", "allocations": [part, other], "by": "x"})
        case(bad, "payment.allocated", {"allocations": [part], "by": "x"})
        case(bad, "payment.allocated", {"payment": "p", "credit": "c", "allocations": [part], "by": "x"})
        case(bad, "payment.allocated", {"payment": "p", "by": "x"})
        case(good, "payment.refunded", why | {"payment": "p", "amount": usd, "reference": "R-1"})
        case(bad, "payment.refunded", why | {"amount": usd})
        case(good, "payment.voided", why | {"entry": "p"})
        case(bad, "payment.voided", {"entry": "p", "by": "x"})
        for name in ("statement", "payment", "credit"):
            case(good, "balance.written_off", why | {name: "n", "amount": usd})
        case(bad, "balance.written_off", why | {"amount": usd})
        case(bad, "balance.written_off", why | {"statement": "n", "credit": "c", "amount": usd})
        case(bad, "books.locked", why | {"until": "2026-01-31"})
        anchored = {"anchor": digest, "length": "10000", "by": "x"}
        case(good, "sample.anchored", anchored)
        for length in ("0", "10001", "01"):
            case(bad, "sample.anchored", anchored | {"length": length})
        drawn = {
            "sample": "s",
            "statement": "acme-0001",
            "method": "money",
            "stratum": "unit:x",
            "size": "2000",
            "seed": digest,
            "items": ["1"] * 2000,
            "by": "x",
        }
        case(good, "sample.drawn", drawn)
        case(good, "sample.drawn", drawn | {"stratum": "all", "nonce": digest})
        for change in (
            {"size": "0"},
            {"size": "2001"},
            {"items": ["1"] * 2001},
            {"stratum": "unit:"},
            {"stratum": "unit"},
            {"stratum": "every"},
            {"nonce": "none"},
        ):
            case(bad, "sample.drawn", drawn | change)
        for raw in good:
            with self.subTest(good=raw):
                v.parse_event(raw)
        for raw in bad:
            with self.subTest(bad=raw), self.assertRaises(v.Malformed):
                v.parse_event(raw)

    def test_headers_of_control_entries_mean_nothing(self):
        acknowledged = {"what": "contract", "digest": "0" * 64, "by": "x", "case": "8"}
        control = make_event("document.acknowledged", "d", "2026-01-01T00:00:00Z", acknowledged) | {"workid": "w1"}
        answered = make_event("work.answered", "a", data={"kind": "answer"}) | {"workid": "w1"}
        facts = v.standing_facts([(0, v.parse_event(control)), (1, v.parse_event(answered))])
        v.inherit_headers(facts)
        self.assertEqual(facts[1].headers, {"work": "w1"})

    def test_tiers_between_have_both_sides(self):
        tiers = (v.Tier(v.Fraction(100), unit=v.Fraction(2)), v.Tier(None, unit=v.Fraction(1)))
        form = v.PriceForm("graduated", tiers=tiers)
        up = v.between(form, v.Fraction(50), v.Fraction(130))
        self.assertEqual(up, [(50, 100), (30, 30)])
        self.assertEqual(v.between(form, v.Fraction(130), v.Fraction(50)), [(-q, -a) for q, a in up])
        self.assertEqual(v.between(form, None, v.Fraction(50)), [(50, 100)])

    def test_limits_of_members(self):
        for name, method, packed, size in (
            ("MANIFEST", 0, 65_534 * 322, 65_534 * 322),
            ("carry", 0, 2 << 30, 2 << 30),
            ("brought", 0, 2 << 30, 2 << 30),
            ("README.txt", 8, 10, 10_400),
        ):
            with self.subTest(name=name):
                v.check_member_limit(v.Member(name, method, 0, packed, size, 0))
                with self.assertRaises(v.Refused) as refused:
                    v.check_member_limit(v.Member(name, method, 0, packed, size + 1, 0))
                self.assertEqual(refused.exception.code, "zip")

    def test_an_issue_names_its_carry(self):
        issued = json.loads(self.writer().issue().entries[-1])["event"]
        v.parse_event(issued)
        del issued["data"]["carry"]
        with self.assertRaisesRegex(v.Malformed, "carry is missing"):
            v.parse_event(issued)

    def test_payload(self):
        salt, payload = bytes(range(32)), b"transcript"
        commitment = hashlib.sha256(b"\x04" + salt + payload).hexdigest()
        data = {"case": "1", "name": "transcript", "commitment": commitment}
        shown = self.writer()
        shown.entries.append(entry_bytes(make_event("evidence.attached", "e", "2026-01-05T08:00:00Z", data)))
        shown.issue().payloads.append(salt + payload)
        self.assertEqual(v.verify(shown.bytes(), v.Trust()).report["payloads"], 1)
        members = shown.members()
        bent = members | {f"payloads/{commitment}": salt + b"other"}
        self.refuse("payload", zip_of(with_manifest(bent)))
        stranger = self.writer().issue()
        stranger.payloads.append(salt + payload)
        self.refuse("payload", stranger.bytes())

    def test_a_payload_redacted_after_the_draw_fails(self):
        chain = [bytes(32), v.next_nonce(bytes(32))]
        anchored = make_event("sample.anchored", "a", data={"anchor": chain[1].hex(), "length": "1", "by": "x"})
        writer = self.writer()
        writer.entries += [entry_bytes(key_published("k1")), entry_bytes(signed_event(anchored))]
        writer.issue()
        writer.entries.append(sample_drawn(writer, chain[0], [4, 6], size=2))
        data = {"target": {"source": "test", "id": "c2"}, "reason": "request", "by": "x"}
        writer.entries.append(entry_bytes(make_event("data.redacted", "z", data=data)))
        self.assertEqual(v.verify(writer.bytes(), v.Trust()).report["samples"][0]["failed"], ["6"])

    def test_evidence_attached_before_the_draw_fails_a_work_when_it_is_redacted(self):
        def evidence(identifier="e", work=None, **headers) -> dict:
            data = {"name": "transcript", "commitment": "0" * 64} | headers
            return make_event("evidence.attached", identifier, data=data, **({"workid": work} if work else {}))

        def corrected(target: dict, **change) -> dict:
            digest = v.parse_event(target).digest
            data = {"target": {"source": "test", "id": "e", "digest": digest, "type": target["type"]}} | change
            return make_event("event.corrected", "k", data=data)

        def failed(before: list[dict], after: list[dict]) -> list[str]:
            """The failed items, of works w1 (item 4) and w2 (item 6), where `e` is redacted behind the draw."""
            cases = [json.loads(raw)["event"] for case in (1, 2) for raw in case_entries(case, case + 4)]
            works = [entry_bytes(event | {"workid": f"w{event['data']['case']}"}) for event in cases]
            writer = FileWriter(agreement_entries() + works + [entry_bytes(key_published("k1"))]).issue()
            writer.entries += map(entry_bytes, before)
            writer.entries.append(sample_drawn(writer, None, [4, 6], size=2))
            data = {"target": {"source": "test", "id": "e"}, "reason": "request", "by": "x"}
            writer.entries += map(entry_bytes, [*after, make_event("data.redacted", "z", data=data)])
            return v.verify(writer.bytes(), v.Trust()).report["samples"][0]["failed"]

        of_w1, of_case1, of_none = evidence(work="w1"), evidence(case="1"), evidence(channel="chat")
        rated = make_event("work.rated", "e", data={"score": "1"}, workid="w1")
        other_case = corrected(of_case1, action="replace", replacement=evidence(case="2"))
        replaced = corrected(of_none, action="replace", replacement=of_w1)
        for name, expected, before, after in (
            ("by its workid", ["4"], [of_w1], []),
            ("by the workid of the other work", ["6"], [evidence(work="w2")], []),
            ("by the workid of a work that was not drawn", [], [evidence(work="w3")], []),
            ("of such a work, though the scope agrees", [], [evidence(work="w3", case="1")], []),
            ("with a workid and the scope", ["4"], [evidence(work="w1", case="1")], []),
            ("with a workid and a scope that contradicts it", [], [evidence(work="w1", case="2")], []),
            ("with a workid and a header that is none of the scope", ["4"], [evidence(work="w1", channel="x")], []),
            ("with a workid and the unit", ["4"], [evidence(work="w1", unit="support.case")], []),
            ("with a workid and another unit", [], [evidence(work="w1", unit="support.chat")], []),
            ("by the scope", ["4"], [of_case1], []),
            ("by the scope of the other work", ["6"], [evidence(case="2")], []),
            ("by a scope that was not drawn", [], [evidence(case="3")], []),
            ("by the scope and the unit", ["4"], [evidence(case="1", unit="support.case")], []),
            ("by the scope, of another unit", [], [evidence(case="1", unit="support.chat")], []),
            ("without workid and scope", [], [of_none], []),
            ("without workid and scope, of the unit", [], [evidence(unit="support.case")], []),
            ("no evidence", [], [rated], []),
            ("other evidence", [], [evidence("f", "w1"), evidence("g", case="2")], []),
            ("attached after the draw, by its workid", [], [], [of_w1]),
            ("attached after the draw, by the scope", [], [], [of_case1]),
            ("voided before the draw, by its workid", [], [of_w1, corrected(of_w1, action="void")], []),
            ("voided before the draw, by the scope", [], [of_case1, corrected(of_case1, action="void")], []),
            ("voided after the draw, by its workid", ["4"], [of_w1], [corrected(of_w1, action="void")]),
            ("voided after the draw, by the scope", ["4"], [of_case1], [corrected(of_case1, action="void")]),
            ("stands for the work", ["4"], [of_none, replaced], []),
            ("stands for the work since the draw", [], [of_none], [replaced]),
            ("stands for the other scope", ["6"], [of_case1, other_case], []),
            ("stands for the other scope since the draw", ["4"], [of_case1], [other_case]),
        ):
            with self.subTest(name):
                self.assertEqual(failed(before, after), expected)

    def test_what_was_redacted_before_the_draw_does_not_fail(self):
        writer = self.writer()
        writer.entries.append(entry_bytes(key_published("k1")))
        writer.issue()
        data = {"target": {"source": "test", "id": "c2"}, "reason": "request", "by": "x"}
        writer.entries.append(entry_bytes(make_event("data.redacted", "z", data=data)))
        then = copy.copy(writer)
        writer.entries.append(sample_drawn(then, None, [4, 6], size=2))
        self.assertEqual(v.verify(writer.bytes(), v.Trust()).report["samples"][0]["failed"], [])

    def test_sample(self):
        chain = [bytes(32)]
        for _ in range(3):
            chain.append(v.next_nonce(chain[-1]))
        anchored = make_event("sample.anchored", "a", data={"anchor": chain[3].hex(), "length": "3", "by": "x"})

        def file_with(**changes):
            writer = self.writer()
            writer.entries += [entry_bytes(key_published("k1")), entry_bytes(signed_event(anchored))]
            writer.issue()
            nonce = changes.pop("reveal", chain[2])
            writer.entries.append(sample_drawn(writer, nonce, [4, 6], **changes))
            return writer.bytes()

        self.assertEqual(v.verify(file_with(), v.Trust()).report["samples"][0]["drawn_again"], True)
        self.refuse("sample", file_with(reveal=chain[1]))
        self.refuse("sample", file_with(seed="0" * 64))
        self.refuse("sample", file_with(items=["5"]))
        self.refuse("sample", file_with(statement="acme-0009"))

    def test_pins_and_exit_codes(self):
        with tempfile.TemporaryDirectory() as folder:
            path, pins = Path(folder, "a.proof.zip"), Path(folder, "pins")
            writer = self.writer().issue()
            path.write_bytes(writer.bytes())
            run = lambda *arguments: quietly(lambda: v.main([str(path), *arguments]))
            self.assertEqual(run("--pins", str(pins))[0], 0)
            self.assertEqual(pins.read_text().split()[:2], ["vkey", LOG_KEY.vkey])
            self.assertEqual(run("--pins", str(pins))[0], 0)
            code, output = run("--json", "--key", LOG_KEY.vkey)
            self.assertEqual((code, json.loads(output)["verdict"]), (0, "valid"))
            writer.entries[4] = writer.entries[4].replace(b"09:00:00Z", b"09:00:01Z")
            path.write_bytes(writer.bytes())
            code, output = run("--pins", str(pins), "--json")
            self.assertEqual((code, json.loads(output)["code"]), (1, "pin"))
            path.write_bytes(b"no zip")
            self.assertEqual(run()[0], 1)
            self.assertEqual(run("--key", "nonsense")[0], 2)
            path.unlink()
            self.assertEqual(run()[0], 2)
            with self.assertRaises(SystemExit) as usage:
                run("--head", "1")
            self.assertEqual(usage.exception.code, 2)


def chain_of(length: int, first=bytes(32)) -> list[bytes]:
    """X_0 to X_n of a chain of nonces."""
    chain = [first]
    for _ in range(length):
        chain.append(v.next_nonce(chain[-1]))
    return chain


def anchored(chain: list[bytes], identifier="a", sign_it=True) -> bytes:
    data = {"anchor": chain[-1].hex(), "length": str(len(chain) - 1), "by": "x"}
    event = make_event("sample.anchored", identifier, data=data)
    return entry_bytes(signed_event(event) if sign_it else event)


class NoncesOfStatements(unittest.TestCase):
    """Section 7: the values of a chain belong to statements, in the order of the log."""

    refuse = Files.refuse
    chain = chain_of(3)
    other = chain_of(3, b"\x01" * 32)

    def told(self, *steps) -> bytes:
        """A file of the last statement of a log: each step is an entry, the number of a statement to issue, or the
        number of a statement to draw from and the nonce."""
        writer = Files.writer(self)
        writer.entries.append(entry_bytes(key_published("k1")))
        issued = {}
        for at, step in enumerate(steps):
            match step:
                case bytes():
                    writer.entries.append(step)
                case str():
                    writer.cut = f"2026-{2 + len(issued):02d}-01T00:00:00Z"
                    writer.issue(step)
                    # The works are charged by the first statement alone, and again where that is voided.
                    issued[step] = (copy.copy(writer), [4, 6] if json.loads(writer.statement)["lines"] else [])
                case (number, nonce):
                    then, population = issued[number]
                    writer.entries.append(sample_drawn(then, nonce, population, identifier=f"draw{at}"))
        return writer.bytes()

    def valid(self, *steps) -> list[tuple[str, bool]]:
        samples = v.verify(self.told(*steps), v.Trust()).report["samples"]
        return [(sample["statement"], sample["nonce"]) for sample in samples]

    def refused(self, reason: str, *steps):
        self.assertIn(reason, self.refuse("sample", self.told(*steps)))

    def test_each_statement_has_its_value(self):
        x, log = self.chain, (anchored(self.chain), "s1", "s2", "s3")
        numbers = ["s1", "s2", "s3"]
        self.assertEqual(self.valid(*log, ("s1", x[2]), ("s2", x[1]), ("s3", x[0])), [(s, True) for s in numbers])
        # In whatever order they are drawn from, and after whatever else was issued.
        self.assertEqual(self.valid(*log, ("s3", x[0]), ("s1", x[2])), [("s3", True), ("s1", True)])
        self.assertEqual(self.valid(anchored(x), "s1", ("s1", x[2]), "s2", ("s1", x[2])), [("s1", True)] * 2)

    def test_the_value_of_another_statement(self):
        x, log = self.chain, (anchored(self.chain), "s1", "s2")
        not_its_own = "the nonce is not that of the statement"
        self.refused(not_its_own, *log, ("s2", x[2]))  # revealed for s1, and kept
        self.refused(not_its_own, *log, ("s1", x[2]), ("s2", x[2]))
        self.refused(not_its_own, *log, ("s1", x[1]))
        self.refused(not_its_own, *log, ("s1", x[3]))  # the anchor itself
        self.refused(not_its_own, *log, ("s1", b"\x02" * 32))

    def test_a_statement_that_is_not_drawn_from_uses_its_value_up(self):
        x = self.chain
        stranger = {
            "contract": "other",
            "cut": "2026-02-01T00:00:00Z",
            "revision": "1",
            "cells_digest": sha256("[]"),
            "number": "other-0001",
            "coverage": "1",
            "body": "0" * 64,
            "carry": "0" * 64,
            "parts": "0",
            "by": "x",
        }
        voided = make_event("statement.voided", "v", data={"number": "s1", "reason": "wrong", "by": "x"})
        for between in (
            ("s1",),
            ("s1", entry_bytes(voided)),
            ("s1", ("s1", None)),
            ("s1", ("s1", x[2])),
            (entry_bytes(make_event("statement.issued", "i", data=stranger)),),
        ):
            with self.subTest(between=between):
                self.assertEqual(self.valid(anchored(x), *between, "s2", ("s2", x[1]))[-1], ("s2", True))
                self.refused("the nonce is not that of", anchored(x), *between, "s2", ("s2", x[2]))

    def test_beyond_the_end_of_the_chain(self):
        x = chain_of(1)
        self.assertEqual(self.valid(anchored(x), "s1", "s2", ("s1", x[0]), ("s2", None)), [("s1", True), ("s2", False)])
        for nonce in (x[0], x[1], bytes(32)):
            self.refused("the chain has 1 nonces", anchored(x), "s1", "s2", ("s2", nonce))
        # A value that hashes to the anchor in two steps exists, and is none of the chain's.
        before = chain_of(2)
        data = {"anchor": before[2].hex(), "length": "1", "by": "x"}
        short = entry_bytes(signed_event(make_event("sample.anchored", "a", data=data)))
        self.refused("the chain has 1 nonces", short, "s1", "s2", ("s2", before[0]))

    def test_the_longest_chain(self):
        x = chain_of(v.CHAIN_LENGTH_MAX)
        nonces = v.Nonces()
        nonces.anchor(v.parse_entry(anchored(x))[0])
        for position in range(1, v.CHAIN_LENGTH_MAX + 2):
            nonces.issue(position)
        nonces.draw("last", x[0].hex(), v.CHAIN_LENGTH_MAX)
        with self.assertRaises(v.Malformed):
            nonces.draw("behind the last", x[0].hex(), v.CHAIN_LENGTH_MAX + 1)

    def test_no_value_is_hashed_twice(self):
        x = chain_of(100)
        for places in (range(1, 101), range(100, 0, -1), (50, 3, 100, 51)):
            nonces = v.Nonces()
            nonces.anchor(v.parse_entry(anchored(x))[0])
            for position in range(1, 101):
                nonces.issue(position)
            with mock.patch.object(v, "next_nonce", side_effect=v.next_nonce) as hashed:
                for place in places:
                    nonces.draw(f"s{place}", x[100 - place].hex(), place)
                # Nor is what is known taken for another's.
                for place, value in ((1, x[100]), (3, x[98]), (3, x[96]), (2, x[0])):
                    with self.assertRaisesRegex(v.Malformed, "the nonce is not that of the statement"):
                        nonces.draw(f"another {place} {value.hex()}", value.hex(), place)
            self.assertEqual(hashed.call_count, 100)

    def test_an_anchor_behind_the_statement(self):
        x = self.chain
        no_chain = "no chain of nonces was anchored before"
        for nonce in (x[2], x[3]):
            self.refused(no_chain, "s1", anchored(x), ("s1", nonce))
            self.refused(no_chain, "s1", anchored(x), "s2", ("s1", nonce))
        self.refused(no_chain, "s1", ("s1", x[2]))
        self.assertEqual(self.valid("s1", anchored(x), "s2", ("s2", x[2])), [("s2", True)])
        self.assertEqual(self.valid("s1", anchored(x), "s2", ("s1", None)), [("s1", False)])

    def test_each_statement_keeps_the_chain_that_was_last_before_it(self):
        x, y = self.chain, self.other
        log = (anchored(x), "s1", "s2", anchored(y, "b"), "s3", "s4")
        own = (("s1", x[2]), ("s2", x[1]), ("s3", y[2]), ("s4", y[1]))
        self.assertEqual(self.valid(*log, *own), [(number, True) for number, _ in own])
        for draw in (("s2", y[2]), ("s3", x[0]), ("s3", x[2]), ("s4", y[2]), ("s4", y[0])):
            with self.subTest(draw=draw):
                self.refused("the nonce is not that of the statement", *log, draw)
        # Of two anchors with no statement between them, the second counts.
        self.assertEqual(self.valid(anchored(x), anchored(y, "b"), "s1", ("s1", y[2])), [("s1", True)])
        self.refused("the nonce is not that of", anchored(x), anchored(y, "b"), "s1", ("s1", x[2]))

    def test_an_anchor_that_is_not_signed(self):
        unsigned = anchored(self.chain, sign_it=False)
        self.refused("not signed", unsigned, "s1", ("s1", self.chain[2]))
        self.refused("not signed", unsigned, "s1")

    def test_all_draws_from_a_statement_have_the_nonce_of_the_first(self):
        x, log = self.chain, (anchored(self.chain), "s1", "s2")
        self.assertEqual(self.valid(*log, ("s1", x[2]), ("s2", x[1]), ("s1", x[2]))[2], ("s1", True))
        self.assertEqual(self.valid(*log, ("s1", None), ("s1", None)), [("s1", False)] * 2)
        for first, second in ((x[2], x[1]), (x[2], None), (None, x[2])):
            self.refused("different nonces", *log, ("s1", first), ("s1", second))

    def test_reports_say_that_a_draw_has_no_nonce(self):
        x = self.chain
        file = self.told(anchored(x), "s1", "s2", ("s1", x[2]), ("s2", None), ("s2", None))
        report = v.verify(file, v.Trust()).report
        _, output = quietly(lambda: v.print_report(report))
        self.assertIn("samples         3;", output)
        self.assertIn("\n  from s1: 1 draw with the buyer's nonce\n", output)
        self.assertIn("\n  from s2: 2 draws WITHOUT A NONCE: the seller could have picked the head\n", output)
        report = v.verify(self.told(anchored(x), "s1"), v.Trust()).report
        self.assertNotIn("draw", quietly(lambda: v.print_report(report))[1].lower().replace("sample.drawn", ""))


def acknowledged(text: str, time: str, what="definition", identifier="ack", sign_it=True, **more) -> bytes:
    data = {"what": what, "digest": sha256(text), "by": "x", **more}
    event = make_event("document.acknowledged", identifier, time, data)
    return entry_bytes(signed_event(event) if sign_it else event | {"authorship": "buyer"})


class Acknowledged(unittest.TestCase):
    """Which documents in force the buyer acknowledged, and definitions before the first work under them or not."""

    EARLY, AT_WORK, LATE = "2026-01-04T00:00:00Z", "2026-01-05T09:00:00Z", "2026-01-05T09:00:01Z"
    WORKS = tuple(case_entries(2, 6) + case_entries(1, 5))  # the first in the log is not the earliest

    def report_of(self, *entries: bytes, behind=()) -> dict:
        writer = FileWriter([*agreement_entries(), entry_bytes(key_published("k1")), *entries]).issue()
        writer.entries += behind
        return v.verify(writer.bytes(), v.Trust()).report

    def definition(self, *entries: bytes, behind=()) -> tuple:
        report = self.report_of(*entries, behind=behind)
        (said,) = (document for document in report["documents"] if document["kind"] == "definition")
        self.assertEqual(said["digest"], sha256(DEFINITION))
        return said["acknowledged"], said.get("before_first_work")

    def test_place_and_time(self):
        ack = lambda time, **more: acknowledged(DEFINITION, time, **more)
        self.assertEqual(self.definition(ack(self.EARLY), *self.WORKS), (True, True))
        self.assertEqual(self.definition(ack(self.AT_WORK), *self.WORKS), (True, True))
        self.assertEqual(self.definition(ack(self.LATE), *self.WORKS), (True, False))
        for place in range(1, len(self.WORKS) + 1):
            entries = [*self.WORKS[:place], ack(self.EARLY), *self.WORKS[place:]]
            self.assertEqual(self.definition(*entries), (True, False))
        self.assertEqual(self.definition(*self.WORKS, behind=[ack(self.EARLY)]), (True, False))

    def test_one_of_several_is_enough(self):
        early, late = acknowledged(DEFINITION, self.EARLY), acknowledged(DEFINITION, self.LATE, identifier="more")
        self.assertEqual(self.definition(late, early, *self.WORKS), (True, True))
        self.assertEqual(self.definition(early, *self.WORKS, late), (True, True))
        again = acknowledged(DEFINITION, self.EARLY, identifier="more")
        self.assertEqual(self.definition(acknowledged(DEFINITION, self.LATE), *self.WORKS, again), (True, False))

    def test_what_is_not_said(self):
        self.assertEqual(self.definition(*self.WORKS), (False, None))
        unsigned = acknowledged(DEFINITION, self.EARLY, sign_it=False)
        self.assertEqual(self.definition(unsigned, *self.WORKS), (False, None))
        other = acknowledged(PLAN, self.EARLY, "plan")
        self.assertEqual(self.definition(other, *self.WORKS), (False, None))
        self.assertEqual(self.definition(acknowledged(DEFINITION, self.EARLY)), (True, None))  # no works

    def test_an_exhibit_is_of_its_definition(self):
        exhibit = acknowledged("in words", self.EARLY, "exhibit", definition=sha256(DEFINITION))
        self.assertEqual(self.definition(exhibit, *self.WORKS), (True, True))

    def test_works_count_for_the_definition_that_governs_them(self):
        """An amendment from January 6 on: each definition has the works that opened while it governed."""
        other = DEFINITION.replace("Done?", "Really?")
        contract = CONTRACT.replace(sha256(DEFINITION), sha256(other))
        data = {"contract": "acme-2026", "digest": sha256(contract), "by": "x", "effective": "2026-01-06T00:00:00Z"}
        published = [
            make_event("document.published", f"o{n}", self.EARLY, {"kind": kind, "text": text, "by": "x"})
            for n, (kind, text) in enumerate((("definition", other), ("contract", contract)))
        ]
        amended = [entry_bytes(event) for event in (*published, make_event("contract.amended", "am", self.EARLY, data))]
        acks = [
            acknowledged(DEFINITION, self.EARLY),
            acknowledged(other, "2026-01-05T12:00:00Z", identifier="more"),
        ]
        for entries in ([*acks, *self.WORKS], [acks[0], *case_entries(1, 5), acks[1], *case_entries(2, 6)]):
            documents = self.report_of(*amended, *entries)["documents"]
            self.assertEqual([d["kind"] for d in documents], "contract plan definition contract definition".split())
            before = {d["digest"]: d["before_first_work"] for d in documents if d["kind"] == "definition"}
            self.assertEqual(before, {sha256(DEFINITION): True, sha256(other): True})
        documents = self.report_of(*amended, acks[0], *self.WORKS, acks[1])["documents"]
        before = {d["digest"]: d["before_first_work"] for d in documents if d["kind"] == "definition"}
        self.assertEqual(before, {sha256(DEFINITION): True, sha256(other): False})

    def test_from_a_carry(self):
        for time, before in ((self.EARLY, True), (self.LATE, False)):
            ack = acknowledged(DEFINITION, time)
            writer = CarryWriter([*agreement_entries(), entry_bytes(key_published("k1")), ack, *self.WORKS])
            writer.entries += [entry.replace(b"2026-01", b"2026-02") for entry in case_entries(3, 3)]
            report = v.verify(writer.issue("acme-0002").bytes(), v.Trust()).report
            self.assertEqual(report["documents"][2]["before_first_work"], before)
            self.assertNotIn("work.answered", str(writer.brought()))

    def test_in_words(self):
        for time, words in ((self.EARLY, "before"), (self.LATE, "but NOT BEFORE")):
            report = self.report_of(acknowledged(DEFINITION, time), *self.WORKS)
            self.assertEqual(report["acknowledged"], [sha256(DEFINITION)])
            self.assertEqual(report["not_acknowledged"], [sha256(CONTRACT), sha256(PLAN)])
            _, output = quietly(lambda: v.print_report(report))
            lines = (
                "acknowledged    1 of the documents in force, 2 not",
                f"  contract {sha256(CONTRACT)[:12]}: not acknowledged by the buyer",
                f"  plan {sha256(PLAN)[:12]}: not acknowledged by the buyer",
                f"  definition {sha256(DEFINITION)[:12]}: acknowledged by the buyer, {words} the first work under it",
            )
            self.assertIn("\n" + "\n".join(lines) + "\n", output)


class ClosedPipes(unittest.TestCase):
    """Where nobody reads the report, as behind `| head`, the exit code says the verdict and nothing else is said."""

    def run_unread(self, *arguments: str, stream="stdout") -> tuple[int, bytes]:
        """The exit code, and what is written to the other stream, where nobody reads `stream`."""
        reading, writing = os.pipe()
        os.close(reading)
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writing}
        try:
            ended = subprocess.run([sys.executable, v.__file__, *arguments], **streams)
        finally:
            os.close(writing)
        return ended.returncode, ended.stderr if stream == "stdout" else ended.stdout

    def test_the_exit_code_is_the_verdict(self):
        with tempfile.TemporaryDirectory() as folder:
            path, bad, pins = (str(Path(folder, name)) for name in ("a.proof.zip", "b.proof.zip", "pins"))
            Path(path).write_bytes(Files().writer().issue().bytes())
            Path(bad).write_bytes(b"no zip")
            for more in ((), ("--json",), ("--pins", pins)):
                self.assertEqual(self.run_unread(path, *more), (0, b""))
            self.assertIn("head ", Path(pins).read_text())
            for more in ((), ("--json",)):
                self.assertEqual(self.run_unread(bad, *more), (1, b""))
            Path(path).write_bytes(Receipts().receipt())
            for more in ((), ("--json",)):
                self.assertEqual(self.run_unread(path, "--receipt", "--key", LOG_KEY.vkey, *more), (0, b""))
            self.assertEqual(self.run_unread(path, "--receipt", "--key", BUYER_KEY.vkey), (1, b""))
            self.assertEqual(self.run_unread("--help"), (0, b""))
            for usage in (("missing",), (), ("--head", "1")):
                self.assertEqual(self.run_unread(*usage, stream="stderr"), (2, b""))

    def test_a_report_longer_than_any_buffer(self):
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "w") as file:
            for text in ("x" * 1_000_000, "y" * 1_000_000, "z"):
                v.say(text, file)


class CarryWriter(FileWriter):
    """A file of mode carry: what came before the last statement is its carry and what is brought."""

    def __init__(self, entries: list[bytes]):
        super().__init__(entries)
        self.issue("acme-0001")
        self.since, self.first_carry, self.first_issued = self.until, self.carry, self.issued
        self.cut = "2026-03-01T00:00:00Z"
        self.bent_carry = self.bent_brought = None

    def members(self) -> dict[str, bytes]:
        self.proof_changes = {"mode": "carry", "coverage": {"from": str(self.since), "until": str(self.until)}}
        members = super().members()
        begins = self.since // 256
        members = {
            name: content
            for name, content in members.items()
            if not name.startswith("log/tile/")
            or (name.startswith("log/tile/entries/") and name[17:20] >= f"{begins:03d}")
        }
        members["carry"] = self.bent_carry or self.first_carry
        members["brought"] = self.brought() if self.bent_brought is None else self.bent_brought
        return members

    def brought(self) -> bytes:
        carry = v.parse_carry(self.first_carry, "acme", self.since)
        touched, before = set(), None
        while touched != before:
            before = touched
            brought = {at: self.entries[at] for number in touched for at in carry.groups[number].entries}
            since = dict(enumerate(self.entries[self.since : self.until], self.since))
            at_hand = sorted((carry.lines | brought | since).items())
            events = [(at, v.parse_entry(raw)[0]) for at, raw in at_hand]
            touched = v.touched_groups(carry, "acme", events, brought)
        return b"".join(self.line(at) for at in sorted(brought))

    def line(self, at: int) -> bytes:
        return b'{"content":%s,"entry":"%d"}\n' % (self.entries[at], at)


class Carries(unittest.TestCase):
    refuse = Files.refuse

    def writer(self, more=()) -> CarryWriter:
        january = [entry for case in range(1, 6) for entry in case_entries(case, case)]
        writer = CarryWriter(agreement_entries() + january)
        february = make_event("work.reopened", "again", "2026-02-03T00:00:00Z", {"case": "5"})
        writer.entries += [entry_bytes(event) for event in (february, *more)]
        writer.entries += [
            entry_bytes(make_event("work.answered", "a9", "2026-02-05T09:00:00Z", {"case": "9", "kind": "answer"})),
            entry_bytes(make_event("work.confirmed", "c9", "2026-02-05T09:00:00Z", {"case": "9"})),
        ]
        return writer

    def test_the_carry_of_a_month(self):
        writer = self.writer()
        carry = v.parse_carry(writer.first_carry, "acme", writer.since)
        self.assertEqual(sorted(carry.lines), [0, 1, 2, 3])  # documents and signature stand for themselves
        self.assertEqual([group.entries for group in carry.groups], [[4, 5], [6, 7], [8, 9], [10, 11], [12, 13]])
        unit = carry.groups[0].units[0][1]
        self.assertEqual((unit.printed, unit.states[0][1]), ("support.case[1]@test:a1", "counted: confirmed"))

    def test_the_same_statement_from_the_carry(self):
        writer = self.writer().issue("acme-0002")
        self.assertEqual(writer.brought().count(b"\n"), 2)
        verification = v.verify(writer.bytes(), v.Trust())
        self.assertEqual(verification.report["total"]["amount"], "0.00")  # one reversed, one new
        self.assertEqual(verification.report["rests_on_carry_of"], "acme-0001")
        tree = v.Tree([v.leaf_hash(raw) for raw in writer.entries])
        for size in range(len(writer.entries) + 1):
            trust = v.Trust(head=(size, tree.root(size)))
            if size < writer.since:
                self.refuse("pin", writer.bytes(), trust)
            else:
                v.verify(writer.bytes(), trust)
        self.refuse("pin", writer.bytes(), v.Trust(head=(writer.since + 1, tree.root(writer.since))))

    def test_more_than_a_bundle(self):
        january = [entry for case in range(1, 131) for entry in case_entries(case, 1 + case % 28)]
        writer = CarryWriter(agreement_entries() + january)
        writer.entries += case_entries(200, 30)
        v.verify(writer.issue("acme-0002").bytes(), v.Trust())
        bundles = [name for name in writer.members() if name.startswith("log/tile/")]
        self.assertEqual(bundles, ["log/tile/entries/001.p/14"])

    def test_any_entry_with_a_work_of_a_group_touches(self):
        group = ([("test", "a1"), ("test", "c1")], [("support.case", ("1",), ["w1"])])
        touching = v.Touching([group])

        def correction(identifier: str, target: str, replacement: dict) -> dict:
            data = {
                "target": {"source": "test", "id": target, "digest": "0" * 64, "type": replacement["type"]},
                "action": "replace",
                "replacement": replacement,
            }
            return make_event("event.corrected", identifier, "2026-02-03T00:00:00Z", data)

        def usage(identifier: str, **envelope) -> dict:
            data = {"meter": "calls", "quantity": "1"}
            return make_event("usage.recorded", identifier, "2026-02-03T00:00:00Z", data) | envelope

        payment = {"statement": "acme-0001", "amount": {"amount": "1.00", "currency": "USD"}}
        paid = make_event("payment.recorded", "p", "2026-02-03T00:00:00Z", payment)
        seat = make_event("seat.assigned", "seat", "2026-02-03T00:00:00Z", {"seat": "7"})
        once = correction("k1", "u", usage("u", workid="w1"))
        for raw, touches in (
            (usage("u", workid="w1"), True),
            (seat | {"workid": "w1"}, True),
            (paid | {"workid": "w1"}, True),
            (once, True),
            (correction("k2", "k1", once), True),
            (correction("k3", "u", usage("u")) | {"workid": "w1"}, True),
            (usage("u", workid="w2"), False),
            (correction("k4", "u", usage("u", workid="w2")), False),
            (correction("k5", "u", usage("u")), False),
        ):
            with self.subTest(raw=raw):
                found = touching.touched([(9, v.parse_event(raw))], [], [])
                self.assertEqual(found, {0} if touches else set())

    def test_what_is_touched_is_brought_and_nothing_else(self):
        writer = self.writer().issue("acme-0002")
        writer.bent_brought = b""
        self.refuse("recompute", writer.bytes())
        writer.bent_brought = writer.line(12)
        self.refuse("recompute", writer.bytes())
        writer.bent_brought = b"".join(writer.line(at) for at in (4, 5, 12, 13))
        self.refuse("recompute", writer.bytes())
        writer.bent_brought = writer.line(12).replace(b"T09", b"T10") + writer.line(13)
        self.refuse("recompute", writer.bytes())
        writer.bent_brought = writer.line(13) + writer.line(12)
        self.refuse("entry", writer.bytes())
        writer.bent_brought = writer.line(12) + writer.line(12)
        self.refuse("entry", writer.bytes())
        writer.bent_brought = (writer.line(12) + writer.line(13)).removesuffix(b"\n")
        self.refuse("entry", writer.bytes())

    def test_samples_of_other_statements_are_counted_and_not_drawn_again(self):
        writer = self.writer()
        writer.number, writer.until, writer.issued = "acme-0001", writer.since, writer.first_issued
        drawn = json.loads(sample_drawn(writer, None, [4], seed="0" * 64))["event"]
        unsigned = {name: x for name, x in drawn.items() if name not in ("signature", "signer", "authorship")}
        writer.entries.append(entry_bytes(unsigned))
        writer.issue("acme-0002")
        samples = v.verify(writer.bytes(), v.Trust()).report["samples"]
        self.assertEqual([(s["statement"], s["drawn_again"]) for s in samples], [("acme-0001", False)])
        writer.proof_changes = {}
        self.refuse("sample", zip_of(with_manifest(FileWriter.members(writer))))

    def test_nonces_of_other_statements_are_checked_from_the_carry(self):
        x = chain_of(3)
        january = [entry for case in range(1, 6) for entry in case_entries(case, case)]

        def file_with(first, second) -> bytes:
            writer = CarryWriter(agreement_entries() + january + [entry_bytes(key_published("k1")), anchored(x)])
            drawn = sample_drawn(writer, first, [4, 6, 8, 10, 12], identifier="first")
            writer.issue("acme-0002")
            writer.entries += [drawn, sample_drawn(writer, second, [], identifier="second")]
            return writer.bytes()

        samples = v.verify(file_with(x[2], x[1]), v.Trust()).report["samples"]
        self.assertEqual([(s["nonce"], s["drawn_again"]) for s in samples], [(True, False), (True, True)])
        self.refuse("sample", file_with(x[1], x[1]))
        self.refuse("sample", file_with(x[2], x[2]))
        self.refuse("sample", file_with(None, x[2]))

    def test_a_carry_that_was_changed(self):
        writer = self.writer().issue("acme-0002")
        for old, new, code in (
            (b'"quantity":"1"', b'"quantity":"0.5"', "recompute"),
            (b'"cut":"2026-02-01', b'"cut":"2026-01-01', "recompute"),
            (b'"entry":"0"', b'"entry":"1"', "tree"),
            (b'"entries":["4","5"]', b'"entries":["4"]', "tree"),
            (b'"customer":"acme"', b'"customer":"other"', "tree"),
            (b'"coverage":"14"', b'"coverage":"13"', "tree"),
            (b'"frontier":["', b'"frontier":["A', "tree"),
            (b'"opened_by":0', b'"opened_by":7', "tree"),
        ):
            writer.bent_carry = writer.first_carry.replace(old, new, 1)
            self.assertNotEqual(writer.bent_carry, writer.first_carry)
            with self.subTest(old=old):
                self.refuse(code, writer.bytes())

    def test_what_was_agreed_before_stays(self):
        ended = make_event(
            "contract.ended",
            "end",
            "2026-02-04T00:00:00Z",
            {
                "contract": "acme-2026",
                "effective": "2026-01-20T00:00:00Z",
                "by": "x",
            },
        )
        self.refuse("recompute", self.writer([ended]).issue("acme-0002").bytes())

    def test_mode_full_has_no_carry(self):
        members = Files.writer(self).issue().members()
        for name in ("carry", "brought"):
            with self.subTest(name=name):
                self.refuse("tree", zip_of(with_manifest(members | {name: b""})))

    def test_mode_carry_has_both(self):
        members = self.writer().issue("acme-0002").members()
        for name in ("carry", "brought"):
            with self.subTest(name=name):
                self.refuse("tree", zip_of(with_manifest({n: m for n, m in members.items() if n != name})))

    def test_nothing_is_brought_where_nothing_is_touched(self):
        january = [entry for case in range(1, 6) for entry in case_entries(case, case)]
        writer = CarryWriter(agreement_entries() + january)
        writer.entries += case_entries(9, 30)
        self.assertEqual(writer.issue("acme-0002").members()["brought"], b"")
        v.verify(writer.bytes(), v.Trust())

    def test_a_coverage_that_begins_at_the_head(self):
        writer = self.writer().issue("acme-0002")
        size = len(writer.entries)
        tree = v.Tree([v.leaf_hash(raw) for raw in writer.entries])
        book = v.Book("acme", [(at, v.parse_entry(raw)[0]) for at, raw in enumerate(writer.entries)])
        leaves, stored = dict(enumerate(tree.rows[0])), dict(enumerate(writer.entries))
        cut = v.parse_instant(writer.cut)
        writer.bent_carry = v.make_carry(book, leaves, stored, size, cut, v.frontier_of(tree, size), [])
        writer.bent_brought = b""
        writer.since = writer.until = size
        self.assertIn("at the head", self.refuse("tree", writer.bytes()))

    def test_a_head_beyond_what_the_file_holds(self):
        writer = self.writer().issue("acme-0002")
        size = 2**62
        root = base64.b64encode(bytes(32)).decode()
        text = f"{ORIGIN}\n{size}\n{root}\n".encode()
        members = writer.members()
        proof = json.loads(members["proof.json"]) | {"head": {"root": root, "size": str(size)}}
        members["proof.json"] = v.canonical_json(proof)
        members["log/checkpoint"] = text + b"\n" + signature_line(LOG_KEY, sign(LOG_SEED, text)).encode()
        self.refuse("tree", zip_of(with_manifest(members)))


def inclusion_path(leaves: list[bytes], index: int) -> list[bytes]:
    """RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    inside, other = (leaves[:half], leaves[half:]) if index < half else (leaves[half:], leaves[:half])
    return inclusion_path(inside, index % half if index < half else index - half) + [v.Tree(other).root(len(other))]


class Receipts(unittest.TestCase):
    def receipt(self, places=(4, 5, 6), **changes) -> bytes:
        evidence = {"case": "1", "name": "transcript", "commitment": "ab" * 32}
        entries = agreement_entries() + case_entries(1, 5)
        entries.append(entry_bytes(make_event("evidence.attached", "e", "2026-01-05T08:00:00Z", evidence)))
        leaves = [v.leaf_hash(raw) for raw in entries]
        root = base64.b64encode(v.Tree(leaves).root(len(leaves))).decode()
        note = f"{ORIGIN}\n{len(leaves)}\n{root}\n"
        note += "\n" + signature_line(LOG_KEY, sign(LOG_SEED, note.encode()))
        proofs = []
        for at in places:
            lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(entries[at]).decode(), f"index {at}"]
            lines += [base64.b64encode(step).decode() for step in inclusion_path(leaves, at)]
            proofs.append("\n".join(lines) + "\n\n" + note)
        value = {
            "v": 1,
            "customer": "acme",
            "work": "1",
            "unit": "support.case",
            "state": "counted",
            "why": "confirmed",
            "class": "confirmed",
            "counted_at": "2026-01-05T09:00:00Z",
            "price": "1.00 USD",
            "statement": "acme-0001",
            "evidence": [{"commitment": "ab" * 32, "name": "transcript"}],
            "proofs": proofs,
        }
        return v.canonical_json(value | changes)

    def refuse(self, raw: bytes, keys=(LOG_KEY,)):
        with self.assertRaises(v.Refused) as refusal:
            v.verify_receipt(raw, list(keys))
        self.assertEqual(refusal.exception.code, "receipt")

    def test_receipts(self):
        good = self.receipt()
        self.assertEqual(v.verify_receipt(good, [LOG_KEY])["state"], "counted")
        self.refuse(good, [])
        self.refuse(good, [v.Key(ORIGIN, 1, BUYER_KEY.public_key)])
        self.refuse(good, [v.Key("other.example/log", 1, LOG_KEY.public_key)])
        self.refuse(self.receipt(places=()))
        self.refuse(self.receipt(places=(4,)))  # the evidence is in no entry
        self.refuse(self.receipt(customer="other"))
        self.refuse(self.receipt(more="x"))
        for old, new in (
            (b"index 4", b"index 5"),
            (b"index 4", b"index 04"),
            (b"tlog-proof@v1", b"tlog-proof@v2"),
            (b"extra ", b"extra"),
            (b"\\n7\\n", b"\\n8\\n"),
        ):
            self.assertIn(old, good)
            self.refuse(good.replace(old, new))

    def test_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "receipt.json")
            path.write_bytes(self.receipt())
            run = lambda *more: quietly(lambda: v.main([str(path), "--receipt", *more]))
            self.assertEqual(run()[0], 2)
            code, output = run("--key", LOG_KEY.vkey, "--json")
            self.assertEqual((code, json.loads(output)["verdict"]), (0, "valid"))
            self.assertEqual(run("--key", BUYER_KEY.vkey)[0], 1)


def quietly(run) -> tuple[int, str]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        code = run()
    return code, output.getvalue()


if __name__ == "__main__":
    unittest.main()
