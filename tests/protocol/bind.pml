/* bind.pml: what an outsider gets accepted as bound (DESIGN: messages; checks). Symbolic: digests do not collide,
 * signatures come from who holds the key. METAL is scenario II, PARAVISOR a paravisor's, else scenario I. A rule R is dropped
 * where NO_R is 1 (rules.txt says what must follow; check.py writes rules.h).
 *
 * C is an enrolled machine in the data centre. On it runs the honest VM, whose image is closed: its agent quotes what it made
 * itself. The outsider has the quoting key of a machine in his basement and, where LEAK is 2, of C too (0: none); rents a VM on C, or
 * in scenario I one of the same cloud; asks the honest VM what he likes; stands between a TD and its quoting service; boots C with
 * a host of his own; and carries C away, once, which takes its power.
 */
#include "rules.h"

#define PARTY_B 0 /* whose key signed a TD quote */
#define PARTY_C 1
#define GOOD 1    /* the approved image, registers of it, or the approved host */
#define AK_C 0    /* the honest VM's; in scenario II also C's own TPM's, as AKH */
#define AK_OWN 1  /* of the outsider's VM: certified as well in scenario I, and with a paravisor */
#define AK_SOFT 2 /* of a program */
#define K_C 0     /* keys that a peer may hold: the honest VM's in the data centre, */
#define K_OUT 1   /* the outsider's, */
#define K_GONE 2  /* that of the honest image on C after it was carried away */
#define TODAY 0   /* nonces: the verifier's, and another */

typedef Quote { bit party; bit image; byte akh; byte hcl; bit n; byte k }
#define ID(t) (t.party + 2 * t.image + 4 * t.akh + 16 * t.hcl + 64 * t.n + 128 * t.k)
typedef Quoted { byte ak; bit n; short id; bit regs }
typedef Platform { bit there; bit certified; bit n; short id; byte akv; bit boot; bit host }

Quote q;          /* what the verifier gets */
Quoted tq;
Platform pq;
byte peer;

bool away;        /* C was carried away */
bit boot;         /* its counters; certified_boot are those of its certificate */
bit certified_boot;
bool evil;        /* C runs the outsider's host */
short seen_c = -1, seen_own = -1; /* the agent's table: what was quoted here for either VM */
byte answers;     /* honest ones in the data centre to today's nonce */
byte accepted;

hidden Quote h;    /* used within one step */
hidden byte n;

inline bits(x) { if :: x = 0 :: x = 1 fi }
inline trits(x) { if :: x = 0 :: x = 1 :: x = 2 fi }
inline trits_if(c, x) { if :: x = 0 :: c -> x = 1 :: c -> x = 2 fi }

inline honest(t, nonce)
{
    t.party = PARTY_C; t.image = GOOD; t.akh = AK_C; t.hcl = AK_C; t.n = nonce;
    t.k = (away -> K_GONE : K_C)
}

inline platform(nonce, tqh, name) /* by the approved agent, under C's TPM */
{
    pq.there = 1; pq.certified = 1; pq.n = nonce; pq.id = tqh; pq.akv = name; pq.boot = boot; pq.host = GOOD
}

/* The honest VM is asked. Its TPM quote is over the TD quote that it got from the service, if that is of its own report. */
inline ask()
{
    bits(n); honest(h, n);
    if :: n == TODAY && !away -> answers++ :: else fi;
    seen_c = ID(h);
    if :: q.party = h.party; q.image = h.image; q.akh = h.akh; q.hcl = h.hcl; q.n = h.n; q.k = h.k :: skip fi;
    if
    :: tq.ak = AK_C; tq.n = n; tq.id = ID(h); tq.regs = GOOD
    :: NO_OWN_REPORT -> tq.ak = AK_C; tq.n = n; tq.id = ID(q); tq.regs = GOOD
    :: skip
    fi;
    if :: METAL -> platform(n, seen_c, AK_C); if :: !NO_ONCE -> seen_c = -1 :: NO_ONCE fi :: skip fi
}

/* Under a leaked key: anything. */
inline forge()
{
    if :: q.party = PARTY_B :: LEAK > 1 -> q.party = PARTY_C fi;
    bits(q.image); trits(q.akh); trits_if(PARAVISOR, q.hcl); bits(q.n); q.k = K_OUT
}

