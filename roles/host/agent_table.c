/* The agent's table of VMs and their vTPM keys; see agent.h. */
#include "host/agent.h"

#include "base/text.h"

#include <stdio.h>

#define PART "vms"

static bool fail(struct situs_err *err, size_t line, const char *expected, struct span got)
{
    char field[32];
    snprintf(field, sizeof field, "line %zu", line);
    return err_fail(err, SITUS_MALFORMED, PART, field, SITUS_NO_OFFSET, expected, TEXT_CUT(got));
}

static bool cut(struct span *rest, char at, struct span *out)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != (uint8_t)at)
        n++;
    if (n == rest->n)
        return false;
    *out = span_cut(*rest, 0, n);
    *rest = span_cut(*rest, n + 1, rest->n - n - 1);
    return true;
}

static bool name_ok(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-'))
            return false;
    }
    return s.n > 0 && s.n <= AGENT_VM_NAME;
}

/* ask_vtpm takes Name(AK_v) from the vTPM itself. */
static bool ask_vtpm(struct agent_vm *vm, struct span tcti, struct situs_err *err)
{
    char text[256];
    struct tpm_key ak = {0};
    snprintf(text, sizeof text, "%.*s", (int)(tcti.n < 255 ? tcti.n : 255), (const char *)tcti.p);
    struct tpm *t = tpm_open(text, err);
    bool ok = t && tpm_ak_primary(t, &ak, err);
    memcpy(vm->ak_name, ak.name, sizeof vm->ak_name);
    vm->ak_name_size = ak.name_size;
    tpm_flush(t, &ak);
    tpm_close(t);
    return ok;
}

static bool read_line(struct agent *a, struct span line, size_t number, struct situs_err *err)
{
    struct agent_vm *vm = &a->vm[a->n];
    struct span name, kind, rest = line;
    if (a->n == AGENT_VMS)
        return fail(err, number, "at most 32 VMs", line);
    if (!cut(&rest, ' ', &name) || !cut(&rest, ' ', &kind) || !name_ok(name))
        return fail(err, number, "NAME ak HEX or NAME vtpm TCTI", line);
    *vm = (struct agent_vm){.next = 0};
    memcpy(vm->name, name.p, name.n);
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->vm[i].name, vm->name) == 0)
            return fail(err, number, "each name once", name);
    a->n++;
    if (span_equal(kind, SPAN_LIT("vtpm")))
        return ask_vtpm(vm, rest, err);
    /* a Name with SHA-256 (TPM 2.0 part 1, 16), as AK_v's template has it */
    vm->ak_name_size = 34;
    if (span_equal(kind, SPAN_LIT("ak")) && text_hex_read(vm->ak_name, 34, rest) &&
        vm->ak_name[0] == 0x00 && vm->ak_name[1] == 0x0b)
        return true;
    return fail(err, number, "ak and 68 hex digits, or vtpm and a TCTI", line);
}

bool agent_table_read(struct agent *a, struct span text, struct situs_err *err)
{
    struct span line;
    size_t number = 0;
    a->n = 0;
    while (cut(&text, '\n', &line))
        if (!read_line(a, line, ++number, err))
            return false;
    if (text.n)
        return fail(err, number + 1, "a line end", text);
    return a->n > 0 || fail(err, 1, "at least one VM", text);
}
