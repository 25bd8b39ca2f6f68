"""Wrong policies and trust files, as people write them: line, key and what was meant."""
from situs_run import main
from wrong_inputs import WrongInputs

FILES = {
    "requires": '{\n "requires": ["live"]\n}\n',
    "ownr": '{"require": ["genuine"],\n "poe.ownr": {"allow": ["a=b"]}}\n',
    "lively": '{\n "require": ["lively"]\n}\n',
    "text": '{"require": ["genuine"],\n "tdx.tcb": {"accept": "UpToDate"}}\n',
    "comma": '{"require": ["genuine"],\n "tdx.tcb": {"accept": ["UpToDate"],},\n}\n',
    "yaml": 'require:\n  - genuine\n',
    "comment": '{\n  // mine\n  "require": ["genuine"]\n}\n',
    "edk2": '{"require": ["live"],\n "ref.guest": {"images": [{"name": "a", "mrtd": "%s",\n  "rtmr": ["%s", "%s", "%s", "%s"],\n'
            '  "closed": {"by": "me"},\n  "profile": "edk2"}]}}\n' % (("11" * 48,) * 5),
    "list": '[]\n', "empty": '{}\n',
    "member": '{"require": ["genuine"],\n "tdx.tcb": {\n  "grace_day": 3}}\n',
    "anchor": '{"builtin": true,\n "anchors": [\n  {"nam": "x"}]}\n',
}
OBJECT = 'hint: a policy is one JSON object, {"require": [...]}: "situs policy new" writes one'
CHECK = "policy check {dir}/"
AT = "error: {dir}/"


class Policies(WrongInputs):
    rows = (
        ("a trust file that is PEM", "verify -p genuine -t {lab}/pck_chain.pem {lab}/quote.bin", 1, AT + """lab/pck_chain.pem: \
unknown: expected a trust file, got a certificate
hint: "situs trust add --for USE CERTIFICATE --trust FILE" makes it an anchor of a trust file"""),
        ("no key of a policy", CHECK + "requires", 1, AT + """requires:2:2: policy: requires: unknown: expected a known key, got requires
hint: did you mean "require"?"""),
        ("no key that is far down the table", CHECK + "ownr", 1, AT + """ownr:2:2: policy: poe.ownr: unknown: expected a known key, got poe.ownr
hint: did you mean "poe.owner"?"""),
        ("no parameter", CHECK + "member", 1, AT + """member:3:3: policy: tdx.tcb.grace_day: unknown: expected a known key, got grace_day
hint: did you mean "grace_days"?"""),
        ("no proof", CHECK + "lively", 1, AT + """lively:2:14: policy: require[0]: unknown: expected a known proof, got lively
hint: proofs are: genuine, live, bound, host-measured, co-located, listed, owned, vouched, continuous"""),
        ("text for a list", CHECK + "text", 1, AT + """text:2:14: policy: tdx.tcb.accept: malformed: expected an array, got text
hint: a list stands in brackets, also one of one element: ["..."]"""),
        ("a comma too many", CHECK + "comma", 1, AT + """comma:2:38: policy: json: malformed: expected JSON (RFC 8259), got \
string or '}' expected near '}'
hint: after the last element stands no comma"""),
        ("YAML", CHECK + "yaml", 1, AT + """yaml:1:8: policy: json: malformed: expected JSON (RFC 8259), got '[' or '{' \
expected near 'require'
""" + OBJECT),
        ("a comment", CHECK + "comment", 1, AT + """comment:2:4: policy: json: malformed: expected JSON (RFC 8259), got \
string or '}' expected near '/'
hint: JSON has no comments: take them out"""),
        ("a firmware that nothing can bind", CHECK + "edk2", 1, AT + """edk2:5:3: policy: ref.guest.images[0].profile: unknown: \
expected a firmware that measures to TD and TPM alike: gcp, lab, got edk2
hint: upstream OVMF measures to the TD instead of the TPM: nothing can bind them by measurements; on bare metal leave profile out"""),
        ("a list", CHECK + "list", 1, AT + """list: policy: json: malformed: expected an object, got an array
""" + OBJECT),
        ("nothing required", CHECK + "empty", 1, AT + """empty: policy: require: missing: expected at least one proof, got nothing
hint: proofs are: genuine, live, bound, host-measured, co-located, listed, owned, vouched, continuous"""),
        ("no key of an anchor", "trust show {dir}/anchor", 1, AT + """anchor:3:4: trust: anchors[0].nam: unknown: expected a known key, \
got nam
hint: did you mean "name"?"""),
        ("a template's name as policy", "verify -p live {lab}/quote.bin", 1, """
error: no policy file and no preset is called "live"
hint: presets: genuine; "situs policy new" writes others, from evidence or (--template) as a form to fill in"""),
    )

    def prepare(self):
        for name, text in FILES.items():
            self.path(name, text.encode())


if __name__ == "__main__":
    main()
