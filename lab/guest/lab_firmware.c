/* A measured boot; see lab_firmware.h. */
#include "lab/guest/lab_firmware.h"

#include "lab/intel/lab_reference.h"
#include "lab/tpm/lab_log.h"
#include "model/registers.h"

static const uint8_t zero4[4]; /* EV_SEPARATOR's data (PFP 1.06, 10.4.1) */
static const enum hash ccel_bank[1] = {HASH_SHA384};

#define TEXT(s) SPAN_LIT(s), SPAN_LIT(s)
#define BINARY(binary, says) SPAN_LIT(binary), SPAN_LIT(says)
/* UEFI_VARIABLE_DATA of EFI_GLOBAL_VARIABLE_GUID (PFP 1.06, 10.4.4): the sizes, one byte of eight,
 * are of the name in characters and of the value in bytes. */
#define SECURE_BOOT(name_size, name, size, value)                                     \
    TEXT("\x61\xdf\xe4\x8b\xca\x93\xd2\x11\xaa\x0d\x00\xe0\x98\x03\x2b\x8c" name_size \
         "\0\0\0\0\0\0\0" size "\0\0\0\0\0\0\0" name value)
#define SEPARATOR                 \
    {(const uint8_t *)zero4, 4},  \
    {                             \
        (const uint8_t *)zero4, 4 \
    }

/* The Linux EFI stub's tagged events: tag, size, text (drivers/firmware/efi/libstub). */
#define LINUX_LOAD_OPTIONS "\xed\x22\x3b\x8f\x1a\x00\x00\x00LOADED_IMAGE::LoadOptions\x00"
#define LINUX_INITRD "\xec\x22\x3b\x8f\x0d\x00\x00\x00Linux initrd\x00"

struct lab_boot lab_firmware_boot(void)
{
    const uint8_t no = LAB_NO_PCR, none = LAB_NO_RTMR;
    const struct lab_boot_event events[] = {
        {0, no, EV_EFI_HANDOFF_TABLES2, BINARY("lab TD HOB", "TdxTable")},
        {0, no, EV_EFI_PLATFORM_FIRMWARE_BLOB2, BINARY("lab CFV", "CFV")},
        {none, 0, EV_S_CRTM_VERSION, TEXT("lab firmware 1.0")},
        {0, 7, EV_EFI_VARIABLE_DRIVER_CONFIG,
         SECURE_BOOT("\x0a", "S\0e\0c\0u\0r\0e\0B\0o\0o\0t\0", "\1", "\1")},
        {0, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, SECURE_BOOT("\2", "P\0K\0", "\6", "lab PK")},
        {0, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, SECURE_BOOT("\3", "K\0E\0K\0", "\7", "lab KEK")},
        {0, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, SECURE_BOOT("\2", "d\0b\0", "\6", "lab db")},
        {0, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, SECURE_BOOT("\3", "d\0b\0x\0", "\7", "lab dbx")},
        {0, 7, EV_SEPARATOR, SEPARATOR},
        {0, 1, EV_PLATFORM_CONFIG_FLAGS, BINARY("lab ACPI loader", "ACPI DATA")},
        {0, 1, EV_PLATFORM_CONFIG_FLAGS, BINARY("lab ACPI RSDP", "ACPI DATA")},
        {0, 1, EV_PLATFORM_CONFIG_FLAGS, BINARY("lab ACPI tables", "ACPI DATA")},
        {0, 1, EV_EFI_VARIABLE_BOOT, BINARY("0000", "BootOrder")},
        {0, 1, EV_EFI_VARIABLE_BOOT, BINARY("lab disk", "Boot0000")},
        {1, 4, EV_EFI_ACTION, TEXT("Calling EFI Application from Boot Option")},
        {none, 0, EV_SEPARATOR, SEPARATOR},
        {none, 1, EV_SEPARATOR, SEPARATOR},
        {1, 2, EV_SEPARATOR, SEPARATOR}, /* RTMR1 has one for the five */
        {none, 3, EV_SEPARATOR, SEPARATOR},
        {none, 4, EV_SEPARATOR, SEPARATOR},
        {none, 5, EV_SEPARATOR, SEPARATOR},
        {none, 6, EV_SEPARATOR, SEPARATOR},
        {1, 5, EV_EFI_GPT_EVENT, BINARY("lab partition table", "GPT")},
        {1, 4, EV_EFI_BOOT_SERVICES_APPLICATION, BINARY("lab UKI 1.0", "UKI")},
        {2, 11, EV_IPL, BINARY("lab kernel 6.12", ".linux")},
        {2, 11, EV_IPL, BINARY("ID=lab", ".osrel")},
        {2, 11, EV_IPL, BINARY("root=/dev/mapper/verity ro", ".cmdline")},
        {2, 11, EV_IPL, BINARY("lab initrd 1.0", ".initrd")},
        {1, 4, EV_EFI_BOOT_SERVICES_APPLICATION, BINARY("lab kernel 6.12", "kernel")},
        {none, 9, EV_EVENT_TAG, BINARY("root=/dev/mapper/verity ro", LINUX_LOAD_OPTIONS)},
        {none, 9, EV_EVENT_TAG, BINARY("lab initrd 1.0", LINUX_INITRD)},
        {1, 5, EV_EFI_ACTION, TEXT("Exit Boot Services Invocation")},
        {1, 5, EV_EFI_ACTION, TEXT("Exit Boot Services Returned with Success")},
    };
    struct lab_boot b = {.firmware = SPAN_LIT("lab firmware 1.0"),
                         .n = sizeof events / sizeof *events};
    memcpy(b.event, events, sizeof events);
    return b;
}

