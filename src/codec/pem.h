/*
 * Textual encodings (RFC 7468, 3): a line BEGIN, base64, a line END, both of one label. White space
 * may stand in the base64 and around blocks, and nothing else; where lines break is not looked at.
 */
#ifndef SITUS_CODEC_PEM_H
#define SITUS_CODEC_PEM_H

#include "base/arena.h"
#include "base/rd.h"
#include "base/wr.h"

#define PEM_BEGINS "-----BEGIN "
#define PEM_BEGIN(label) PEM_BEGINS label "-----"
#define PEM_CERTIFICATE "CERTIFICATE"
#define PEM_CRL "X509 CRL"

/* pem_space skips white space; returns how many bytes are left. */
size_t pem_space(struct rd *r);

/* pem_find moves the cursor to the next block of the label, over whatever text stands before it
 * (RFC 7468, 5.2). False, and the cursor stays, when there is none. */
bool pem_find(struct rd *r, const char *label);

/* pem_body is what stands between the lines of the block at the cursor, which moves behind it. The
 * code is for something else in the place of the first line; too-short where the last is cut off. */
struct span pem_body(struct rd *r, const char *label, enum situs_code code, const char *field);

/* pem_decode decodes a body into the arena. at is its offset in the part. */
bool pem_decode(struct rd *r, struct span body, size_t at, const char *field, struct arena *a,
                struct span *der);

/* pem_block is pem_body and pem_decode; malformed where there is no such block. */
bool pem_block(struct rd *r, const char *label, const char *field, struct arena *a,
               struct span *der);

/* pem_whole is what stands between the lines of a text that is one block, of whatever label, up to
 * its last byte; it may have any characters. Malformed, without an offset, where it ends otherwise. */
struct span pem_whole(struct rd *r, const char *field);

/* pem_write writes a block, 64 characters a line (RFC 7468, 2). */
void pem_write(struct wr *w, const char *label, struct span der);

/* pem_character is the offset in a body of the character that holds the first bits of byte n of
 * what it encodes. */
size_t pem_character(struct span body, size_t n);

#endif
