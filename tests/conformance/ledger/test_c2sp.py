"""Vectors of the C2SP formats, made from the worked examples and the sentences of the specifications (C2SP/C2SP).

Each test names the section it is from. The examples' own keys are not published, so what they sign is checked where
the text gives enough to do so; the witness protocol has a file of its own, and so have tiles served over HTTP.
"""

import base64
import dataclasses
import hashlib
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint, LogKey, read_checkpoint, sign_checkpoint, verify_checkpoint
from traceability.ledger.cosignature import (
    ED25519,
    ML_DSA_44,
    CosignerKey,
    CosigningKey,
    cosignatures,
    cosigned_message,
)
from traceability.ledger.encoding import b64
from traceability.ledger.errors import BadSignature, InvalidKey
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.note import VerifierKey, note_signatures, note_text, open_note, sign_note
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.tile_paths import TilePlace, make_bundle, parse_place, places, read_bundle
from traceability.ledger.tiles import TileTree

TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LOG_LINE = "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
WITNESS_LINE = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"


def key(seed, name="log.example/a"):
    return LogKey._of(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


class TestSignedNote:
    """signed-note."""

    POEM = (
        "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
        "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
    )

    def test_the_example(self):
        """Introduction and "Format": the text may hold empty lines, and ends before the last one of the note."""
        assert note_text(self.POEM) == self.POEM.split("\n\n— ")[0] + "\n"
        ((name, identifier, signature),) = note_signatures(self.POEM)
        assert (name, identifier.hex(), len(signature)) == ("quasimodo.example/salvatore", "367ba04b", 64)

    def test_a_note_signed_by_another_implementation(self):
        """ "Ed25519 signatures": the example of Go's package note, where the format comes from."""
        vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        note = (
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
            "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        )
        assert open_note(note, [VerifierKey.parse(vkey)]).text == note_text(note)
        with pytest.raises(BadSignature):
            open_note(note.replace("answer", "cause"), [VerifierKey.parse(vkey)])

    def test_the_key_id(self):
        """ "Signatures": SHA-256(key name || 0x0A || signature type || public key)[:4], of 0x01 for Ed25519."""
        raw = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
        made = VerifierKey.make("example.com/abc123", raw)
        assert made.key_id == hashlib.sha256(b"example.com/abc123\n\x01" + raw).digest()[:4]
        assert made.vkey == f"example.com/abc123+{made.key_id.hex()}+" + base64.b64encode(bytes([1]) + raw).decode()

    @pytest.mark.parametrize("character", ["\r", "\t", "\0", "\x1f"])
    def test_no_control_characters(self, character):
        """ "Format": MUST NOT contain any ASCII control characters other than newline."""
        for note in (self.POEM.replace("sole", f"sole{character}"), self.POEM.replace("\n", f"{character}\n", 1)):
            with pytest.raises(InvalidInput):
                note_text(note)

    @pytest.mark.parametrize(
        "name", ["", "a b", "a\N{NO-BREAK SPACE}b", "a\N{IDEOGRAPHIC SPACE}b", "a+b", "a\N{EM SPACE}"]
    )
    def test_names_of_keys(self, name):
        """ "Format": key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus."""
        with pytest.raises(InvalidKey):
            VerifierKey.make(name, bytes([1]) + bytes(31))
        line = f"— {name} {b64(bytes(68))}\n"
        with pytest.raises(InvalidInput):
            note_signatures(self.POEM + line)

    def test_sixteen_signatures_are_read(self):
        """ "Format": verifiers MUST accept at least up to 16 signatures."""
        note = sign_note("text\n", *(key(seed, f"log.example/{seed}") for seed in range(1, 17)))
        assert len(open_note(note, [key(seed, f"log.example/{seed}").verifier for seed in range(1, 17)]).keys) == 16

    def test_unknown_keys_are_ignored_even_with_a_known_name_or_id(self):
        """ "Signatures": MUST ignore signatures from unknown keys, even if they share a name or ID (but not both)."""
        known = key(1)
        same_name = sign_note("text\n", key(2)).split("\n\n")[1]
        same_id = f"— other.example {b64(known.key_id + bytes(64))}\n"
        assert open_note(sign_note("text\n", known) + same_name + same_id, [known.verifier]).keys == (known.verifier,)

    def test_a_known_key_that_fails_spoils_the_note_and_none_known_too(self):
        """ "Signatures": MUST verify; SHOULD reject the whole note; without a known signature MUST reject."""
        known = key(1)
        bad = f"— {known.name} {b64(known.key_id + bytes(64))}\n"
        for note in (sign_note("text\n", known) + bad, sign_note("text\n", key(2))):
            with pytest.raises(BadSignature):
                open_note(note, [known.verifier])

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda note: note[:-1],
            lambda note: note.replace("\n\n", "\n"),
            lambda note: note.replace("— ", "- "),
            lambda note: note.replace("— ", "—"),
            lambda note: note + "\n",
            lambda note: note.rpartition("— ")[0],
            lambda note: note[:-2] + "*\n",
            lambda note: "\n\n" + note.split("\n\n")[1],
        ],
    )
    def test_other_forms(self, spoil):
        """ "Format": text ending in newline, a blank line, signature lines of one form."""
        with pytest.raises(InvalidInput):
            note_text(spoil(sign_note("text\n", key(1))))


