"""Wrong words on the command line: commands, options, their values."""
import os
import subprocess

from situs_run import PLAIN, main
from wrong_inputs import WrongInputs


class Words(WrongInputs):
    def prepare(self):
        os.mkdir(self.path("empty"))

    rows = (
        ("no command", "", 1, """
error: no command given
hint: "situs help" lists the commands"""),
        ("a command misspelt", "verfy", 1, """
error: unknown command "verfy"
hint: did you mean "situs verify"?"""),
        ("a word that is near to none", "foo", 1, """
error: unknown command "foo"
hint: "situs help" lists the commands"""),
        ("nothing to verify", "verify", 1, """
error: "situs verify" needs an argument
hint: usage: situs verify INPUT --policy FILE|PRESET [--collateral FILE|DIR]... [OPTIONS]"""),
        ("an address without a port", 'connect 127.0.0.1 -p genuine', 1, """
error: channel: 127.0.0.1: malformed: expected HOST:PORT, got no port
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("a URL as address", 'connect https://vm.example -p genuine', 1, """
error: channel: https://vm.example: malformed: expected a port, 1 to 65535, got //vm.example
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("an IPv6 address without brackets", 'connect ::1:77 -p genuine', 1, """
error: channel: ::1:77: malformed: expected HOST:PORT, got an IPv6 address without its brackets
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("a bracket that does not close", 'connect [::1:77 -p genuine', 1, """
error: channel: [::1:77: malformed: expected HOST:PORT, got an IPv6 address without its brackets
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("no host", 'connect :77 -p genuine', 1, """
error: channel: :77: malformed: expected HOST:PORT, got no host
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("a port where nobody can listen", 'connect localhost:0 -p genuine', 1, """
error: channel: localhost:0: malformed: expected a port, 1 to 65535, got 0
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("help of a command misspelt", 'help verfy', 1, """
error: unknown command "verfy"
hint: did you mean "situs verify"?"""),
        ("help of a second word misspelt", 'help fleet ad', 1, """
error: unknown command "fleet ad"
hint: did you mean "situs fleet add"?"""),
        ("a host with nothing said", 'host provision', 1, """
error: --tcti, --registrar, --state are needed, and --authority only with --approval
hint: as: situs host provision --tcti device:/dev/tpmrm0 --registrar SOCKET --state DIR; see situs-host(1)"""),
        ("an agent with nothing said", 'host run', 1, """
error: --dir, --vms, --qgs, --tcti and --state are needed
hint: as: situs host run --dir DIR --vms FILE --qgs SOCKET --tcti device:/dev/tpmrm0 --state DIR; see situs-host(1)"""),
        ("a registrar with nothing said", 'registrar', 1, """
error: --state is missing
hint: add --state, as the examples of situs-registrar(1) do"""),
        ("an inventory that is not there", 'fleet list --db {dir}/none.db', 1, """
error: fleet: db: missing: expected an inventory at this path, got {dir}/none.db
hint: check the path; "situs fleet init" makes a new one"""),
        ("a port of 17 bits", 'connect 127.0.0.1:99999 -p genuine', 1, """
error: channel: 127.0.0.1:99999: malformed: expected a port, 1 to 65535, got 99999
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("nobody listens", 'connect 127.0.0.1:1 -p genuine', 7, """
error: channel: 127.0.0.1:1: missing: expected a peer that answers, got Connection refused
hint: does it listen there (situs attest --listen), and may this machine reach it?"""),
        ("no time at all", 'connect 127.0.0.1:1 -p genuine --timeout 0', 1, """
error: timeout: not-allowed: expected 1 to 3600, got 0
hint: write a whole number within these bounds"""),
        ("a nonce of one byte to attest", 'attest --nonce 00 -o {dir}/x', 1, """
error: --nonce is not 8 to 64 bytes in hex or base64url
hint: that is 16 to 128 hex digits, without 0x; "situs challenge" prints one"""),
        ("a port of 17 bits to listen on", 'attest --listen 127.0.0.1:99999', 1, """
error: channel: 127.0.0.1:99999: malformed: expected a port, 0 to 65535, got 99999
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("quiet and JSON", 'verify -q -j -p genuine x', 1, """
error: --quiet prints nothing, and --json JSON
hint: give one of them"""),
        ("a nonce of one byte", 'verify -p genuine --nonce 00 x', 1, """
error: --nonce is not 8 to 64 bytes in hex or base64url
hint: that is 16 to 128 hex digits, without 0x; "situs challenge" prints one"""),
        ("a nonce of 65 bytes", 'verify -p genuine --nonce 1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111 x', 1, """
error: --nonce is not 8 to 64 bytes in hex or base64url
hint: that is 16 to 128 hex digits, without 0x; "situs challenge" prints one"""),
        ("a nonce with 0x", 'verify -p genuine --nonce 0x1111111111111111111111111111111111111111111111111111111111111111 x', 1, """
error: --nonce is not 8 to 64 bytes in hex or base64url
hint: that is 16 to 128 hex digits, without 0x; "situs challenge" prints one"""),
        ("a nonce in base64", 'verify -p genuine --nonce ERERERERERERERERERERERERERERERERERERERERERE= x', 1, """
error: --nonce is not 8 to 64 bytes in hex or base64url
hint: base64url has - and _, and no padding; "situs challenge" prints one in hex"""),
        ("no policy", 'verify x', 1, """
error: --policy is missing: a verdict needs to know what to demand
hint: presets: genuine; "situs policy explain PRESET" says what each demands"""),
        ("a preset misspelt", 'verify -p genuin x', 1, """
error: no policy file and no preset is called "genuin"
hint: did you mean "genuine"? presets: genuine"""),
        ("an option misspelt", 'verify --jsn x', 1, """
error: unknown option "--jsn" of "situs verify"
hint: did you mean --json?"""),
        ("an option twice", 'verify -p genuine -p genuine x', 1, """
error: option --policy is given twice
hint: give it once"""),
        ("no such evidence", 'verify -p genuine {dir}/none', 1, """
error: {dir}/none: missing: expected a readable file, got No such file or directory
hint: check the path and its permissions"""),
        ("a long path", 'verify -p genuine {dir}/a-directory-of-a-name-that-no-error-keeps-whole/none', 1, """
error: {dir}/a-directory-of-a-name-that-no-error-keeps-whole/none: missing: expected a readable file, got No such file or directory
hint: check the path and its permissions"""),
        ("a long path behind a letter", 'verify -p genuine -t{dir}/a-directory-of-a-name-that-no-error-keeps-whole/none x', 1, """
error: {dir}/a-directory-of-a-name-that-no-error-keeps-whole/none: missing: expected a readable file, got No such file or directory
hint: check the path and its permissions"""),
        ("a long path behind a label", 'pack -o {dir}/x tdx={dir}/a-directory-of-a-name-that-no-error-keeps-whole/none', 1, """
error: {dir}/a-directory-of-a-name-that-no-error-keeps-whole/none: missing: expected a readable file, got No such file or directory
hint: check the path and its permissions"""),
        ("a long path of an endorsement", 'verify -p genuine -e {dir}/a-directory-of-a-name-that-no-error-keeps-whole/none {lab}/quote.bin', 1, """
error: {dir}/a-directory-of-a-name-that-no-error-keeps-whole/none: missing: expected a readable file, got No such file or directory
hint: check the path and its permissions"""),
        ("a long path in the place of an option's file", 'verify -p genuine --channel={dir}/a-directory-of-a-name-that-no-error-keeps-whole/none {lab}/quote.bin', 1, """
error: {dir}/a-directory-of-a-name-that-no-error-keeps-whole/none: missing: expected a readable file, got No such file or directory
hint: check the path and its permissions"""),
        ("a device as evidence", 'verify -p genuine /dev/null', 1, """
error: /dev/null: missing: expected a regular file or a pipe, got a device or socket
hint: check the path and its permissions"""),
        ("no collateral", 'verify -p {lab}/genuine.json -t {trust} {lab}/quote.bin', 3, """
REFUSED (exit 3): tdx.pck-chain failed: missing
  where    quote crl.root
  expected the CRL of the root CA
  got      no such CRL in the collateral
  do       give --collateral auto, or what "situs collateral fetch" gets
  and      1 more reason against it: --all"""),
        ("a nonce of zeros", 'verify -p {lab}/genuine.json -t {trust} -c {lab}/collateral.json --nonce 0000000000000000000000000000000000000000000000000000000000000000 {lab}/quote.bin', 6, """
REFUSED (exit 6), SIMULATED: fresh.nonce failed: not-allowed
  where    nonce value
  expected bytes that nobody could foretell
  got      zero bytes
  do       issue a challenge with "situs challenge", or fill the buffer that was
           sent"""),
        ("a word that is no number seen", 'verify -p {lab}/genuine.json -t {trust} --list-seen foo=-1 {lab}/quote.bin', 1, """
error: --list-seen "foo=-1" is not KIND:ANCHOR[/SUBJECT][=FACILITY]=NUMBER
hint: copy list.seen or poe.revocation_seen of the last report; within a name write : / = % as %3A %2F %3D %25"""),
        ("a directory without collateral", 'verify -p {lab}/genuine.json -t {trust} -c {dir}/empty {lab}/quote.bin', 1, """
error: {dir}/empty: missing: expected collateral in the directory, got no files
hint: "situs collateral fetch" and "import" fill one"""),
    )

    def test_an_option_makes_the_lab_no_folder(self):
        for program in ("LAB_INTEL", "LAB_FLEET"):
            for words in (["--help"], ["-h", "@1800000000"], ["-"], ["--cases", "@1800000000"]):
                here = self.path(f"{program}{'.'.join(words)}")
                os.mkdir(here)
                done = subprocess.run([os.environ[program], *words], cwd=here, capture_output=True, text=True, env=PLAIN)
                with self.subTest(program=program, words=words):
                    self.assertEqual((done.returncode, done.stdout, os.listdir(here)), (1, "", []))
                    self.assertIn(" DIR [@UNIX", done.stderr)


if __name__ == "__main__":
    main()
