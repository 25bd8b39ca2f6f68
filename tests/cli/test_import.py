"""situs policy new --import: measurements that others publish become images by their name, and what is none of a TD's
is left out and named."""
import json

from situs_run import Case, main, situs

R = ["%02x" % (0x11 * i) * 48 for i in range(1, 7)]


def record(id, type="dcap-tdx", **registers):
    return {"measurement_id": id, "attestation_type": type,
            "measurements": {k.lstrip("_"): {"expected": v} if isinstance(v, str) else {"expected_any": v}
                             for k, v in registers.items()}}


def given(expected):
    return {"measurement_id": "a", "attestation_type": "dcap-tdx", "measurements": {"mrtd": expected}}


WHOLE = dict(mrtd=R[0], rtmr0=R[1], rtmr1=R[2], rtmr2=R[3], RTMR3=R[4])


class Import(Case):
    def read(self, data, *more):
        path = self.path("m.json", data if isinstance(data, bytes) else json.dumps(data).encode())
        done = situs("policy", "new", "--import", path, "--by", "Example Labs", *more)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.said = done.stderr.decode()
        return json.loads(done.stdout)["ref.guest"]["images"]

    def test_records_of_registers(self):
        images = self.read([record("one", **WHOLE), record("old", _0=R[0], _1=R[1], _2=R[2], _3=R[3], _4=R[4])])
        for image, name in zip(images, ("one", "old"), strict=True):
            self.assertEqual((image["name"], image["mrtd"], image["rtmr"]), (f"Example Labs: {name}", R[0], R[1:5]))
            self.assertEqual(set(image["closed"].values()), {None})  # who publishes registers states nothing of an image
        self.assertIn("ref.guest.images.closed: who answers", self.said)

    def test_several_values_are_several_images(self):
        images = self.read([record("a", mrtd=R[:2], rtmr0=R[2], rtmr1=R[3], rtmr2=[R[4], R[5]], rtmr3=[R[0]])])
        self.assertEqual([(i["mrtd"], i["rtmr"][2]) for i in images],
                         [(R[0], R[4]), (R[1], R[4]), (R[0], R[5]), (R[1], R[5])])
        self.assertEqual(images[3]["name"], "Example Labs: a #4")

    def test_what_is_not_given_is_null(self):
        images = self.read({"mrtd": R[0], "rtmr0": R[1], "rtmr1": R[2], "rtmr2": R[3], "mr_image": R[4]}, "--closed-by", "me")
        self.assertEqual(images[0]["rtmr"], [R[1], R[2], R[3], None])
        self.assertEqual(images[0]["name"], "Example Labs: dstack-mr")
        for words in ('left out: "mr_image"', ": without RTMR3", "ref.guest.images: the registers that nobody published",
                      '"me" states of the image, 12 of 12'):
            self.assertIn(words, self.said)
        policy = self.path("p.json")
        self.accepted("policy", "new", "--import", self.path("m.json"), "--by", "x", "--closed-by", "me", "-o", policy)
        self.refused(1, "policy", "check", policy, says="ref.guest.images[0].rtmr[3]: RTMR3")

    def test_a_whole_one_is_a_policy(self):
        path, policy = self.path("m.json", json.dumps([record("one", **WHOLE)]).encode()), self.path("p.json")
        self.accepted("policy", "new", "--import", path, "--by", "x", "--closed-by", "me", "--require", "live,owned",
                      "--owner", "a=b", "-o", policy)
        self.assertEqual(json.loads(self.accepted("policy", "check", policy, "-j"))["require"], ["live", "owned"])

    def test_what_cannot_be_read_is_left_out_and_named(self):
        images = self.read([record("one", **WHOLE), record("azure", "azure-tdx", pcr4=R[0]), record("pcr", pcr4=R[0]),
                            {"measurement_id": "hashes", "attestation_type": "dcap-tdx", "dcap_image_hashes": {}},
                            {"measurement_id": "any", "attestation_type": "gcp-tdx"}, {"measurement_id": "none"},
                            record("nothing", mrtd=[]), record("many", mrtd=[R[0]] * 9, rtmr0=[R[0]] * 9),
                            {**record("both", **WHOLE), "dcap_image_hashes": {"kernel": R[0]}},
                            {**record("more", **WHOLE), "until": "2026-01-01"}])
        self.assertEqual(len(images), 1)
        for name in ("azure", "pcr", "hashes", "any", "none", "nothing", "many", "both", "more"):
            self.assertIn(f'left out: "{name}": ', self.said)

    def test_names_are_whole_and_each_is_one(self):
        two = {**WHOLE, "mrtd": R[5]}
        long = "x" * 150
        images = self.read([record(long, **WHOLE), record(long + "y", **two), record("caf\u00e9", **WHOLE), record("caf?", **two),
                            record("a", **WHOLE), record("a", **two), record("a b", **two), record("", **two)])
        self.assertEqual([i["name"] for i in images], ["Example Labs: " + n for n in (long, "caf?", "a", "a b")])
        for words in (f'left out: "{long}": its name is not', 'left out: "caf??": its name is not', 'left out: "a": another record',
                      'left out: "": '):
            self.assertIn(words, self.said)
        self.refused(1, "policy", "new", "--import", self.path("m.json"), "--by", "x" * 91, says="at most 90 bytes")

    def test_mistakes(self):
        for data, says in (([record("a", mrtd="11")], "96 hex digits"), ([record("a", "azure-tdx")], "registers of a TD"),
                           ([], "registers of a TD"), ({"kind": "portable"}, "attested-tls"), (b"\xa3\x01", "no policy pins"),
                           (b"[", "JSON"), ([record("a", mrtd=R[0], _0=R[1])], "once"), ([1], "object"),
                           ([given({"expected": R[0], "expected_any": [R[1]]})], "both"), ([given({"expected": [R[0]]})], "text"),
                           ([given({"expected_any": R[0]})], "array"), ([given({})], "expected"),
                           ({"mrtd": R[0], "MRTD": R[1]}, "once"), ({"mrtd": R[0], "rtmr0": [R[1], R[2]]}, "text")):
            path = self.path("m.json", data if isinstance(data, bytes) else json.dumps(data).encode())
            self.refused(1, "policy", "new", "--import", path, "--by", "x", says=says)
        path = self.path("m.json", json.dumps([record("one", **WHOLE)]).encode())
        for words, says in (([], "--by"), (["--by", "x", "--from", path], "alone"), (["--by", "x", "--require", "bound"], "events"),
                            (["--by", "x", "--allow", "a=b"], "TPM")):
            self.refused(1, "policy", "new", "--import", path, *words, says=says)
        self.refused(1, "policy", "new", "--template", "live", "--by", "x", says="--import")


if __name__ == "__main__":
    main()
