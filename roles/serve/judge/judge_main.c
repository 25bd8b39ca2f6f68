/* situs-judge: the nursery of the judges' second build, which situs serve starts; see judge_program.h. */
#include "crypto/bare.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "serve/judge/judge.h"
#include "serve/judge/judge_program.h"
#include "serve/world/serve_pack.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    size_t size;
    struct serve_world *world = calloc(1, sizeof *world);
    if (!world || !talk_memory_is(JUDGE_PROGRAM_PACK, SIZE_MAX, &size)) {
        out_error("situs-judge is a part of \"situs serve\", which starts it");
        out_hint("situs-serve(5), \"judges\"");
        return EXIT_USAGE;
    }
    prctl(PR_SET_NAME, "situs-nursery2");
    crypto_bare();
    void *pack = mmap(NULL, size, PROT_READ, MAP_PRIVATE, JUDGE_PROGRAM_PACK, 0);
    close(JUDGE_PROGRAM_PACK);
    return pack != MAP_FAILED && serve_pack_read(world, span_of(pack, size))
               ? judge_nursery(world, judge_appraise, JUDGE_PROGRAM_KEEPER)
               : EXIT_USAGE;
}
