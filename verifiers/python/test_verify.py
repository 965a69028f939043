"""Tests of the verifier: `python3 -m unittest` in this directory. Standard library only.

Known answers come first: RFC 8032, RFC 6962, Certificate Transparency, C2SP and Go's `note` package.
"""

import base64
import hashlib
import shlex
import struct
import tomllib
import unittest
import zlib
from datetime import date
from pathlib import Path

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
        '{"\ue000":1,"\U00010000":2}'.encode(),  # byte order, not UTF-16 order
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
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "depth 33"),
        (b'{"a":' + b"[" * 30000, "deep and unfinished"),
    ]

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
    "evidence.attached": {"digest": "0" * 64},
}


def story_fact(number: int, line: str, every: str, key, zone) -> v.Fact:
    day, clock, word, *rest = shlex.split(line, comments=True)
    kind, first = STORY_KINDS[word]
    data = dict(STORY_DEFAULTS.get(kind, {}))
    raw = {"specversion": "1.0", "id": f"{number:04d}", "source": "story", "subject": "acme", "type": f"piecework.{kind}.v1"}
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


if __name__ == "__main__":
    unittest.main()
