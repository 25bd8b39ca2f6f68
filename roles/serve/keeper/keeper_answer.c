/* How the keeper answers the front; see keeper.h. */
#include "serve/keeper/keeper.h"

#include <stdio.h>
#include <sys/socket.h>

void keeper_answer(struct keeper *k, const struct talk_answer *answer, const int *fds, size_t n)
{
    if (!talk_send(k->front, answer, sizeof *answer, fds, n))
        shutdown(k->front, SHUT_RDWR); /* it takes nothing any more: the loop ends */
}

void keeper_say(struct talk_answer *answer, const struct situs_err *err)
{
    snprintf(answer->detail, sizeof answer->detail, "%.39s %.40s: expected %.80s, got %.70s",
             err->part, err->field, err->expected, err->got);
}