void lab_firmware_add(struct lab_boot *b, struct lab_boot_event e)
{
    if (b->n == LAB_BOOT_EVENTS)
        lab_die("a boot of more than %d events", LAB_BOOT_EVENTS);
    b->event[b->n++] = e;
}

struct lab_boot_event *lab_firmware_find(struct lab_boot *b, const char *data)
{
    for (size_t i = 0; i < b->n; i++)
        if (span_equal(b->event[i].data, span_text(data)))
            return &b->event[i];
    lab_die("no event %s in this boot", data);
}

void lab_firmware_reference(struct lab_buf *b, const char *name, const struct lab_boot *boot,
                            const struct lab_td_report *r)
{
    struct lab_reference_event v[LAB_BOOT_EVENTS];
    size_t n = 0;
    for (size_t i = 0; i < boot->n; i++) {
        const struct lab_boot_event *e = &boot->event[i];
        if (e->pcr == LAB_NO_PCR || e->pcr == 7) /* what PCR 7 has tells its content */
            continue;
        v[n] = (struct lab_reference_event){
            .pcr = e->pcr, .tpm_only = e->rtmr == LAB_NO_RTMR && e->type != EV_SEPARATOR};
        lab_hash384(v[n++].digest, e->measured);
    }
    lab_reference(b, name, SPAN_ARR(r->mr_td), r->rtmr, v, n);
}

void lab_firmware_into_td(const struct lab_boot *b, struct lab_td *td, struct lab_buf *ccel)
{
    lab_log_start(ccel, ccel_bank, 1);
    for (size_t i = 0; i < b->n; i++) {
        const struct lab_boot_event *e = &b->event[i];
        uint8_t hash[48];
        if (e->rtmr == LAB_NO_RTMR)
            continue;
        lab_hash384(hash, e->measured);
        lab_td_extend(td, e->rtmr, hash);
        lab_log_event(ccel, ccel_bank, 1, e->rtmr + 1u, e->type, e->measured, e->data);
    }
}

static void log_pcr(const struct lab_boot_event *e, struct lab_buf *log)
{
    lab_log_event(log, lab_swtpm_banks, LAB_TPM_BANKS, e->pcr, e->type, e->measured, e->data);
}

void lab_firmware_into_tpm(const struct lab_boot *b, const struct lab_swtpm *t, struct lab_buf *log)
{
    lab_log_start(log, lab_swtpm_banks, LAB_TPM_BANKS);
    for (size_t i = 0; i < b->n; i++) {
        if (b->event[i].pcr == LAB_NO_PCR)
            continue;
        uint32_t code = lab_swtpm_extend(t, 0, b->event[i].pcr, b->event[i].measured);
        if (code != 0)
            lab_die("PCR %u: TPM response 0x%x", b->event[i].pcr, code);
        log_pcr(&b->event[i], log);
    }
}

void lab_firmware_into_soft(const struct lab_boot *b, struct lab_soft_tpm *t, struct lab_buf *log)
{
    lab_log_start(log, lab_swtpm_banks, LAB_TPM_BANKS);
    for (size_t i = 0; i < b->n; i++) {
        if (b->event[i].pcr == LAB_NO_PCR)
            continue;
        lab_soft_extend(t, b->event[i].pcr, b->event[i].measured);
        log_pcr(&b->event[i], log);
    }
}
