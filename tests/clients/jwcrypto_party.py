"""A relying party by python3-jwcrypto: TOKEN ISSUER AUDIENCE POLICY PEER; exit 0: admitted, 9: refused."""
import json
import sys
import urllib.request

from jwcrypto import jwk, jwt
from jwcrypto.common import JWException

token, issuer, audience, policy, peer = sys.argv[1:]
keys = jwk.JWKSet.from_json(urllib.request.urlopen(issuer + "/.well-known/jwks.json").read())
try:
    read = jwt.JWT(algs=["ES256"], check_claims={"iss": issuer, "aud": audience, "exp": None, "nbf": None, "cnf": None,
                                                 "situs_policy": policy, "ear_status": "affirming"})
    read.leeway = 0
    read.deserialize(token, keys)
    shown = jwk.JWK.from_pem(open(peer, "rb").read())
    if jwk.JWK(**json.loads(read.claims)["cnf"]["jwk"]).thumbprint() != shown.thumbprint():
        raise JWException("another bearer")
except (JWException, ValueError) as e:
    print("refused:", type(e).__name__, e)
    sys.exit(9)
print("admitted")
