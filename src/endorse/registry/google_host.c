/* Google's host registry; see google_host.h. */
#include "endorse/registry/google_host.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/json/json.h"
#include "model/gce.h"

static const struct anchor party = {.name = "Google, by its unsigned host registry",
                                    .uses = ANCHOR_LIST};

bool google_host_ppid(const char *name, uint8_t ppid[16])
{
    const char *slash = strrchr(name, '/');
    struct span last = span_text(slash ? slash + 1 : name);
    struct span suffix = SPAN_LIT(".json");
    if (last.n == 32 + suffix.n && memcmp(last.p + 32, suffix.p, suffix.n) == 0)
        last.n = 32;
    return text_hex_read(ppid, 16, last);
}

/* The storage service answers with XML for a host that is not there, and a proxy with HTML: three
 * different things. */
static bool check_json(struct span document, struct situs_err *err)
{
    static const char no_such_key[] = "NoSuchKey";
    if (document.n > LIMIT_HOST_DOCUMENT)
        return err_fail(err, SITUS_TOO_LONG, GOOGLE_HOST_PART, "document", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_HOST_DOCUMENT), TEXT_BYTES(document.n));
    if (document.n == 0 || document.p[0] != '<')
        return true;
    for (size_t i = 0; i + sizeof no_such_key - 1 <= document.n; i++)
        if (memcmp(document.p + i, no_such_key, sizeof no_such_key - 1) == 0) {
            err_fail(err, SITUS_MISSING, GOOGLE_HOST_PART, "document", SITUS_NO_OFFSET,
                     "a host's document", no_such_key);
            return err_hint(err, "Google's registry does not know this host");
        }
    err_fail(err, SITUS_MALFORMED, GOOGLE_HOST_PART, "document", SITUS_NO_OFFSET, "JSON",
             "XML or HTML");
    return err_hint(err, "that was not the registry's answer; fetch it again");
}

/* A zone's name, alone or at the end of its resource name: projects/PROJECT/zones/ZONE. */
static struct span zone_name(struct span text)
{
    struct span projects = SPAN_LIT("projects/"), zones = SPAN_LIT("/zones/");
    size_t at = projects.n;
    if (!span_starts(text, projects))
        return text;
    while (at < text.n && text.p[at] != '/')
        at++;
    struct span rest = span_cut(text, at, text.n - at);
    return at > projects.n && span_starts(rest, zones) ? span_cut(rest, zones.n, rest.n - zones.n)
                                                       : text;
}

/* The document has no schema that Google has published: only the zone is read. */
static bool read_zone(struct span document, struct span *zone, struct arena *a,
                      struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    struct span text;
    bool ok = check_json(document, err) &&
              json_read(&doc, &root, document, GOOGLE_HOST_PART, err) &&
              json_as_object(&root, err) && json_get_text(&root, "zone", &text, err);
    if (ok && !gce_is_zone(zone_name(text)))
        ok = err_fail(err, SITUS_MALFORMED, GOOGLE_HOST_PART, "zone", SITUS_NO_OFFSET,
                      "a zone's name", TEXT_CUT(text));
    if (ok)
        *zone = arena_copy(a, zone_name(text));
    json_free(&doc);
    return ok && (zone->n || err_fail(err, SITUS_NO_MEMORY, GOOGLE_HOST_PART, "zone",
                                      SITUS_NO_OFFSET, NULL, NULL));
}

static bool read_document(struct span document, struct arena *a, struct situs_err *err)
{
    struct span zone;
    return read_zone(document, &zone, a, err);
}

/* Google's host writes MR_OWNER; it is the one tie between the instance and this host's TD. Without
 * it any customer's TD on any of Google's hosts, or one of a key taken from there, would pass. */
