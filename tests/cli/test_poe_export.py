"""situs poe export: what holds becomes a CoRIM of reference values, read here by a reader of its own; what does not, nothing."""
import os

from fleet_run import AT, DAY, OWNER, FleetCase
from situs_run import main, situs


def cbor(data):
    """One item of deterministic CBOR (RFC 8949): (value, rest). A tag is (number, value)."""
    major, size, data = data[0] >> 5, data[0] & 31, data[1:]
    if size >= 24:
        length = 1 << size - 24
        size, data = int.from_bytes(data[:length], "big"), data[length:]
    if major in (2, 3):
        return (data[:size] if major == 2 else data[:size].decode()), data[size:]
    if major == 6:
        value, data = cbor(data)
        return (size, value), data
    if major < 2:
        return (size if major == 0 else -1 - size), data
    items = []
    for _ in range(size * (major - 3)):
        item, data = cbor(data)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), data


class Export(FleetCase):
    def setUp(self):
        super().setUp()
        self.deliver()
        self.endorse()
        self.piid = self.shown("delivered/quote.bin")["pck_certificate"]["piid"]
        self.list = self.path("list.corim")

    def export(self, *files, at=AT, trust=None):
        return ["poe", "export", *files, "--trust", trust or self.trust, "--at", f"@{at}", "-o", self.list]

    def nothing(self, exit, *words, says):
        self.refused(exit, *words, says=says)
        self.assertFalse(os.path.exists(self.list))

    def test_what_holds_is_a_reference_value(self):
        said = self.accepted(*self.export(self.poe, "--revocations", self.publish())).decode()
        self.assertEqual(said, f"1 platform of {OWNER} (SIMULATED), until 2027-02-14T08:00:00Z\n")
        (tag, corim), rest = cbor(self.bytes_of(self.list))
        self.assertEqual((tag, rest, sorted(corim), len(corim[0])), (501, b"", [0, 1, 4], 16))
        self.assertEqual(corim[4], {0: (1, AT), 1: (1, AT + 30 * DAY)})
        [(tag, comid)] = corim[1]
        comid, rest = cbor(comid)
        self.assertEqual((tag, rest, len(comid[1][0])), (506, b"", 16))
        self.assertNotEqual(comid[1][0], corim[0])
        self.assertEqual(comid[4], {0: [[{0: {1: "SIMULATED", 2: "platform-instance"}},
                                         [{0: self.piid, 1: {4: (560, bytes.fromhex(self.piid))}}]]]})

    def test_a_directory_is_all_that_it_holds(self):
        poes = self.path("poes")
        os.mkdir(poes)
        self.nothing(1, *self.export(poes), says="no endorsement")
        self.fleet("export", "--poe", poes)
        self.accepted(*self.export(poes))
        self.assertIn(bytes.fromhex(self.piid), self.bytes_of(self.list))
        os.unlink(self.list)
        os.mkdir(os.path.join(poes, "more"))
        self.nothing(1, *self.export(poes), says="nothing but files")

    def test_one_that_does_not_hold_is_an_end(self):
        bad = bytearray(self.bytes_of(self.poe))
        bad[-1] ^= 1  # of the signature
        self.nothing(6, *self.export(self.poe, self.path("bad", bytes(bad))), says="bad does not hold")
        self.nothing(6, *self.export(self.poe, at=AT + 30 * DAY + 1), says="expired")
        self.nothing(6, *self.export(self.poe, trust=self.supplier_trust("list")), says="untrusted")
        self.nothing(2, *self.export(self.path("none", b"x")), says="does not hold")
        self.nothing(1, *self.export(self.path("absent")), says="absent")
        self.fleet("lost", "--machine", "m1")
        self.nothing(6, *self.export(self.poe, "--revocations", self.publish()), says="revoked")

    def test_a_platform_is_there_once(self):
        self.nothing(1, *self.export(self.poe, self.poe), says=self.piid)

    def test_a_list_is_of_one_owner(self):
        first, self.poe = self.poe, self.path("other.cbor")
        self.fleet("endorse", "--machine", "m1", "--owner", "Somebody Else", "--other-owner", *self.key, "-o", self.poe)
        self.nothing(1, *self.export(first, self.poe), says="another owner")

    def test_it_says_that_revocation_was_not_asked(self):
        self.assertIn(b"not asked whether the issuers took any back", self.said(*self.export(self.poe)))
        self.assertEqual(self.said(*self.export(self.poe, "--revocations", self.publish())), b"")

    def said(self, *words):
        done = situs(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_what_is_missing(self):
        self.nothing(1, "poe", "export", self.poe, "--trust", self.trust, says="-o")
        self.nothing(1, "poe", "export", self.poe, "-o", self.list, says="--trust")


if __name__ == "__main__":
    main()
