"""situs fleet compose and add --composition: what a supplier signed, and what it is worth."""
import json

from fleet_run import AT, DAY, FleetCase
from situs_run import main


class Composition(FleetCase):
    def setUp(self):
        super().setUp()
        self.fleet("init")
        self.fleet("set", "--owner", "Example Cloud, Inc.", "--issuer", "Example Cloud")
        self.supplier = self.supplier_trust()
        self.manifest = self.path("m.cose")

    def add(self, *more, machine="m1", trust=None):
        return self.words("add", "--machine", machine, "--site", "ams1", "--composition", self.manifest, "--trust",
                          trust or self.supplier, *more)

    def test_a_machine_is_endorsed_on_the_suppliers_word(self):
        self.compose(self.manifest, "--manifest", self.in_lab("delivered/manifest.bin"))
        m = json.loads(self.accepted(*self.add("-j")))
        self.assertEqual((m["status"], m["composed_by"], m["composed"]), ("pending", "Supplier", False))
        m = self.state()
        self.assertEqual((m["composed"], m["receipt"]), (True, None))
        self.refused(6, *self.words("endorse", "--machine", "m1", *self.key, "-o", self.poe),
                     says="confirm")  # nobody has seen it in its place
        self.confirm()
        self.endorse()
        text = self.accepted("fleet", "history", "--db", self.db).decode()
        self.assertIn("authenticated by composition manifest of Supplier; serial SN-1; number 1", text)
        text = self.accepted("fleet", "list", "--db", self.db).decode()
        self.assertIn("manifest of Supplier", text)
        self.assertIn("composition manifest of Supplier", text)

    def test_without_the_piid_only_the_packages_are_enrolled(self):
        prids = [w for p in self.shown("delivered/manifest.bin")["package"] for w in ("--prid", p["prid"])]
        self.compose(self.manifest, *prids)
        self.accepted(*self.add())
        self.state()
        self.confirm()
        endorse = self.words("endorse", "--machine", "m1", *self.key, "-o", self.poe)
        self.refused(6, *endorse, says="--receipt")
        self.state("delivered", "--receipt", self.shown("delivered/quote.bin")["pck_certificate"]["ppid"])
        self.endorse()

    def test_a_package_that_the_supplier_did_not_name_stops_it(self):
        self.compose(self.manifest, "--manifest", self.in_lab("delivered/manifest.bin"))
        self.accepted(*self.add())
        self.state("maintained", "--vouch", "grace")
        self.confirm()
        self.refused(6, *self.words("endorse", "--machine", "m1", *self.key, "-o", self.poe),
                     says="prid")

    def test_whose_word_it_is_decides(self):
        self.compose(self.manifest, "--manifest", self.in_lab("delivered/manifest.bin"))
        self.refused(2, *self.add(trust=self.trust), says="untrusted")  # an anchor for other uses
        words = self.add()
        at = words.index("--trust")
        self.refused(1, *words[:at], *words[at + 2:], says=["--trust", "supplier"])
        data = bytearray(self.bytes_of(self.manifest))
        data[-1] ^= 1
        self.path("m.cose", bytes(data))
        self.refused(2, *self.add(), says="bad-signature")
        self.path("m.cose", bytes(data[:-1]))
        self.refused(2, *self.add(), says="composition")
        self.path("m.cose", bytes(65 * 1024))
        self.refused(2, *self.add(), says="too-long")
        self.assertEqual(self.fleet("list")["machines"], [])

    def test_its_age_and_number_are_bounded(self):
        self.compose(self.manifest, "--number", "2", "--prid", "11" * 16)
        self.at = AT + 3 * DAY + 1
        self.refused(2, *self.add("--max-age", "3d"), says=["expired", "issued"])
        self.refused(1, *self.add("--max-age", "0"), says="--max-age")
        self.accepted(*self.add())
        self.refused(6, *self.add(), says="number")
        self.compose(self.manifest, "--number", "1", "--prid", "11" * 16)
        self.refused(6, *self.add(), says=["out-of-date", "number"])
        self.compose(self.manifest, "--number", "3", "--prid", "11" * 16)
        self.refused(6, *self.add(machine="m2"), says=["duplicate", "serial"])
        self.accepted(*self.add())

    def test_a_manifest_of_tomorrow_does_not_count_today(self):
        self.at = AT + DAY
        self.compose(self.manifest, "--prid", "11" * 16)
        self.at = AT
        self.refused(2, *self.add(), says=["not-yet-valid", "issued"])

    def test_compose_says_what_it_lacks(self):
        base = ["fleet", "compose", "--serial", "SN-1", "--supplier", "S", *self.key, "-o", self.manifest]
        one = ["--prid", "11" * 16]
        self.refused(1, *base, says="--prid")
        self.refused(1, *base, *one, "--manifest", self.in_lab("delivered/manifest.bin"), says="--manifest")
        self.refused(1, *base, "--prid", "11", says="32 hex digits")
        self.refused(1, *base, *one, "--piid", "zz", says="--piid")
        self.refused(1, *base, *one, "--number", "0", says="--number")
        self.refused(1, *base[:2], *base[4:], *one, says="--serial")
        self.refused(2, *base, *one, *one, says="duplicate")
        self.refused(1, *base, *[w for i in range(33) for w in ("--prid", f"{i:032x}")], says="at most 32")
        self.refused(1, *base[:-1], self.path("no/such/m.cose"), *one)
        self.assertEqual(json.loads(self.accepted(*base, *one, "-j")), {"packages": 1})
        shown = self.accepted(*base[:-1], "-", *one)
        self.assertEqual(shown[:2], b"\xd2\x84")


if __name__ == "__main__":
    main()
