// A relying party by openid-client: it finds issuer and keys by discovery; jose, which it rests on, checks the token.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { admit, asked, holds } from './party.mjs';

const a = asked();
const config = await client.discovery(new URL(a.issuer), 'relying-party', undefined, client.None());
const found = config.serverMetadata();
await admit(async () => {
    const { payload } = await jwtVerify(a.token, createRemoteJWKSet(new URL(found.jwks_uri)), {
        issuer: found.issuer, audience: a.audience, algorithms: found.id_token_signing_alg_values_supported,
        requiredClaims: ['exp', 'nbf', 'cnf'],
    });
    await holds(payload, a);
});
