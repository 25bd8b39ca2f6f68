// A relying party by jose: keys from the issuer's key set, the rest from what its operator wrote down.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { admit, asked, holds } from './party.mjs';

const a = asked();
const keys = createRemoteJWKSet(new URL(a.issuer + '/.well-known/jwks.json'));
await admit(async () => {
    const { payload } = await jwtVerify(a.token, keys, {
        issuer: a.issuer, audience: a.audience, algorithms: ['ES256'], typ: 'eat+jwt',
        requiredClaims: ['exp', 'nbf', 'cnf'],
    });
    await holds(payload, a);
});
