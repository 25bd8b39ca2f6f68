/* Numbers of the format, shared by the reader and the writer of ownership endorsements. */
#ifndef SITUS_ENDORSE_POE_POE_WIRE_H
#define SITUS_ENDORSE_POE_POE_WIRE_H

#include "endorse/poe/poe.h"

/* CBOR tags: RFC 8949, 3.4; RFC 9090; draft-ietf-rats-corim-11, IANA. */
enum { TAG_EPOCH = 1, TAG_URI = 32, TAG_OID = 111, TAG_CORIM = 501, TAG_COMID = 506 };

#define POE_REFRESH_URI "tee.refresh-uri" /* section 3.4 */

/* The two environments as BER bodies: 2.16.840.1.113741.1.13.2.6.1 (section 4.3), ...2.12.1
 * (4.4). */
#define POE_OID_SIZE 12
#define POE_OID_PIID "\x60\x86\x48\x01\x86\xf8\x4d\x01\x0d\x02\x06\x01"
#define POE_OID_OWNER "\x60\x86\x48\x01\x86\xf8\x4d\x01\x0d\x02\x0c\x01"

/* Keys of concise-mid-tag, triples, environment-map, class-map, measurement-map (CoRIM), and the
 * profile's own measurement values (sections 4.3 and 4.4). */
enum {
    COMID_TAG_IDENTITY = 1,
    COMID_TRIPLES = 4,
    TRIPLE_CONDITIONAL_ENDORSEMENT = 10, /* the last that CoRIM has */
    MEASUREMENT_KEY = 0,
    MEASUREMENT_VALUE = 1,
    MEASUREMENT_AUTHORIZED_BY = 2,
    VALUE_PIID = -101,
    VALUE_OWNER = -401
};

/* poe_read_comid reads the CoMID into p, to its end; false when it failed. */
bool poe_read_comid(struct cbor *c, struct poe *p);

/* Steps of both readers. poe_wire_array opens an array of exactly so many elements; poe_wire_key is
 * the next key of a map when it is an integer, and INT64_MIN after skipping one that is not;
 * poe_wire_need fails as missing what was not given; poe_wire_id reads an id. */
void poe_wire_array(struct cbor *c, size_t size, const char *field);
int64_t poe_wire_key(struct cbor *c, const char *field);
void poe_wire_need(struct cbor *c, bool given, const char *field, const char *what);
struct poe_id poe_wire_id(struct cbor *c, const char *field);

#endif