class TestCheckpoint:
    """tlog-checkpoint."""

    def test_the_example(self):
        """Introduction."""
        found = read_checkpoint(TEXT + "\n" + LOG_LINE)
        assert [found.origin, str(found.size), b64(found.root)] == TEXT.split()
        assert found.to_text() == TEXT

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "three lines"), ("o\n1\n", "three lines"), ("\n1\n{root}\n", "the origin MUST be non-empty"),
            ("o\n01\n{root}\n", "no leading zeroes"), ("o\n+1\n{root}\n", "decimal"), ("o\n-1\n{root}\n", "decimal"),
            ("o\n1.0\n{root}\n", "decimal"), ("o\n\n{root}\n", "decimal"), ("o\n1\n\n", "base64"),
            ("o\n1\nnot base64\n", "base64"), ("o\n1\n" + b64(bytes(31)) + "\n", "a hash"), ("o\n1\n{root}", "newline"),
            ("o\n1\n{root}\n\n", "extension lines MUST be non-empty"), ("o\n1\n{root}\nx\n\ny\n", "extension lines"),
            ("o\n\N{ARABIC-INDIC DIGIT ONE}\n{root}\n", "ASCII decimal"),
        ],
    )  # fmt: skip
    def test_other_texts(self, text, why):
        """ "Note text", 1 to 4."""
        with pytest.raises(InvalidInput):
            Checkpoint.from_text(text.format(root=b64(bytes(32))))
        assert why

    def test_zero_is_written_zero_and_extension_lines_are_kept_out(self):
        """ "Note text", 2 and 4."""
        root = b64(bytes(32))
        assert Checkpoint.from_text(f"o\n0\n{root}\n") == Checkpoint("o", 0, bytes(32))
        assert Checkpoint.from_text(f"o\n7\n{root}\nextension one\ntwo\n") == Checkpoint("o", 7, bytes(32))

    def test_unknown_signatures_are_ignored(self):
        """ "Signatures": clients MUST ignore unknown signatures."""
        log = key(1)
        note = sign_checkpoint(Checkpoint(log.name, 7, bytes(32)), log) + WITNESS_LINE
        assert verify_checkpoint(note, [log.verifier])[0].size == 7


