/* measure.pml: when registers of a TPM say that the approved image runs (DESIGN: measurements; closed references). The
 * outsider owns the VM: he chooses what it starts, and once his code runs he appends what he likes to any register, in any
 * order. Nobody takes back. The TD quote is of a leaked key and says what he wants, so the registers are all that speaks.
 *
 * The approved boot is F (firmware), K (kernel) in register 0 and I (initrd) in register 1; X is anything else.
 */
#include "rules.h"

#define REGISTERS 2
#define LENGTH 3
#define AT(bank, reg, i) log[((bank) * REGISTERS + (reg)) * LENGTH + (i)]
#define N(bank, reg) count[(bank) * REGISTERS + (reg)]
mtype = { F, K, I, X };

mtype log[12];
byte count[4];
bool his;     /* code of the outsider's runs */
bool started; /* the approved image runs, and nothing else can */
bool read_list;

inline extend(bank, reg, what)
{
    if :: N(bank, reg) < LENGTH -> AT(bank, reg, N(bank, reg)) = what; N(bank, reg)++ :: else fi
}

inline extend_banks(reg, what) { extend(0, reg, what); if :: NO_BANKS :: !NO_BANKS -> extend(1, reg, what) fi }

inline anything(what) { if :: what = F :: what = K :: what = I :: what = X fi }

/* What the list of a register says: entry for entry, or (NO_EXACT) its entries in order among others. */
inline compare(bank)
{
    if
    :: !NO_EXACT -> read_list = N(bank, 0) == 2 && AT(bank, 0, 0) == F && AT(bank, 0, 1) == K
    :: NO_EXACT -> read_list = (AT(bank, 0, 0) == F && (AT(bank, 0, 1) == K || AT(bank, 0, 2) == K)) ||
                               (AT(bank, 0, 1) == F && AT(bank, 0, 2) == K)
    fi;
    read_list = read_list && (NO_EVERY_REGISTER || (N(bank, 1) == 1 && AT(bank, 1, 0) == I) ||
                              (NO_EXACT && AT(bank, 1, 1) == I))
}

active proctype owner()
{
    mtype what;
    byte turns = 0;
    /* Power: firmware measures itself first, in each bank, to the TPM too. Where the firmware can be another, or measures to the
     * TEE alone, the vTPM comes empty to whoever is next. */
    atomic {
        if :: true -> extend_banks(0, F) :: NO_FIRST -> his = true fi
    };
    /* The kernel: measured before it runs. A menu or editor, or a second entry, before it, is his. */
    atomic {
        if
        :: !his -> if :: what = K :: what = X fi; extend_banks(0, what); his = (what == X)
        :: !his && NO_CLOSED -> his = true
        :: his
        fi
    };
    /* The initrd. */
    atomic {
        if
        :: !his -> if :: what = I :: what = X fi; extend_banks(1, what); his = (what == X); started = !his
        :: !his && NO_CLOSED -> his = true /* stopped before it */
        :: his
        fi
    };
    do
    :: his && turns < 3 -> atomic {
        turns++; anything(what);
        if :: true -> extend(0, 0, what) :: true -> extend(0, 1, what) :: true -> extend(1, 0, what) :: true -> extend(1, 1, what) fi
       }
    :: break
    od;
    /* The verifier compares the bank of the profile; evidence does not choose it. */
    atomic {
        if :: true -> compare(0) :: NO_BANKS -> compare(1) fi;
        assert(!read_list || started)
    }
}
