/*
 * Where facilities are, by the word of whoever wrote the trust file: names for people, and countries
 * for policies that ask for some. Nobody signs them, and no provider or registrar said them.
 */
#ifndef SITUS_MODEL_TRUST_PLACES_H
#define SITUS_MODEL_TRUST_PLACES_H

#include "codec/json/json.h"
#include "model/policy.h"
#include "model/trust.h"

/* One facility, byte for byte as certificates and lists name it (a zone, of Google's). */
struct trust_place {
    struct span anchor; /* under which alone it is meant; empty: under any */
    struct span facility;
    const char *name; /* for people, zero-terminated, printable ASCII */
    char country[3];  /* ISO 3166-1 alpha-2, zero-terminated; empty: not said */
};

/*
 * trust_places_read reads the member "places" of a trust file: {"FACILITY" or "ANCHOR=FACILITY":
 * NAME, or {"name": NAME, "country": two capital letters}}. A name alone says no country: what looks
 * like one in it ("Springfield, IL") is not read.
 */
bool trust_places_read(const struct json *object, struct trust *trust, struct arena *a,
                       struct situs_err *err);

/* trust_place is what the file says of a facility that an anchor's word names: what it says for that
 * anchor, else what it says for any; NULL: nothing, or something for an anchor that the file does
 * not have. */
const struct trust_place *trust_place(const struct trust *trust, const struct anchor *by,
                                      struct span facility);

/*
 * trust_places_decide says that the policy gives no countries for id (AK_COUNTRIES, LIST_COUNTRIES),
 * or the facility is known to be in one of them. A country that the file does not say is missing,
 * another one not-allowed.
 */
bool trust_places_decide(const struct policy *p, enum param id, const struct trust *trust,
                         const struct anchor *by, struct span facility, const char *part,
                         struct situs_err *err);

#endif