class TestCosignature:
    """tlog-cosignature."""

    def test_the_example(self):
        """Introduction and "Ed25519 signed message": the line holds the time that the signed message states."""
        (line,) = [
            one for one in note_signatures(TEXT + "\n" + LOG_LINE + WITNESS_LINE) if one[0].startswith("witness")
        ]
        name, identifier, data = line
        assert (name, identifier.hex(), len(data)) == ("witness.example.com/w1", "8d66cf3f", 8 + 64)
        assert struct.unpack(">Q", data[:8]) == (1679315147,)
        assert cosigned_message(name, ED25519, TEXT, 1679315147).decode() == f"cosignature/v1\ntime 1679315147\n{TEXT}"

    @pytest.mark.parametrize(("kind", "length"), [(ED25519, 32), (ML_DSA_44, 1312)])
    def test_the_key_id(self, kind, length):
        """ "Format": SHA-256(<name> || "\\n" || 0x04 or 0x06 || public key)[:4]; the vkey has the same type."""
        public = CosigningKey.generate("witness.example/w1", kind).public
        assert len(public.raw) == length
        assert public.key_id == hashlib.sha256(b"witness.example/w1\n" + bytes([kind]) + public.raw).digest()[:4]
        assert public.vkey == f"witness.example/w1+{public.key_id.hex()}+" + b64(bytes([kind]) + public.raw)

    def test_the_structure_that_ml_dsa_signs(self):
        """ "ML-DSA-44 signed message": label, name, timestamp, origin, start 0, end, hash."""
        expected = (
            b"subtree/v1\n\0" + b"\x02w1" + (1679315147).to_bytes(8) + b"\x1bexample.com/behind-the-sofa"
            + bytes(8) + (20852163).to_bytes(8) + base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
        )  # fmt: skip
        assert cosigned_message("w1", ML_DSA_44, TEXT, 1679315147) == expected
        extended = TEXT + "an extension line\n"
        assert cosigned_message("w1", ML_DSA_44, extended, 1679315147) == expected, "extension lines are not included"
        assert cosigned_message("w1", ED25519, extended, 1).endswith(b"an extension line\n"), "here they MUST be"
        with pytest.raises(InvalidInput):
            cosigned_message("w" * 256, ML_DSA_44, TEXT, 1)

    @pytest.mark.parametrize("kind", [ED25519, ML_DSA_44])
    def test_the_time_may_not_exceed_two_to_the_63(self, kind):
        """ "Format": it MUST NOT exceed 2^63 - 1."""
        made = CosigningKey.generate("witness.example/w1", kind)
        for at, fits in ((2**63 - 1, True), (2**63, False), (2**64 - 1, False)):
            signature = struct.pack(">Q", at) + made._sign(cosigned_message(made.public.name, kind, TEXT, at))
            note = TEXT + "\n" + LOG_LINE + f"— {made.public.name} {b64(made.public.key_id + signature)}\n"
            if fits:
                assert [one.at for one in cosignatures(note, [made.public])] == [at]
            else:
                with pytest.raises(BadSignature):
                    cosignatures(note, [made.public])

    def test_lines_that_match_no_configured_name_and_id_are_ignored(self):
        """ "Format": ignore any signature lines that don't match the name and key ID."""
        public = CosigningKey.generate("witness.example.com/w1").public
        assert cosignatures(TEXT + "\n" + LOG_LINE + WITNESS_LINE, [public]) == []

    @pytest.mark.parametrize("kind", [0x01, 0x02, 0x05, 0xFF])
    def test_other_types_are_no_cosigner_keys(self, kind):
        """ "Format": 0x04 or 0x06."""
        with pytest.raises(InvalidKey):
            CosignerKey.make("witness.example/w1", kind, bytes(32))


