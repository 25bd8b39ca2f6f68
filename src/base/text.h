/* Text forms of numbers and bytes: decimal, hex (lower case out, both in), base64 (RFC 4648),
 * UTF-8. */
#ifndef SITUS_BASE_TEXT_H
#define SITUS_BASE_TEXT_H

#include "base/span.h"

/* text_num writes v in decimal into a buffer of at least 24 bytes and returns it. */
char *text_num(char buffer[24], int64_t v);

/* text_bytes writes "N bytes" into a buffer of at least 32 bytes and returns it. */
char *text_bytes(char buffer[32], size_t n);

/* text_hex writes s in lower-case hex, cut to what fits in size with its zero byte; returns
 * buffer. */
char *text_hex(char *buffer, size_t size, struct span s);

/* text_cut copies s as text, bytes outside printable ASCII as '?', cut to size with its zero
 * byte. */
char *text_cut(char *buffer, size_t size, struct span s);

/* text_member writes "where.name", the name of a field, into a buffer of at least 80 bytes, cut to
 * them with its zero byte, and returns it. */
char *text_member(char buffer[80], const char *where, const char *name);

/* Temporaries for the expected and got of err_fail; they live to the end of the enclosing block. */
#define TEXT_NUM(v) text_num((char[24]){0}, (int64_t)(v))
#define TEXT_BYTES(n) text_bytes((char[32]){0}, (n))
#define TEXT_HEX(s) text_hex((char[130]){0}, 130, (s))
#define TEXT_CUT(s) text_cut((char[100]){0}, 100, (s))

/* text_hex_read decodes exactly 2 * size hex digits; false on any other input. */
bool text_hex_read(uint8_t *out, size_t size, struct span hex);

/* text_number reads a decimal number from least to most: digits and nothing else, no sign and no
 * white space. False, and *number 0, for every other text. most has at most 63 bits.
 * text_hex_number is the same of hex digits, without 0x. */
bool text_number(struct span text, uint64_t least, uint64_t most, uint64_t *number);
bool text_hex_number(struct span text, uint64_t least, uint64_t most, uint64_t *number);

/* text_field is what stands in *rest before the next end, or all of it; *rest is what follows that
 * end, or nothing. */
struct span text_field(struct span *rest, char end);

/* text_is_space says that c is a blank, tab, carriage return or line feed; text_trim is s without
 * such at its ends. */
bool text_is_space(uint8_t c);
struct span text_trim(struct span s);

/*
 * text_base64_read decodes standard base64 with canonical padding into out of room bytes and sets
 * *size. ASCII white space (as PEM bodies have) is skipped when spaces is true, else refused.
 */
bool text_base64_read(uint8_t *out, size_t room, size_t *size, struct span in, bool spaces);

/* text_base64_size is the size of the padded base64 form of n bytes. */
size_t text_base64_size(size_t n);

/* text_base64 writes the padded base64 form of s and a zero byte; buffer holds text_base64_size
 * + 1. */
char *text_base64(char *buffer, struct span s);

/* text_utf8 says that s is valid UTF-8 (RFC 3629: no surrogates, shortest form, <= U+10FFFF). */
bool text_utf8(struct span s);

/* text_is_name says that s is a name as people give one: 1 to most bytes of UTF-8 without control
 * characters (Unicode's Cc) and without a space at either end. */
bool text_is_name(struct span s, size_t most);

/* text_is_country says that s is two capital letters, as a country's code (ISO 3166-1). */
bool text_is_country(struct span s);

/* text_stands_for is what to do with bytes that are text of a form which stands for others (hex,
 * base64, a URL-encoded header), as a hint; NULL when they are not, or too few to tell. */
const char *text_stands_for(struct span s);

#endif
