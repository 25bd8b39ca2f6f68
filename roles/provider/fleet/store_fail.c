/* What the database does not do, in an operator's words; see store_fail. */
#include "provider/fleet/store.h"

/* expected_of says in the user's words what SQLite did not find; NULL: what it says itself. */
static const char *expected_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "an inventory that nobody else writes";
    case SQLITE_READONLY:
        return "an inventory that may be written";
    case SQLITE_CANTOPEN:
        return "an inventory that can be opened";
    case SQLITE_NOTADB:
        return "a fleet inventory";
    case SQLITE_CORRUPT:
        return "an undamaged inventory";
    case SQLITE_CONSTRAINT:
        return "an id that is not on record yet";
    default:
        return "a change that is recorded whole";
    }
}

/* got_of is SQLite's own word, but for what it says in SQL's. */
static const char *got_of(int code, const char *says)
{
    static const char unique[] = "UNIQUE constraint failed: ";
    if ((code & 0xff) == SQLITE_READONLY)
        return "no permission to write it, or the log beside it";
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        return strncmp(says, unique, sizeof unique - 1) == 0 ? says + sizeof unique - 1 : says;
    return says;
}

static const char *hint_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another situs is writing; run the command again when it has finished";
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return "nothing was changed; make room on the disk and run the command again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return "check the path, and that its directory may be written: the log lies beside it";
    case SQLITE_NOTADB:
        return "is it the right file? \"situs fleet init\" makes a new one, of another name";
    case SQLITE_CORRUPT:
        return "it is damaged; restore the last good copy";
    case SQLITE_CONSTRAINT:
        return "nothing was changed; another command recorded it meanwhile: look at \"situs fleet "
               "list\", and run this again";
    default:
        return "nothing was changed";
    }
}

bool store_fail(struct fleet *f, struct situs_err *err)
{
    int code = sqlite3_extended_errcode(f->db);
    enum situs_code word = (code & 0xff) == SQLITE_CONSTRAINT ? SITUS_NOT_ALLOWED
                           : (code & 0xff) == SQLITE_NOTADB   ? SITUS_UNKNOWN
                                                              : SITUS_INTERNAL;
    err_fail(err, word, STORE_PART, "database", SITUS_NO_OFFSET, expected_of(code),
             got_of(code, sqlite3_errmsg(f->db)));
    return err_hint(err, hint_of(code));
}
