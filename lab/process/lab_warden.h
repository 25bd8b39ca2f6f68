/* Directories below /tmp that go with the process that made them. */
#ifndef SITUS_LAB_WARDEN_H
#define SITUS_LAB_WARDEN_H

/*
 * lab_warden_directory makes a directory as mkdtemp does and hands it to the process's warden, a
 * process that outlives this one for a moment: once this one has ended, however that was (SIGKILL,
 * lab_die), the warden removes what is still there, with what is still mounted below.
 */
void lab_warden_directory(char *name);

#endif