class TestProof:
    """tlog-proof."""

    HASHES = (
        "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
        "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
        "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n"
    )
    CHECKPOINT = (
        "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— example.com/fancylog {}\n"
    )

    def test_the_example(self):
        """The example of the introduction, with a signature of full length, and without its optional extra line."""
        note = self.CHECKPOINT.format(b64(bytes.fromhex("848d830f") + bytes(64)))
        text = f"c2sp.org/tlog-proof@v1\nindex 73894\n{self.HASHES}\n{note}"
        proof = parse_proof(text)
        assert (proof.index, len(proof.path), proof.checkpoint) == (73894, 5, note)
        assert (read_checkpoint(proof.checkpoint).size, proof.to_text()) == (109482, text)

    PRINTED = (
        "c2sp.org/tlog-proof@v1\nextra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ\nindex 73894\n" + HASHES +
        "\nexample.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n"
        "— example.com/fancylog hI2DJw[...]1roloI=\n— witness1.example mJirIklj[...]qY9v2B/5bg==\n"
        "— witness2.example TnKKVHLX[...]xwYwrSjgow==\n— witness3.example S4X82uH5[...]3oEcROGLFQ==\n"
    )  # fmt: skip

    def test_the_example_as_printed(self):
        """The example of the introduction word for word; its signatures are shortened there, and not read here."""
        proof = parse_proof(self.PRINTED)
        assert (proof.index, len(proof.path)) == (73894, 5)
        assert proof.extra.startswith(b"age-v1.2.1-darwin-arm64.tar.gz")
        assert proof.checkpoint.startswith("example.com/fancylog\n109482\n")
        assert proof.to_text() == self.PRINTED

    def test_the_extra_line_is_kept_and_is_no_part_of_what_is_proved(self):
        """ "Format": the second line MAY be there, and applications MUST NOT implicitly trust it."""
        with_it = parse_proof("c2sp.org/tlog-proof@v1\nextra YWdl\nindex 0\n\nnote")
        without = parse_proof("c2sp.org/tlog-proof@v1\nindex 0\n\nnote")
        assert (with_it.extra, without.extra) == (b"age", None)
        assert dataclasses.replace(with_it, extra=None) == without

    @pytest.mark.parametrize(
        "extra",
        ["extra", "extra ", "extra  YWdl", "extra\tYWdl", "extra YWd", "extra YWdl YWdl", "extra YWdl=", "Extra YWdl",
         "extra YWdl\nextra YWdl", "extra _-8="],
    )  # fmt: skip
    def test_other_forms_of_the_extra_line(self, extra):
        """ "Format": one line, a space, and base64 (RFC 4648, section 4); it is omitted where there is no such data."""
        with pytest.raises(InvalidInput):
            parse_proof(f"c2sp.org/tlog-proof@v1\n{extra}\nindex 0\n\nnote")

    def test_the_extra_line_is_no_hash_and_stands_second(self):
        with pytest.raises(InvalidInput):
            parse_proof(f"c2sp.org/tlog-proof@v1\nindex 73894\nextra YWdl\n{self.HASHES}\nnote")

    @pytest.mark.parametrize(
        "head",
        ["c2sp.org/tlog-proof@v2\nindex 0", "c2sp.org/tlog-proof@v1\nindex 00", "c2sp.org/tlog-proof@v1\nindex  0",
         "c2sp.org/tlog-proof@v1\nindex -1", "c2sp.org/tlog-proof@v1\nindex", "c2sp.org/tlog-proof@v1", "index 0",
         "c2sp.org/tlog-proof@v1\nindex 0\n*", "c2sp.org/tlog-proof@v1\r\nindex 0", "c2sp.org/tlog-proof@v1\nindex 1_0"],
    )  # fmt: skip
    def test_other_forms(self, head):
        """ "Format"."""
        with pytest.raises(InvalidInput):
            parse_proof(f"{head}\n\nnote")


