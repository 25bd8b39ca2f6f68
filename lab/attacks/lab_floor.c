/* Real TPMs of the stage; see lab_floor.h. */
#include "lab/attacks/lab_floor.h"

#include <stdio.h>
#include <stdlib.h>

#include "lab/process/lab_process.h"
#include "lab/process/lab_warden.h"

static void open_floor(struct lab_floor *f, struct lab_world *w)
{
    char path[64];
    if (f->directory[0])
        return;
    strcpy(f->directory, "/tmp/situs-XXXXXX");
    lab_warden_directory(f->directory);
    snprintf(path, sizeof path, "%s/maker", f->directory);
    f->maker = lab_maker_open(w, path, "lab TPM maker");
}

void lab_floor_socket(struct lab_floor *f, char path[64])
{
    snprintf(path, 64, "%s/%u.sock", f->directory, f->started++);
}

struct lab_swtpm lab_floor_power_on(struct lab_floor *f, struct lab_world *w, const char *serial)
{
    char pristine[200], state[64], socket[64];
    open_floor(f, w);
    lab_maker_tpm(&f->maker, serial, pristine);
    snprintf(state, sizeof state, "%s/%u", f->directory, f->started);
    lab_floor_socket(f, socket);
    return lab_swtpm_start(pristine, state, socket);
}

void lab_floor_close(struct lab_floor *f)
{
    const char *const argv[] = {"rm", "-rf", f->directory, NULL};
    if (!f->directory[0])
        return;
    lab_process_run(argv, NULL);
    lab_maker_free(&f->maker);
    *f = (struct lab_floor){.started = 0};
}
