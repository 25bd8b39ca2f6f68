/* Text of others; see letters.h. */
#include "base/letters.h"

#include "base/text.h"

/* hides says that a code point is not seen, or moves what is: controls, marks of direction (Unicode
 * TR 9), separators of lines, signs without width, tags; or would end the quotation of a name. */
static bool hides(uint32_t v)
{
    static const uint32_t spans[][2] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},
                                        {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
                                        {0x201c, 0x201f}, {0x2028, 0x202e}, {0x2060, 0x206f},
                                        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (v >= spans[i][0] && v <= spans[i][1])
            return true;
    return false;
}

void letters_show(struct wr *w, struct span s, size_t most)
{
    static const uint8_t first[] = {0x7f, 0x1f, 0xf, 7};
    bool utf8 = text_utf8(s);
    for (size_t i = 0, more; i < s.n; i += more + 1) {
        more = !utf8 || s.p[i] < 0x80 ? 0 : s.p[i] >> 5 == 6 ? 1 : s.p[i] >> 4 == 14 ? 2 : 3;
        uint32_t v = s.p[i] & first[more];
        for (size_t k = 1; k <= more; k++)
            v = v << 6 | (s.p[i + k] & 0x3f);
        if (i + more >= most) {
            wr_text(w, "...");
            return;
        }
        if (!utf8 && s.p[i] >= 0x80)
            wr_text(w, "?");
        else if (hides(v))
            wr_format(w, "<U+%04X>", (unsigned)v);
        else
            wr_bytes(w, span_cut(s, i, more + 1));
    }
}
