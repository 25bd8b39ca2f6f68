/* Base64url (RFC 4648 5); see base64url.h. */
#include "codec/base64url.h"

#include "base/text.h"

#define CHUNK 1024 /* digits that are turned at once; a multiple of four */

bool base64url_read(uint8_t *out, size_t room, size_t *size, struct span in)
{
    uint8_t chunk[CHUNK];
    size_t n = 0;
    *size = 0;
    for (size_t i = 0; i < in.n; i += CHUNK) {
        size_t digits = in.n - i < CHUNK ? in.n - i : CHUNK, got = 0;
        for (size_t j = 0; j < digits; j++) {
            uint8_t c = in.p[i + j];
            if (c == '+' || c == '/' || c == '=')
                return false;
            chunk[j] = c == '-' ? '+' : c == '_' ? '/' : c;
        }
        while (digits % 4)
            chunk[digits++] = '=';
        if (!text_base64_read(out + n, room - n, &got, span_of(chunk, digits), false))
            return false;
        n += got;
    }
    *size = n;
    return true;
}

void base64url_write(struct wr *w, struct span s)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < s.n; i += 3) { /* RFC 4648 4: 24 bits as four digits, or fewer */
        size_t n = s.n - i < 3 ? s.n - i : 3;
        uint32_t bits = (uint32_t)s.p[i] << 16;
        if (n > 1)
            bits |= (uint32_t)s.p[i + 1] << 8;
        if (n > 2)
            bits |= s.p[i + 2];
        for (size_t digit = 0; digit <= n; digit++)
            wr_u8(w, (uint8_t)alphabet[bits >> (18 - 6 * digit) & 63]);
    }
}
