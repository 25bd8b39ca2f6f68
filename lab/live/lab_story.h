/*
 * A story of six machines (lab_hall.h) and of the service that watches them: what happens to one is done, and what the service
 * tells of it, as events, is compared with what it should.
 */
#ifndef SITUS_LAB_LIVE_STORY_H
#define SITUS_LAB_LIVE_STORY_H

#include "lab/live/lab_hall.h"

struct lab_story {
    struct lab_hall hall;
    char program[LAB_PATH], directory[LAB_PATH], run[32];
    unsigned within; /* H, seconds */
    unsigned inside; /* port on which the service tells of machines */
    pid_t service;
    int signals;     /* a file descriptor that has those which end the story */
    int stream;      /* the service's events; -1: not yet, or the service was read anew */
    char said[4096]; /* of it, up to the line that is not whole yet */
    size_t n_said;
    bool refused[LAB_HALL_MACHINES]; /* so it was told */
    int64_t last;                    /* number of the last event */
    bool ended, wrong;               /* a signal came; an event was another */
};

/* lab_story_open starts machines and service; directory is made where it is not there. Signals that end the story
 * are blocked, and signals (signalfd) has them. Close with lab_story_close, which ends all of it. */
void lab_story_open(struct lab_story *s, const char *program, const char *directory,
                    unsigned within, int signals);
void lab_story_close(struct lab_story *s);

/* lab_story_tell tells it, on stdout, waiting so many seconds before each chapter: true when the service said what it should. It
 * ends early at a signal. lab_story_wait waits for one; seconds < 0: for ever. */
bool lab_story_tell(struct lab_story *s, int pause);
void lab_story_wait(struct lab_story *s, int seconds);

#endif
