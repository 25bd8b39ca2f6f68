"""A CA of one's own and its CRLs, by openssl(1)."""
import subprocess


def crl(case, name, *life):
    """A CRL (DER) of the CA that authority made; life is openssl's words for it."""
    out = case.path(f"{name}.crl")
    config = case.path("ca.cnf", f"[ca]\ndefault_ca=c\n[c]\ndatabase={case.path('index', b'')}\ndefault_md=sha384\n"
                       f"crlnumber={case.path('number', b'01')}\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n".encode())
    for words in (["ca", "-gencrl", "-config", config, "-keyfile", case.path(f"{name}.key"), "-cert", case.path(f"{name}.pem"),
                   *(life or ("-crldays", "7")), "-out", out], ["crl", "-in", out, "-outform", "der", "-out", out]):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    return case.bytes_of(out)


def authority(case, name):
    """A CA's certificate (PEM) and its CRL (DER)."""
    pem = case.path(f"{name}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-keyout",
                    case.path(f"{name}.key"), "-out", pem, "-subj", f"/CN={name}", "-days", "30"], check=True,
                   capture_output=True)
    with open(pem) as f:
        return f.read(), crl(case, name)