static bool decide_instance(struct span zone, const struct question *q, struct answer *out)
{
    const struct claims *tee = &q->claims[INSTANCE_TEE], *guest = &q->claims[INSTANCE_GUEST];
    const struct claim *instance = claims_get(guest, CLAIM_GCE_INSTANCE_ID);
    const struct claim *project = claims_get(guest, CLAIM_GCE_PROJECT_NUMBER);
    const struct claim *of = claims_get(guest, CLAIM_GCE_ZONE);
    const struct claim *mrowner = claims_get(tee, CLAIM_MROWNER);
    uint8_t wanted[48];
    if (!instance || !project || !of) {
        return answer_skip(out, CHECK_LIST_MATCH,
                           "MR_OWNER was not checked: no AK certificate of Google's names the "
                           "instance");
    }
    if (!span_equal(of->bytes, zone))
        return answer_fail(out, CHECK_LIST_MATCH, SITUS_MISMATCH, "zone", TEXT_CUT(of->bytes),
                           TEXT_CUT(zone), "host and instance are in two places");
    if (!mrowner || span_all(mrowner->bytes, 0))
        return answer_fail(
            out, CHECK_LIST_MATCH, SITUS_NOT_MEASURED, "mrowner",
            "SHA-384 of the instance's id document", mrowner ? "zero" : "none",
            "it ties the TD to its instance, and of Google's not every TD has it yet: "
            "without it the host's document says nothing of this one");
    if (!gce_mrowner((uint64_t)instance->num, (uint64_t)project->num, of->bytes, wanted))
        return answer_fail(out, CHECK_LIST_MATCH, SITUS_INTERNAL, "mrowner", NULL, NULL, NULL);
    return span_equal(mrowner->bytes, SPAN_ARR(wanted)) ||
           answer_fail(out, CHECK_LIST_MATCH, SITUS_MISMATCH, "mrowner", TEXT_HEX(SPAN_ARR(wanted)),
                       TEXT_HEX(mrowner->bytes),
                       "the TD is another instance than the AK certificate names");
}

static void decide_match(struct span zone, const uint8_t ppid[16], const struct question *q,
                         struct answer *out)
{
    struct span id = listing_id(q, LISTING_PPID);
    if (!span_equal(id, span_of(ppid, 16))) {
        answer_fail(out, CHECK_LIST_MATCH, SITUS_MISMATCH, "ppid",
                    id.n ? TEXT_HEX(id) : "a PPID from a verified quote",
                    TEXT_HEX(span_of(ppid, 16)), "the document is of another host");
        return;
    }
    claim_bytes(&out->claims, CLAIM_LIST_ENTRY, id);
    if (listing_decide_facility(out, q, zone) && listing_decide_denied(out, q, id) &&
        decide_instance(zone, q, out))
        finding_pass(&out->findings, CHECK_LIST_MATCH);
}

void google_host_answer(struct span document, const uint8_t ppid[16], const struct question *q,
                        struct answer *out)
{
    struct situs_err err = {0};
    struct span zone = {0};
    answer_begin(out, &listing_family, q, GOOGLE_HOST_PART);
    if (!listing_accepts(out, q, "google-host"))
        return;
    if (!read_zone(document, &zone, q->arena, &err)) {
        finding_fail_err(&out->findings, CHECK_LIST_SIGNATURE, &err);
        return;
    }
    claim_bytes(&out->claims, CLAIM_ISSUER, span_text(party.name));
    claim_bytes(&out->claims, CLAIM_OWNER, SPAN_LIT("Google"));
    claim_bytes(&out->claims, CLAIM_LIST_KIND, span_text(listing_kind_name(LISTING_PPID)));
    answer_note(out,
                "Google's host registry is not signed, dated or numbered: it is worth what the "
                "way the document reached you is worth");
    answer_note(out, "asking Google's registry shows the machine's PPID to who owns the bucket");
    finding_pass(&out->findings, CHECK_LIST_SIGNATURE);
    finding_pass(&out->findings, CHECK_LIST_WINDOW);
    finding_pass(&out->findings, CHECK_LIST_ROLLBACK);
    decide_match(zone, ppid, q, out);
    listing_end(out, q, &party);
}

static bool is_host(const char *name, struct span in)
{
    uint8_t ppid[16];
    (void)in;
    return google_host_ppid(name, ppid);
}

static bool read_host(struct endorsement *e, const struct trust *once, struct arena *a,
                      struct situs_err *err)
{
    (void)once;
    struct arena scratch = *a; /* nothing that is read outlives this call */
    return read_document(e->bytes, &scratch, err);
}

static void answer_host(const struct endorsement *e, const struct question *q, struct answer *x)
{
    uint8_t ppid[16];
    if (google_host_ppid(e->part, ppid))
        google_host_answer(e->bytes, ppid, q, x);
    else
        answer_fail(x, CHECK_LIST_SIGNATURE, SITUS_MISSING, "name",
                    "a file named by the host's PPID, 32 hex digits", "another name", NULL);
}

const struct endorsement_does google_host_endorsement = {
    .is = is_host, .read = read_host, .family = &listing_family, .answer = answer_host};
