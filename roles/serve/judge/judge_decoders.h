/*
 * OpenSSL reads each key of a certificate by a search through all of its decoders (OSSL_DECODER_CTX_new_for_pkey(3)), most
 * of which are for PEM, private keys and formats of others. OpenSSL 3.0 makes that search anew for every key, and it takes
 * longer than three signatures.
 */
#ifndef SITUS_SERVE_JUDGE_DECODERS_H
#define SITUS_SERVE_JUDGE_DECODERS_H

/* judge_decoders lets this process, and what it forks, find those for SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) alone: the same
 * that would read a certificate's key else. All other algorithms are as before; so is everything where it fails. */
void judge_decoders(void);

#endif
