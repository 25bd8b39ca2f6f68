/* Events of watched machines as they come (HTML: server-sent events), on the inner socket. */
#ifndef SITUS_SERVE_FRONT_STREAM_H
#define SITUS_SERVE_FRONT_STREAM_H

#include "serve/front/front_call.h"

#define FRONT_STREAMS 16 /* at once */

struct front_streams {
    struct front_call *v[FRONT_STREAMS];
    size_t n;
};

/* front_stream_turn asks the keeper for those who took all that they were sent. */
void front_stream_turn(struct front *f);

/* front_stream_forget takes a call that is over; front_stream_end ends all. */
void front_stream_forget(struct front *f, const struct front_call *c);
void front_stream_end(struct front *f);

#endif
