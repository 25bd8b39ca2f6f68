/* How OpenSSL starts in a program that only reads and verifies, and before others of it are forked. */
#ifndef SITUS_CRYPTO_BARE_H
#define SITUS_CRYPTO_BARE_H

/*
 * crypto_bare makes OpenSSL start without its configuration file and its texts of errors, which cost
 * a process as much as two signatures: before anything else of it is called. It is for a program that
 * neither speaks TLS nor signs by tokens, and shows no text of OpenSSL's.
 */
void crypto_bare(void);

/*
 * crypto_warm lets OpenSSL make now what it makes when its first key is read and its first signature verified, lists of
 * algorithms and decoders, which cost as much as ten signatures: for a process whose children do so.
 */
void crypto_warm(void);

#endif
