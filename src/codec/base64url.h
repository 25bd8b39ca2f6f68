/* Base64 with the URL alphabet and no padding (RFC 4648 5), as JOSE and CMW write bytes. */
#ifndef SITUS_CODEC_BASE64URL_H
#define SITUS_CODEC_BASE64URL_H

#include "base/wr.h"

/* base64url_read decodes in into out of room bytes and sets *size; false on padding, white space,
 * another alphabet, unused bits that are set, or too little room. */
bool base64url_read(uint8_t *out, size_t room, size_t *size, struct span in);

/* base64url_write writes the form of s. */
void base64url_write(struct wr *w, struct span s);

#define BASE64URL_SIZE(n) (((n)*4 + 2) / 3) /* letters of n bytes */

#endif