class TestTiles:
    """tlog-tiles."""

    def test_the_example_of_an_index(self):
        """ "Merkle Tree": index 1234067 is x001/x234/067."""
        assert TilePlace(0, 1234067).path == "tile/0/x001/x234/067"
        assert TilePlace(None, 1234067).path == "tile/entries/x001/x234/067"
        assert parse_place("0", "x001/x234/067") == TilePlace(0, 1234067)

    def test_the_example_of_70000(self):
        """ "Partial Tiles": 273 full level 0 tiles and one of 112, one full level 1 tile and one of 17, one of 1."""
        found = {level: [place.width for place in places(level, 70_000)] for level in range(4)}
        assert found == {0: [256] * 273 + [112], 1: [256, 17], 2: [1], 3: []}

    def test_the_example_of_256(self):
        """ "Partial Tiles": a full level 0 tile and a partial level 1 tile of width 1."""
        assert [[place.width for place in places(level, 256)] for level in range(3)] == [[256], [1], []]

    def test_a_full_tile_has_8192_bytes_of_the_hashes_that_the_formula_says(self):
        """ "Merkle Tree": the n-th tile at level l is MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])."""
        leaves = [leaf_hash(number.to_bytes(4)) for number in range(70_000)]
        tree = TileTree(lambda _level, _index: None)
        tree.append(leaves)
        tiles = tree.changed()
        assert {len(data) for (level, index), data in tiles.items() if (level, index) != (0, 273) and level == 0} == {
            8192
        }
        for (level, index), data in tiles.items():
            for i in {0, len(data) // 64, len(data) // 32 - 1}:
                start, end = (index * 256 + i) * 256**level, (index * 256 + i + 1) * 256**level
                assert data[i * 32 : i * 32 + 32] == mth(leaves[start:end]), (level, index, i)
        assert {place: len(data) // 32 for place, data in tiles.items() if place[0] > 0} == {
            (1, 0): 256,
            (1, 1): 17,
            (2, 0): 1,
        }

    def test_bundles_are_entries_behind_their_length(self):
        """ "Log entries": big-endian uint16 length-prefixed."""
        assert make_bundle([b"", b"abc", b"x" * 258]) == b"\0\0" + b"\0\3abc" + b"\1\2" + b"x" * 258
        assert read_bundle(b"\0\0\0\3abc") == [b"", b"abc"]

    @pytest.mark.parametrize(
        ("level", "place"),
        [("64", "000"), ("00", "000"), ("0", "00"), ("0", "x001"), ("0", "001/067"), ("0", "067.p/0"), ("0", "067.p/256"),
         ("0", "067.p/01"), ("-1", "000"), ("0", "1234067")],
    )  # fmt: skip
    def test_other_addresses(self, level, place):
        """ "Merkle Tree": level 0 to 63 and width 1 to 255 without leading zeroes, all but the last element with an x."""
        assert parse_place(level, place) is None


def mth(leaves):
    """RFC 6962, 2.1, over hashes of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(leaves[:half]) + mth(leaves[half:])).digest()


WITNESSES = [CosigningKey._of(f"w.example/{n}", 4, bytes([n]) * 32) for n in range(1, 33)]
VKEYS = [one.public.vkey for one in WITNESSES]


class TestPolicy:
    """tlog-policy."""

    def policy(self, text):
        names = {f"k{number}": vkey for number, vkey in enumerate(VKEYS, 1)}
        return Policy.parse(text.format(log=key(1).vkey, log2=key(2, "log.example/b").vkey, **names).encode())

    EXAMPLE = (
        "log {log}\n\nwitness X1 {k1}\nwitness X2 {k2}\nwitness X3 {k3}\ngroup X-witnesses 2 X1 X2 X3\n\n"
        "witness Y1 {k4}\nwitness Y2 {k5}\nwitness Y3 {k6}\ngroup Y-witnesses any Y1 Y2 Y3\n\n"
        "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
    )

    @pytest.mark.parametrize(
        ("cosigned", "enough"),
        [("X1 X2 Y1", True), ("X2 X3 Y3", True), ("X1 X2 X3 Y1 Y2 Y3", True), ("X1 X2 X3", False), ("X1 Y1 Y2 Y3", False),
         ("Y1 Y2 Y3", False), ("", False), ("X1 X1 Y1", False)],
    )  # fmt: skip
    def test_the_example(self, cosigned, enough):
        """ "Example policy": at least two of the X-witnesses, and at least one of the Y-witnesses."""
        assert self.policy(self.EXAMPLE).witnessed(cosigned.split()) is enough

    def test_no_quorum(self):
        """ "Defining the quorum": quorum none requires no cosignatures at all."""
        assert self.policy("log {log}\nquorum none\n").witnessed([])

    @pytest.mark.parametrize(
        "text",
        [
            "log {log}\n \t \n\t# comment {k1}\n  witness \t A\t{k1}  https://w.example/ \nquorum\tA\t\n",
            "witness A {k1}\nlog {log}\nlog {log2} https://log.example/\nquorum A",
        ],
    )  # fmt: skip
    def test_blanks_comments_and_any_order(self, text):
        """ "Structure"."""
        assert list(self.policy(text.replace("{k1}  https", "{k1} https")).witnesses) == ["A"]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("log {log}\n", "exactly one quorum line"),
            ("log {log}\nquorum none\nquorum none\n", "exactly one quorum line"),
            ("log {log}\nquorum A\nwitness A {k1}\n", "defined earlier"),
            ("log {log}\ngroup G any A\nwitness A {k1}\nquorum G\n", "defined on preceding lines"),
            ("log {log}\ngroup G any G\nquorum G\n", "no circles"),
            ("log {log}\nwitness A {k1}\ngroup G any none A\nquorum G\n", "none is invalid as a group member"),
            ("log {log}\nwitness none {k1}\nquorum none\n", "none is predefined"),
            ("log {log}\nwitness A {k1}\nwitness A {k2}\nquorum A\n", "a single namespace"),
            ("log {log}\nwitness A {k1}\ngroup A any A\nquorum A\n", "a single namespace"),
            ("log {log}\nwitness A {k1}\nwitness B {k1}\nquorum A\n", "duplicate witnesses"),
            ("log {log}\nlog {log}\nquorum none\n", "duplicate logs"),
            ("log {log}\nwitness A {k1}\ngroup G any\nquorum G\n", "n >= 1"),
            ("log {log}\nwitness A {k1}\ngroup G 0 A\nquorum G\n", "1 <= k"),
            ("log {log}\nwitness A {k1}\ngroup G 2 A\nquorum G\n", "k <= n"),
            ("log {log}\nwitness A {k1}\ngroup G 01 A\nquorum G\n", "decimal"),
            ("log {log}\nwitness A {k1}\ngroup G some A\nquorum G\n", "all, any or k"),
            ("log {log}\nwitness A {k1}\ngroup G 1 A A\nquorum G\n", "a member at most once"),
            ("log {log}\nwitness A {k1}\ngroup G any A\ngroup H any A\nquorum G\n", "a member at most once"),
            ("log {k1}\nquorum none\n", "the key's type fits its function"),
            ("log {log}\nwitness A {log2}\nquorum A\n", "the key's type fits its function"),
            ("log {log}\r\nquorum none\r\n", "only tab and newline"),
            ("log {log}\nquorum none \x0b\n", "only tab and newline"),
            ("log {log}\nquorum none\x7f\n", "0x20-0x7E"),
            ("other {log}\nquorum none\n", "log, witness, group, quorum"),
        ],
    )
    def test_what_is_not_allowed(self, text, why):
        """ "Structure", "Defining a log, a witness, the quorum, a witness group", "Character set"."""
        with pytest.raises(InvalidInput):
            self.policy(text)
        assert why

    def test_names_are_octets(self):
        """ "Character set": 0x4B is another name than 0xE2 0x84 0xAA, a Kelvin sign."""
        found = self.policy(
            "log {log}\nwitness K {k1}\nwitness \N{KELVIN SIGN} {k2}\ngroup G all K \N{KELVIN SIGN}\nquorum G\n"
        )
        assert (len(found.witnesses), found.witnessed(["K"])) == (2, False)
        raw = f"log {key(1).vkey}\nwitness ".encode() + b"\xff\xfe " + f"{VKEYS[0]}\nquorum ".encode() + b"\xff\xfe\n"
        assert len(Policy.parse(raw).witnesses) == 1

    def test_thirty_two_of_each(self):
        """ "Implementation limits"."""
        lines = [f"log {key(n, f'log.example/{n}').vkey}" for n in range(1, 33)]
        lines += [f"witness W{n} {vkey}" for n, vkey in enumerate(VKEYS)]
        lines += ["group G0 any W0"] + [f"group G{n} all G{n - 1} W{n}" for n in range(1, 32)] + ["quorum G31"]
        found = Policy.parse("\n".join(lines).encode())
        assert (len(found.logs), len(found.witnesses), len(found.groups)) == (32, 32, 32)
        assert found.witnessed([f"W{n}" for n in range(32)])
