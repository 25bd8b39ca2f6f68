"""Wrong words on the command line: commands, options, their values."""
from situs_run import main
from wrong_inputs import WrongInputs


class Words(WrongInputs):
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
error: channel: 127.0.0.1: malformed: expected HOST:PORT, got something else
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("a URL as address", 'connect https://vm.example -p genuine', 1, """
error: channel: https://vm.example: malformed: expected a port, 0 to 65535, got //vm.example
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("a port of 17 bits", 'connect 127.0.0.1:99999 -p genuine', 1, """
error: channel: 127.0.0.1:99999: malformed: expected a port, 0 to 65535, got 99999
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("nobody listens", 'connect 127.0.0.1:1 -p genuine', 7, """
error: channel: 127.0.0.1:1: missing: expected a peer that answers, got Connection refused
hint: does it listen there (situs attest --listen), and may this machine reach it?"""),
        ("no time at all", 'connect 127.0.0.1:1 -p genuine --timeout 0', 1, """
error: timeout: not-allowed: expected 1 to 3600, got 0
hint: write a whole number within these bounds"""),
        ("a nonce of one byte to attest", 'attest --nonce 00 -o {dir}/x', 1, """
error: nonce: malformed: expected 64 hex digits, got something else
hint: the nonce is whose who asks: "situs challenge" prints one there"""),
        ("a port of 17 bits to listen on", 'attest --listen 127.0.0.1:99999', 1, """
error: channel: 127.0.0.1:99999: malformed: expected a port, 0 to 65535, got 99999
hint: addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777"""),
        ("quiet and JSON", 'verify -q -j -p genuine x', 1, """
error: --quiet prints nothing, and --json JSON
hint: give one of them"""),
        ("a nonce of one byte", 'verify -p genuine --nonce 00 x', 1, """
error: --nonce is not 64 hex digits
hint: "situs challenge" prints one"""),
        ("a nonce of 64 bytes", 'verify -p genuine --nonce 11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111 x', 1, """
error: --nonce is not 64 hex digits
hint: "situs challenge" prints one"""),
        ("a nonce with 0x", 'verify -p genuine --nonce 0x1111111111111111111111111111111111111111111111111111111111111111 x', 1, """
error: --nonce is not 64 hex digits
hint: "situs challenge" prints one"""),
        ("a nonce in base64", 'verify -p genuine --nonce ERERERERERERERERERERERERERERERERERERERERERE= x', 1, """
error: --nonce is not 64 hex digits
hint: "situs challenge" prints one"""),
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
        ("a device as evidence", 'verify -p genuine /dev/null', 1, """
error: /dev/null: missing: expected a regular file or a pipe, got a device or socket
hint: check the path and its permissions"""),
    )


if __name__ == "__main__":
    main()
