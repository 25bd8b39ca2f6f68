/* How OpenSSL starts in a program that only reads and verifies. */
#ifndef SITUS_CRYPTO_BARE_H
#define SITUS_CRYPTO_BARE_H

/*
 * crypto_bare makes OpenSSL start without its configuration file and its texts of errors, which cost
 * a process as much as two signatures: before anything else of it is called. It is for a program that
 * neither speaks TLS nor signs by tokens, and shows no text of OpenSSL's.
 */
void crypto_bare(void);

#endif
