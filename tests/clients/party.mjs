// What the relying parties of Node have in common: what they are asked, what of a token's claims they look at, their word.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK } from 'jose';

export function asked() {
    const [token, issuer, audience, policy, peer] = process.argv.slice(2);
    return { token, issuer, audience, policy, peer };
}

// holds throws unless a policy's affirming token is in the hands of its holder (RFC 7800, 3.2): peer is a file with the
// public key that TLS showed.
export async function holds(claims, { policy, peer }) {
    if (claims.situs_policy !== policy) throw new Error('another policy');
    if (claims.ear_status !== 'affirming') throw new Error('not affirming');
    const shown = await exportJWK(createPublicKey(readFileSync(peer)));
    if (await calculateJwkThumbprint(claims.cnf.jwk) !== await calculateJwkThumbprint(shown))
        throw new Error('another bearer');
}

// admit says which it is: exit 0 or 9. Anything else is no answer.
export async function admit(check) {
    try {
        await check();
        console.log('admitted');
    } catch (e) {
        console.log(`refused: ${e.code ?? ''} ${e.claim ?? ''} ${e.message}`);
        process.exitCode = 9;
    }
}
