"""Wrong files in the place of evidence, collateral and endorsements, and what is told about each."""
import base64
import os

from situs_run import VECTORS, main
from wrong_inputs import WrongInputs


VERIFY = "verify -p {lab}/genuine.json -t {trust} "
FETCH = "collateral fetch --url http://127.0.0.1:1 --retries 0 --for "


class Evidence(WrongInputs):
    real = ("{vectors}", "{dir}/joined")

    def prepare(self):
        quote = self.bytes_of(self.file("quote.bin"))
        text = quote.hex().encode()
        self.path("q", quote)
        self.path("quote.hex", text)
        self.path("cut.hex", text[:3001])
        self.path("hex.and.more", text + b"\nbytes: 4936\n")
        self.path("quote.b64", base64.encodebytes(quote)[:699])
        self.path("armour.cut", b"-----BEGIN QUOTE-----\n" + base64.encodebytes(quote))
        self.path("dstack.json", b'{"quote": "0x' + text + b'", "event_log": "[]"}')
        self.path("other.json", b'{"error": "no quote today"}')
        self.path("azure.half", b'{"hcl_report": "SENMQQ=="}')
        self.path("hcl.bin", b"HCLA" + bytes(1300))
        self.path("text.proto", b"header: {\n  version: 4\n}\n")
        self.path("token.jwt", b"eyJhbGciOiJSUzI1NiJ9.e30.AAAA")
        self.path("words.txt", b"root:x:0:0:root:/root:/bin/sh\n")
        self.path("empty", b"")
        if os.path.isdir(VECTORS):
            real_quote = self.bytes_of(os.path.join(VECTORS, "tdx", "phala-v4", "quote.bin"))
            self.path("joined", real_quote.rstrip(b"\0") + b"\0quote ok\n")
        self.path("tcb.cut", self.bytes_of(self.file("tcb_info.json"))[:1000])
        self.path("root.pem", b"-----BEGIN" + self.bytes_of(self.file("tcb_info_issuer_chain.pem")).split(b"-----BEGIN")[2])
        self.path("key.pem", b"-----BEGIN EC PRIVATE KEY-----\n")
        self.path("page.html", b"<html>503</html>")
        self.path("attest", b"\xffTCG\x80\x18" + bytes(90))
        self.path("signature", b"\0\x14\0\x0b\x01\0" + bytes(256))
        self.path("public.tss", b"\0\x5a\0\x23\0\x0b\0\5" + bytes(84))
        self.path("pcrs.json", b'{"tpm_alg": 99, "pcrs": {}}')
        self.path("pcrs.text", b"sha256:\n  0 : 0x00\n")
        self.path("stdin", quote[:500])
        self.path("tcb.json", self.bytes_of(self.file("tcb_info.json")))
        self.path("policy.json", b'{"require": ["genuine"]}')
        for name, pair in ("left", "lab Intel SGX Rot CA=x"), ("right", "lab Intel SGX Root CA=somebody else"):
            self.path(name, b'{"require": ["genuine"], "machine.same": {"parties": ["%s"]}}' % pair.encode())
        os.mkdir(self.path("mixed"))
        self.path("mixed/root.crl", self.bytes_of(self.file("root_ca_crl.der")))
        self.path("mixed/quote.bin", quote)

    def test_every_form_of_a_quote_is_read(self):
        self.prepare()
        quote = self.bytes_of(self.file("quote.bin"))
        text, base = quote.hex().encode(), base64.encodebytes(quote)
        rows = {"hex": b"0x" + text, "blanks": text[:64] + b"\n" + text[64:].upper(), "base64": base,
                "base64url": base64.urlsafe_b64encode(quote).rstrip(b"="),
                "armour": b"-----BEGIN QUOTE-----\n" + base + b"-----END QUOTE-----\n",
                "dstack": self.bytes_of(self.path("dstack.json")),
                "phala": b'{"signing_address": "0x00", "intel_quote": "' + text + b'", "nvidia_payload": "{}"}'}
        for name, data in rows.items():
            with self.subTest(name):
                self.accepted("verify", "-p", self.file("genuine.json"), *self.trust, "-c",
                              self.file("collateral.json"), self.path(name, data))

    def test_an_attestation_key_without_a_certificate(self):
        place = self.path("place")
        self.accepted("lab", "attack", "diverging", "--honest", "-o", place)
        parts = self.accepted("unpack", place + "/evidence.cmw", self.path("parts")).decode().split()
        self.accepted("pack", "-o", self.path("bare.cmw"), *[p for p in parts if not p.startswith("guest.cert=")])
        nonce = self.bytes_of(place + "/nonce").decode()
        self.check("no certificate", "verify -p {dir}/place/policy.json -t {dir}/place/trust.json -c "
                   "{dir}/place/collateral.json --nonce " + nonce + " {dir}/bare.cmw", 6, """
REFUSED (exit 6), SIMULATED: ak.certificate failed: missing
  where    ak_certificate certificate
  expected the attestation key's certificate
  got      none
  do       the provider alone issues one; where it did, the attester sends it
           ("situs attest --ak-cert"). Without it nobody answers for the place""")

    rows = (
        ("a certificate as evidence", VERIFY + "{lab}/pck_chain.pem", 2, """
REFUSED (exit 2): the evidence does not read: unsupported
  where    evidence
  expected a quote or a bundle
  got      a certificate in PEM
  do       an issuer's root goes into the trust file, Intel's chains are
           collateral, an attestation key's goes into the bundle (guest.cert)"""),
        ("collateral as evidence", VERIFY + "{lab}/collateral.json", 2, """
REFUSED (exit 2): the evidence does not read: unsupported
  where    evidence
  expected a quote or a bundle
  got      collateral of Intel
  do       give it beside the evidence, as collateral (--collateral)"""),
        ("a trust file as evidence", VERIFY + "{lab}/trust.json", 2, """
REFUSED (exit 2): the evidence does not read: unsupported
  where    evidence
  expected a quote or a bundle
  got      a trust file
  do       give it with --trust; "situs trust show" shows it"""),
        ("a page as evidence", VERIFY + "{dir}/page.html", 2, """
REFUSED (exit 2): the evidence does not read: unsupported
  where    evidence
  expected a quote or a bundle
  got      HTML or XML
  do       that is a server's page, not what was asked for: fetch it again"""),
        ("words as evidence", VERIFY + "{dir}/words.txt", 2, """
REFUSED (exit 2): the evidence does not read: unknown
  where    evidence
  expected a quote or a bundle: bytes, hex, base64 or JSON with a quote
  got      root:x:0:0:root:/root:/b
  do       is it the right file, and whole?"""),
        ("an empty file as evidence", VERIFY + "{dir}/empty", 2, """
REFUSED (exit 2): the evidence does not read: too-short
  where    evidence
  expected a quote or a bundle
  got      an empty file
  do       what wrote it failed: collect the evidence again"""),
        ("a quote's hex, cut, as evidence", VERIFY + "{dir}/cut.hex", 2, """
REFUSED (exit 2): the evidence does not read: malformed
  where    evidence hex
  expected hex digits in pairs
  got      an odd number of them
  do       the text was cut or wrapped within a byte: copy it again"""),
        ("hex with more behind it as evidence", VERIFY + "{dir}/hex.and.more", 2, """
REFUSED (exit 2): the evidence does not read: malformed
  where    evidence hex
  expected hex digits in pairs
  got      ytes: 4936
  do       the text is hex up to there: is something else behind it?"""),
        ("an answer without a quote as evidence", VERIFY + "{dir}/other.json", 2, """
REFUSED (exit 2): the evidence does not read: unsupported
  where    evidence
  expected a quote or a bundle
  got      JSON without a quote
  do       the member "quote" holds it in dstack's answers, "intel_quote" in
           Phala's"""),
        ("a quote with text behind it", VERIFY + "{dir}/joined", 2, """
REFUSED (exit 2): the evidence does not read: trailing
  where    quote at byte 4936
  expected nothing after it
  got      9 bytes
  do       it ends there: something else was joined to it; get it again as it
           was made"""),
        ("a quote with text behind it, shown", "show {dir}/joined", 2, """
error: {dir}/joined: quote at byte 4936: trailing: expected nothing after it, got 9 bytes
hint: it ends there: something else was joined to it; get it again as it was made
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("a platform that is out of date", "verify -p genuine --at @1769510999 -c {vectors}/tdx/gcp-cos113/collateral.json "
         "{vectors}/tdx/gcp-cos113/quote.bin", 4, """
REFUSED (exit 4): tdx.tcb failed: out-of-date
  where    collateral tcbStatus
  expected UpToDate
  got      OutOfDate, level of 2024-03-13T00:00:00Z, 7 advisories:
           INTEL-SA-01010 INTEL-SA-01036 INTEL-SA-01076 INTEL-SA-01079
           INTEL-SA-01099 and 2 more: --all
  do       update the platform: SGX component 0 ("Early Microcode Update"): 7 <
           8; SGX component 1 ("SGX Late Microcode Update"): 7 < 8; SGX
           component 4 ("BIOS"): 3 < 4 and 3 more: --all"""),
        ("an anchor misspelt in a pair of the policy", "verify -p {dir}/left -t {trust} {lab}/quote.bin", 1, """
error: policy: machine.same.parties: unknown: expected the name of an anchor of the trust file, got lab Intel SGX Rot CA
hint: did you mean "lab Intel SGX Root CA"?"""),
        ("an anchor of another trust file in a pair of the policy", "verify -p {dir}/right -t {trust} {lab}/quote.bin", 1, """
error: policy: machine.same.parties: unknown: expected the name of an anchor of the trust file, got somebody else
hint: "situs trust show" lists them; a pair of another trust file belongs into another policy"""),
        ("a TPM's log as that of a TD", VERIFY + "--ccel {vectors}/eventlogs/gcp-tdx-vtpm.bin {lab}/quote.bin", 2, """
REFUSED (exit 2): the evidence does not read: malformed
  where    log.tdx event.pcr_index at byte 765
  expected 1 to 4, RTMR0 to RTMR3
  got      0
  do       is it a TPM's log? the TD's is /sys/firmware/acpi/tables/data/CCEL"""),
        ("an empty file checked", "collateral check {dir}/empty", 1, """
error: {dir}/empty: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got an empty file
hint: "situs collateral fetch" writes it anew"""),
        ("a TCB info that is cut, checked", "collateral check -t {trust} {dir}/tcb.cut", 1, """
error: {dir}/tcb.cut: json at byte 1000: too-short: expected a character of a string, got the end
hint: the input ends too early; it was cut short, collect it again"""),
        ("a TCB info that is cut, imported", "collateral import -t {trust} {dir}/tcb.cut {dir}/new", 1, """
error: {dir}/tcb.cut: json at byte 1000: too-short: expected a character of a string, got the end
hint: the input ends too early; it was cut short, collect it again"""),
        ("a directory refreshed with a quote in it", "collateral refresh -t {trust} {dir}/mixed", 1, """
error: {dir}/mixed: quote.bin: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("file and directory swapped", "collateral import -t {trust} {lab}/collateral.json {dir}/q", 1, """
error: {dir}/lab/collateral.json: {dir}/q: missing: expected a readable directory, got Not a directory
hint: check the path and its permissions"""),
        ("a quote as anchor", "trust add --for poe -t {dir}/new.json {lab}/quote.bin", 1, """
error: {dir}/lab/quote.bin: unknown: expected a root certificate, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("a private key as anchor", "trust add --for poe -t {dir}/new.json {dir}/key.pem", 1, """
error: {dir}/key.pem: unknown: expected a root certificate, got a private key
hint: keep it to yourself: it is for who signs with it alone"""),
        ("an empty file as anchor", "trust add --for poe -t {dir}/new.json {dir}/empty", 1, """
error: {dir}/empty: unknown: expected a root certificate, got an empty file
hint: what wrote it failed: get it again"""),
        ("a use misspelt", "trust add --for poee -t {dir}/new.json {dir}/root.pem", 1, """
error: --for "poee" is not possible
hint: did you mean "poe"? uses are: tdx, snp, tpm-maker, provider, poe, list, supplier"""),
        ("a use that is none", "trust add --for everything -t {dir}/new.json {dir}/root.pem", 1, """
error: --for "everything" is not possible
hint: uses are: tdx, snp, tpm-maker, provider, poe, list, supplier"""),
        ("a chain as anchor", "trust add --for poe -t {dir}/new.json {lab}/pck_chain.pem", 1, """
error: {dir}/lab/pck_chain.pem: certificate: duplicate: expected one certificate, got several
hint: a chain has one root: put it into a file of its own"""),
        ("a quote as the trust file to extend", "trust add --for poe -t {dir}/q {dir}/root.pem", 1, """
error: {dir}/q: unknown: expected a trust file, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("a policy from a quote alone", "policy new -t {trust} -c {lab}/collateral.json --from {lab}/quote.bin", 6, """
error: the evidence has no quote of the guest's TPM
hint: run "situs attest" in a guest that has one, or pin the TD alone: --require live"""),
        ("an empty file as ownership endorsement", "poe verify -t {trust} -", 2, """
REFUSED (exit 2): the endorsement does not read: unknown
  where    -
  expected an ownership endorsement
  got      an empty file
  do       what wrote it failed: get it again""", "empty"),
        ("a quote packed twice", "pack -o {dir}/out tdx={lab}/quote.bin tdx={dir}/q", 1, """
error: {dir}/q: bundle: tdx: duplicate: expected each label once, got tdx
hint: give this item exactly once"""),
        ("a quote as the log of a TD", VERIFY + "--ccel {lab}/quote.bin {lab}/quote.bin", 2, """
REFUSED (exit 2): the evidence does not read: unknown
  where    log.tdx
  expected an event log
  got      a quote of Intel TDX or SGX
  do       it is what is appraised: give it as the evidence (in "situs pack":
           tdx)"""),
        ("evidence that lacks a member", VERIFY + "{dir}/azure.half", 2, """
REFUSED (exit 2): the evidence does not read: missing
  where    evidence tpm_quote
  expected this member
  got      nothing
  do       supply the missing item"""),
        ("a TCB info without its chain", VERIFY + "-c {dir}/tcb.json {lab}/quote-sgx-v3.bin", 3, """
REFUSED (exit 3): nothing was appraised: missing
  where    tcb.json tcbInfo
  expected a signature by a TCB signing certificate in the collateral
  got      no TCB signing certificate
  do       give the TCB info issuer chain too"""),
        ("a quote as ownership endorsement", "poe verify -t {trust} {dir}/q", 2, """
REFUSED (exit 2): the endorsement does not read: unknown
  where    {dir}/q
  expected an ownership endorsement
  got      a quote of Intel TDX or SGX
  do       it is what is appraised: give it as the evidence (in "situs pack":
           tdx)"""),
        ("a quote's hex, cut within a byte", "show {dir}/cut.hex", 2, """
error: {dir}/cut.hex: file: hex: malformed: expected hex digits in pairs, got an odd number of them
hint: the text was cut or wrapped within a byte: copy it again
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("hex with more behind it", "show {dir}/hex.and.more", 2, """
error: {dir}/hex.and.more: file: hex: malformed: expected hex digits in pairs, got ytes: 4936
hint: the text is hex up to there: is something else behind it?
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("base64 without its end", "show {dir}/quote.b64", 2, """
error: {dir}/quote.b64: file: unknown: expected a quote or a bundle: bytes, hex, base64 or JSON with a quote, got BAACAIEAAAAAAAAAk5pyM/ec
hint: is it the right file, and whole?
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("armour without its end", "show {dir}/armour.cut", 2, """
error: {dir}/armour.cut: file: armour: malformed: expected -----END QUOTE-----, got another end
hint: the text is cut, or has more than one block: copy it again
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("JSON without a quote", "show {dir}/other.json", 2, """
error: {dir}/other.json: file: unsupported: expected a quote or a bundle, got JSON without a quote
hint: the member "quote" holds it in dstack's answers, "intel_quote" in Phala's
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("an HCL report", "show {dir}/hcl.bin", 2, """
error: {dir}/hcl.bin: hcl: header.version at byte 4: unsupported: expected 1 or 2, got 0
hint: situs does not accept this form or value; see docs/LIMITS.md
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("text of a protocol buffer", "show {dir}/text.proto", 2, """
error: {dir}/text.proto: file: unsupported: expected a quote or a bundle, got the text form of a protocol buffer
hint: give the quote itself, the bytes that it was made from
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("a token", "show {dir}/token.jwt", 2, """
error: {dir}/token.jwt: file: unsupported: expected a quote or a bundle, got a token (JWT)
hint: a token is a verifier's word, no evidence of the machine
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("a file of words", "show {dir}/words.txt", 2, """
error: {dir}/words.txt: file: unknown: expected a quote or a bundle: bytes, hex, base64 or JSON with a quote, got root:x:0:0:root:/root:/b
hint: is it the right file, and whole?
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("an empty file", "show {dir}/empty", 2, """
error: {dir}/empty: file: too-short: expected a quote or a bundle, got an empty file
hint: what wrote it failed: collect the evidence again
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("a policy, shown", "show {dir}/policy.json", 2, """
error: {dir}/policy.json: file at byte 0: unknown: expected a quote, log, bundle, endorsement, list, manifest, certificate or collateral, got a policy
hint: give it with --policy; "situs policy explain" shows it
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("a trust file, shown", "show {lab}/trust.json", 2, """
error: {dir}/lab/trust.json: file at byte 0: unknown: expected a quote, log, bundle, endorsement, list, manifest, certificate or collateral, got a trust file
hint: give it with --trust; "situs trust show" shows it
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("a private key, shown", "show {lab}/channel.key.pem", 2, """
error: {dir}/lab/channel.key.pem: file at byte 0: unknown: expected a quote, log, bundle, endorsement, list, manifest, certificate or collateral, got a private key
hint: keep it to yourself: it is for who signs with it alone
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("a size before a TPM's public key", "show {dir}/public.tss", 2, """
error: {dir}/public.tss: file at byte 0: unknown: expected a quote, log, bundle, endorsement, list, manifest, certificate or collateral, got a TPM2B_PUBLIC, a size and a TPMT_PUBLIC
hint: cut the size off, two bytes: tail -c +3 FILE; then it is guest.public of "situs pack"
NOT VERIFIED: this is what the bytes say, whoever made them"""),
        ("collateral for a policy", "policy new --from {lab}/collateral.json", 2, """
error: evidence: unsupported: expected a quote or a bundle, got collateral of Intel
hint: give it beside the evidence, as collateral (--collateral)"""),
        ("collateral fetched for collateral", FETCH + "{lab}/tcb_info.json out", 2, """
error: {dir}/lab/tcb_info.json: evidence: unsupported: expected a quote or a bundle, got collateral of Intel (TCB info)
hint: give it beside the evidence, as collateral (--collateral)"""),
        ("collateral fetched for a chain", FETCH + "{lab}/pck_crl_issuer_chain.pem out", 2, """
error: {dir}/lab/pck_crl_issuer_chain.pem: evidence: unsupported: expected a quote or a bundle, got a certificate in PEM
hint: an issuer's root goes into the trust file, Intel's chains are collateral, an attestation key's goes into the bundle (guest.cert)"""),
        ("a quote as collateral", VERIFY + "-c {lab}/quote.bin {lab}/quote.bin", 1, """
error: {dir}/lab/quote.bin: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("a quote's hex as collateral", VERIFY + "-c {dir}/quote.hex {lab}/quote.bin", 1, """
error: {dir}/quote.hex: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got a quote as text
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("an answer of dstack as collateral", VERIFY + "-c {dir}/dstack.json {lab}/quote.bin", 1, """
error: {dir}/dstack.json: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got JSON with a quote
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("an empty file as collateral", VERIFY + "-c {dir}/empty {lab}/quote.bin", 1, """
error: {dir}/empty: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got an empty file
hint: "situs collateral fetch" writes it anew"""),
        ("a directory of collateral with a quote in it", VERIFY + "-c {dir}/mixed {lab}/quote.bin", 1, """
error: {dir}/mixed: quote.bin: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("a page as collateral", VERIFY + "-c {dir}/page.html {lab}/quote.bin", 1, """
error: {dir}/page.html: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got HTML or XML
hint: that is a server's page, not what was asked for: fetch it again"""),
        ("a trust file as collateral", VERIFY + "-c {lab}/trust.json {lab}/quote.bin", 1, """
error: {dir}/lab/trust.json: unknown: expected TCB infos, identities, certificates and CRLs of Intel's or AMD's, got a trust file
hint: give it with --trust; "situs trust show" shows it"""),
        ("a quote as endorsement", VERIFY + "-e {dir}/q {lab}/quote.bin", 1, """
error: {dir}/q at byte 0: unknown: expected an ownership endorsement, a machine list, a revocation list, a CRL, a Google host document, a token of Azure Attestation, an alliance token, an alliance list, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("a quote's hex as endorsement", VERIFY + "-e {dir}/quote.hex {lab}/quote.bin", 1, """
error: {dir}/quote.hex: unknown: expected an ownership endorsement, a machine list, a revocation list, a CRL, a Google host document, a token of Azure Attestation, an alliance token, an alliance list, got a quote as text
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("collateral as endorsement", VERIFY + "-e {dir}/tcb.json {lab}/quote.bin", 1, """
error: {dir}/tcb.json at byte 0: unknown: expected an ownership endorsement, a machine list, a revocation list, a CRL, a Google host document, a token of Azure Attestation, an alliance token, an alliance list, got collateral of Intel (TCB info)
hint: give it beside the evidence, as collateral (--collateral)"""),
        ("a policy as endorsement", VERIFY + "-e {dir}/policy.json {lab}/quote.bin", 1, """
error: {dir}/policy.json at byte 0: unknown: expected an ownership endorsement, a machine list, a revocation list, a CRL, a Google host document, a token of Azure Attestation, an alliance token, an alliance list, got a policy
hint: give it with --policy; "situs policy explain" shows it"""),
        ("a quote as policy", "verify -p {lab}/quote.bin {lab}/quote.bin", 1, """
error: {dir}/lab/quote.bin: unknown: expected a policy, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("a trust file as policy", "verify -p {lab}/trust.json {lab}/quote.bin", 1, """
error: {dir}/lab/trust.json: unknown: expected a policy, got a trust file
hint: give it with --trust; "situs trust show" shows it"""),
        ("a policy as trust file", "verify -p genuine -t {dir}/policy.json {lab}/quote.bin", 1, """
error: {dir}/policy.json: unknown: expected a trust file, got a policy
hint: give it with --policy; "situs policy explain" shows it"""),
        ("a certificate as trust file", "verify -p genuine -t {lab}/pck_chain.pem {lab}/quote.bin", 1, """
error: {dir}/lab/pck_chain.pem: unknown: expected a trust file, got a certificate
hint: "situs trust add --for USE CERTIFICATE --trust FILE" makes it an anchor of a trust file"""),
        ("a TPM's files, swapped", "pack -o {dir}/out guest.attest={dir}/signature guest.signature={dir}/attest", 2, """
error: {dir}/signature: guest.attest: unknown: expected a TPM's quote (TPMS_ATTEST), got a TPM's signature (TPMT_SIGNATURE)
hint: it is a part of a TPM's evidence: "situs pack guest.signature=FILE" makes it a bundle"""),
        ("a TPM's public key with its size", "pack -o {dir}/out guest.attest={dir}/attest guest.public={dir}/public.tss", 2, '''
error: {dir}/public.tss: guest.public: unknown: expected a TPM's public key (TPMT_PUBLIC), got a TPM2B_PUBLIC, a size and a TPMT_PUBLIC
hint: cut the size off, two bytes: tail -c +3 FILE; then it is guest.public of "situs pack"'''),
        ("registers of an unknown bank", "pack -o {dir}/out guest.pcrs={dir}/pcrs.json", 2, """
error: {dir}/pcrs.json: guest.pcrs: json: unknown: expected tpm_alg of SHA-1, SHA-256, SHA-384 or SHA-512, got 99
hint: write {"sha256": {"0": HEX, ...}}, with every register that was quoted"""),
        ("registers in another form", "pack -o {dir}/out guest.pcrs={dir}/pcrs.text", 2, """
error: {dir}/pcrs.text: guest.pcrs: json at byte 3: malformed: expected JSON (RFC 8259), got '[' or '{' expected near 'sha'
hint: write {"sha256": {"0": HEX, ...}}, with every register that was quoted"""),
        ("a part without the others", "pack -o {dir}/out guest.attest={dir}/attest", 2, """
error: guest.signature: missing: expected a file, got none
hint: attest, signature and pcrs are what every TPM quote has"""),
        ("a part that there is not", "pack -o {dir}/out guest.quote={dir}/attest", 1, """
error: {dir}/attest: guest.quote: unknown: expected the parts attest, signature, public, pcrs or cert, got guest.quote
hint: the name or value is not one that situs knows; check its spelling"""),
        ("a TPM's quote in the place of a TEE's", "pack -o {dir}/out tdx={dir}/attest", 2, """
error: {dir}/attest: evidence: unsupported: expected a quote or a bundle, got a TPM's quote (TPMS_ATTEST)
hint: it is a part of a TPM's evidence: "situs pack guest.attest=FILE" makes it a bundle"""),
        ("a quote in the place of a log", "pack -o {dir}/out tdx={lab}/quote.bin log.tdx={lab}/quote.bin", 2, """
error: {dir}/lab/quote.bin: log.tdx: unknown: expected an event log, got a quote of Intel TDX or SGX
hint: it is what is appraised: give it as the evidence (in "situs pack": tdx)"""),
        ("a quote's hex, cut, to be packed", "pack -o {dir}/out tdx={dir}/cut.hex", 2, """
error: {dir}/cut.hex: evidence: hex: malformed: expected hex digits in pairs, got an odd number of them
hint: the text was cut or wrapped within a byte: copy it again"""),
        ("a quote that is cut", "pack -o {dir}/out tdx=-", 2, """
error: quote: body at byte 48: too-short: expected 584 bytes, got 452 bytes
hint: the input ends too early; it was cut short, collect it again""", "stdin"),
        ("a policy to be packed", "pack -o {dir}/out x={dir}/policy.json", 1, """
error: "x={dir}/policy.json": no such label, and the file is a policy
hint: write LABEL=FILE; labels: tdx, snp, guest, platform, log.tdx, log.guest, log.platform, channel, any other for collateral, CRLs and endorsements; or the parts of guest or platform: guest.attest, guest.signature, guest.public, guest.pcrs, guest.cert"""),
        ("a quote to take apart", "unpack {lab}/quote.bin {dir}/new", 2, """
error: {dir}/lab/quote.bin: unknown: expected a bundle, got a quote alone
hint: there is nothing to take apart; "situs show" prints what it says"""),
        ("collateral to take apart", "unpack {lab}/collateral.json {dir}/new", 2, """
error: {dir}/lab/collateral.json: evidence: unsupported: expected a quote or a bundle, got collateral of Intel
hint: give it beside the evidence, as collateral (--collateral)"""),
        ("no place to unpack to", "unpack {lab}/quote.bin", 1, """
error: say where to: a directory for all, or --item LABEL and -o FILE for one
hint: situs unpack {dir}/lab/quote.bin DIR"""),
        ("an FMSPC that is none", "collateral fetch --fmspc 00806f {dir}/new", 1, """
error: --fmspc "00806f" is not possible
hint: an FMSPC is 12 hex digits; "situs show QUOTE" prints it"""),
        ("an FMSPC and no CA", "collateral fetch --fmspc 00806f050000 {dir}/new", 1, """
error: --ca is missing: Intel has two CAs of PCK certificates
hint: servers with several packages, and all with TDX, are of: platform; else processor"""),
        ("nothing to fetch for", "collateral fetch {dir}/new", 1, """
error: --for EVIDENCE is missing
hint: the quote names the platform that the collateral is for; else give --fmspc and --ca, or --product"""),
        ("a directory that is not there, refreshed", "collateral refresh {dir}/new", 1, """
error: {dir}/new: missing: expected a readable file, got No such file or directory
hint: check the path and its permissions"""),
    )


if __name__ == "__main__":
    main()