/* A TPM of the outsider's: a program, or the vTPM of his VM, whose registers show what he runs. */
inline own_tpm()
{
    if
    :: tq.ak = AK_SOFT; bits(tq.regs)
    :: tq.ak = AK_OWN; if :: tq.regs = !GOOD :: NO_REGISTERS -> tq.regs = GOOD fi
    fi;
    bits(tq.n); tq.id = ID(q)
}

/* His VM on C is quoted truly: its image is his, or the paravisor below it. Where the enclave does not check the MAC of the
 * report, he writes it. */
inline own_quote()
{
    q.party = PARTY_C; if :: !PARAVISOR -> q.image = !GOOD :: PARAVISOR || NO_MAC -> q.image = GOOD fi;
    trits(q.akh); q.hcl = (PARAVISOR -> AK_OWN : 0); bits(q.n); q.k = K_OUT;
    seen_own = ID(q)
}

/* He asks the agent on C from his VM. */
inline own_platform()
{
    bits(n);
    if
    :: seen_own >= 0 -> platform(n, seen_own, AK_OWN); if :: !NO_ONCE -> seen_own = -1 :: NO_ONCE fi
    :: NO_TABLE && seen_own >= 0 -> platform(n, seen_own, AK_C)
    :: NO_CALLER && seen_c >= 0 -> platform(n, seen_c, AK_OWN)
    :: NO_SEEN -> platform(n, ID(q), AK_OWN)
    :: NO_SEEN && NO_TABLE -> platform(n, ID(q), AK_C)
    :: else
    fi
}

/* Another host on C: its TPM does not use the key, if that is sealed. Or no TPM of C's at all. */
inline any_platform()
{
    pq.there = 1; bits(pq.n); pq.id = ID(q); trits(pq.akv);
    if
    :: evil && NO_SEALED -> pq.certified = 1; pq.boot = boot; pq.host = !GOOD
    :: pq.certified = 0; bits(pq.boot); pq.host = GOOD
    fi
}

active proctype outsider()
{
    byte turns = 0;
    do
    :: turns < TURNS -> atomic {
        turns++;
        if
        :: (!evil) -> ask()
        :: LEAK -> forge()
        :: own_tpm()
        :: own_quote()
        :: METAL && !evil -> own_platform()
        :: METAL -> any_platform()
        :: METAL && !boot -> boot = 1; seen_c = -1; seen_own = -1; if :: evil = 1 :: away = 1 fi
        :: METAL && boot && (!away || NO_CONFIRM) -> certified_boot = boot /* the registrar, when somebody saw the machine */
        fi
       }
    :: break
    od;
    atomic { trits(peer) };
    /* The verifier, who is asked twice. */
    do
    :: atomic { (accepted == 0 || (NO_SPENT && accepted < 3)) &&
        (NO_GUEST || q.image == GOOD) &&
        (NO_NONCE_TD || q.n == TODAY) &&
        (NO_CHANNEL || q.k == peer) &&
        (NO_AKH || q.akh == (METAL -> AK_C : tq.ak)) &&
        (!PARAVISOR || NO_HCL_AK || q.hcl == tq.ak) &&
        (METAL || NO_AK_CERTIFICATE || tq.ak != AK_SOFT) &&
        (NO_NONCE_TPM || tq.n == TODAY) &&
        (NO_TQH || tq.id == ID(q)) &&
        (NO_LISTS || tq.regs == GOOD) &&
        (!METAL || (pq.there &&
            (NO_AK_CERTIFICATE || pq.certified) &&
            (NO_PQ_NONCE || pq.n == TODAY) &&
            (NO_PQ_TQH || pq.id == ID(q)) &&
            (NO_PQ_AKV || pq.akv == tq.ak) &&
            (NO_HOST_IMAGE || pq.host == GOOD) &&
            (NO_BOOT || pq.boot == certified_boot) &&
            (NO_PIID || q.party == PARTY_C))) ->
        accepted++;
        assert(peer == K_C);          /* who is spoken to is the honest VM in the data centre, */
        assert(tq.ak == AK_C);        /* what is said of registers is said of it, */
        assert(accepted <= answers)   /* and it answered today, once for each yes */
       }
    :: break
    od
}
