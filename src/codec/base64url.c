/* Base64url (RFC 4648 5); see base64url.h. */
#include "codec/base64url.h"

#include "base/text.h"

bool base64url_read(uint8_t *out, size_t room, size_t *size, struct span in)
{
    size_t n = 0;
    *size = 0;
    for (size_t i = 0; i < in.n; i += 4) {
        uint8_t group[] = {'=', '=', '=', '='};
        size_t digits = in.n - i < 4 ? in.n - i : 4, got = 0;
        for (size_t j = 0; j < digits; j++) {
            uint8_t c = in.p[i + j];
            if (c == '+' || c == '/' || c == '=')
                return false;
            group[j] = c == '-' ? '+' : c == '_' ? '/' : c;
        }
        if (!text_base64_read(out + n, room - n, &got, SPAN_ARR(group), false))
            return false;
        n += got;
    }
    *size = n;
    return true;
}
