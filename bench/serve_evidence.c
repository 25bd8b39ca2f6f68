/*
 * serve_evidence FOLDER: what bench/service.py hands to a service. Files of what its policy needs go into the folder; then
 * one line a challenge (hex) on stdin becomes one bundle of a bare-metal machine for it, FOLDER/N.cmw, N from 0.
 */
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool put(const char *name, struct span s)
{
    FILE *f = fopen(name, "wb");
    bool ok = f && fwrite(s.p, 1, s.n, f) == s.n;
    return f && fclose(f) == 0 && ok;
}

static bool answer(struct lab_stage *stage, struct lab_judge *j, size_t i, const char *line)
{
    uint8_t nonce[32];
    char name[32];
    snprintf(name, sizeof name, "%zu.cmw", i);
    if (!text_hex_read(nonce, sizeof nonce, span_text(line)))
        return false;
    struct lab_evidence e = lab_host_attest(&stage->metal, LAB_SITUS, nonce);
    return put(name, lab_judge_bundle(j, &e));
}

int main(int argc, char **argv)
{
    struct lab_stage *stage = lab_stage_new((int64_t)time(NULL));
    struct lab_judge *j = lab_judge_new(stage);
    struct lab_collateral c = lab_collateral_honest(stage->w, &stage->cpu[METAL].platform, true);
    char line[128];
    bool ok = argc == 2 && chdir(argv[1]) == 0 && put("trust.json", lab_judge_trust(j)) &&
              put("policy.json", lab_judge_policy(j, LAB_METAL)) &&
              put("collateral.json", lab_collateral_json(stage->w, &c));
    for (size_t i = 0; ok && fgets(line, sizeof line, stdin); i++) {
        line[strcspn(line, "\n")] = 0;
        ok = answer(stage, j, i, line);
    }
    lab_judge_free(j);
    lab_stage_free(stage);
    return ok ? 0 : 1;
}
