/* Time of wall and process; see keeper_clock.h. */
#include "serve/keeper/keeper_clock.h"

#include "frame/out.h"

#include <time.h>

static int64_t wall(void)
{
    return (int64_t)time(NULL);
}

static int64_t steady(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct keeper_clock keeper_clock_new(void)
{
    return (struct keeper_clock){.wall = wall, .steady = steady};
}

static bool fell_behind(struct keeper_clock *c, int64_t now)
{
    if (!c->behind)
        out_error("the clock went back %lld s: nothing is appraised until it is where it was",
                  (long long)(c->highest - now));
    c->steps += !c->behind;
    c->behind = true;
    return false;
}

bool keeper_clock_read(struct keeper_clock *c, int64_t *at)
{
    int64_t now = c->wall(), since = c->steady();
    int64_t off = now - (c->wall_then + (since - c->steady_then) / 1000);
    if (c->highest && now < c->highest - KEEPER_CLOCK_STEP)
        return fell_behind(c, now);
    if (c->behind)
        out_note("the clock is where it was");
    bool stepped = off > KEEPER_CLOCK_STEP || off < -KEEPER_CLOCK_STEP;
    if (!c->behind && c->highest && stepped) {
        out_note("the clock went %s %lld s", off > 0 ? "forward" : "back",
                 (long long)(off > 0 ? off : -off));
        c->steps++;
    }
    if (!c->highest || c->behind || stepped) {
        c->wall_then = now;
        c->steady_then = since;
    }
    c->behind = false;
    c->highest = now > c->highest ? now : c->highest;
    *at = c->highest;
    return true;
}
