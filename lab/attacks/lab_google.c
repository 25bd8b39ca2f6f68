/* Google's words; see lab_google.h. */
#include "lab/attacks/lab_google.h"

#include "lab/intel/lab_cert.h"
#include "model/gce.h"

/* Compute instance identifier, and tcg-kp-EKCertificate, which Google puts into AK certificates. */
#define OID_INSTANCE "1.3.6.1.4.1.11129.2.1.21"
#define EKU_GOOGLE "2.23.133.8.1"

static struct span instance_extension(struct lab_stage *s, uint32_t instance)
{
    struct lab_buf b = {0};
    size_t sequence = lab_der_open(&b, DER_SEQUENCE);
    lab_der_bytes(&b, DER_UTF8, SPAN_LIT(LAB_GOOGLE_ZONE));
    lab_der_number(&b, DER_INTEGER, LAB_GOOGLE_PROJECT);
    lab_der_bytes(&b, DER_UTF8, SPAN_LIT("lab-project"));
    lab_der_number(&b, DER_INTEGER, instance);
    lab_der_bytes(&b, DER_UTF8, SPAN_LIT("lab-instance"));
    size_t security = lab_der_open(&b, DER_EXPLICIT_0);
    size_t list = lab_der_open(&b, DER_SEQUENCE);
    size_t production = lab_der_open(&b, DER_EXPLICIT_0 + 1);
    lab_der_bytes(&b, DER_BOOLEAN, SPAN_LIT("\xff"));
    lab_der_close(&b, production);
    lab_der_close(&b, list);
    lab_der_close(&b, security);
    lab_der_close(&b, sequence);
    return lab_world_keep(s->w, &b);
}

struct lab_vm lab_google_vm(struct lab_stage *s, enum lab_place place, uint32_t instance)
{
    struct lab_boot boot = lab_firmware_boot();
    struct lab_vm vm = lab_stage_vm(s, place, &boot, &boot);
    const struct lab_ca_cert c = {
        .subject = "lab-instance",
        .key = vm.vtpm.ak,
        .from = lab_world_at(s->w) - 3600,
        .to = lab_world_at(s->w) + 365 * LAB_DAY,
        .eku = EKU_GOOGLE,
        .oid = OID_INSTANCE,
        .value = instance_extension(s, instance),
        .serial = ++s->serial,
    };
    vm.ak_cert = lab_ca_issue(&s->google, &c);
    if (!gce_mrowner(instance, LAB_GOOGLE_PROJECT, SPAN_LIT(LAB_GOOGLE_ZONE),
                     vm.td.registers.mr_owner))
        lab_die("OpenSSL hashes nothing");
    return vm;
}

struct lab_word lab_google_host(struct lab_stage *s, enum lab_place place, const char *zone)
{
    struct lab_buf name = {0}, b = {0};
    lab_buf_hex_lower(&name, SPAN_ARR(s->cpu[place].platform.ppid));
    lab_buf_bytes(&name, SPAN_LIT(".json\0"));
    lab_buf_format(&b, "{\"zone\": \"%s\"}\n", zone);
    struct span text = lab_world_keep(s->w, &name);
    return (struct lab_word){(const char *)text.p, lab_world_keep(s->w, &b)};
}
