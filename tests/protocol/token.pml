/* token.pml: whom a token lets in (DESIGN: service). Two policies of one service, STRICT and LAX, and a service of the lab's;
 * an honest machine that STRICT accepts, and the outsider's, which LAX accepts. He asks as he likes, keeps what he gets, is on
 * the way, and shows tokens to a proxy that wants STRICT. One build of the judge has a fault that evidence of his can use.
 */
#include "rules.h"

#define STRICT 0
#define LAX 1
#define LAB 2
#define K_C 0
#define K_OUT 1

typedef Token { byte key; byte iss; byte policy; bit aud; byte k; bit affirms; bit nonce; bit fresh; bit bearer; bit there; bit lived }
Token t;
byte peer;

inline sign(p) /* by the keeper, which has policy, audience, key and times of its own */
{
    t.there = 1;
    t.key = (NO_KEY_PER_POLICY -> STRICT : p); t.iss = (NO_ISSUER_PER_POLICY -> STRICT : p); t.policy = p;
    if :: t.aud = 0 :: NO_AUDIENCE_OF_POLICY -> t.aud = 1 fi;
    t.fresh = 1; t.lived = 1;
    if :: t.bearer = 0 :: NO_BEARER_OF_POLICY -> t.bearer = 1 fi
}

active proctype outsider()
{
    byte turns = 0;
    do
    :: turns < 2 -> atomic {
        turns++;
        if
        :: sign(STRICT); t.k = K_C; t.affirms = 1; t.nonce = 1        /* the honest machine, asked by the proxy's client */
        :: sign(STRICT); t.k = K_C; t.affirms = 1; t.nonce = 0        /* by him, with a nonce of his */
        :: sign(LAX); t.k = K_OUT; t.affirms = 1; t.nonce = 1         /* his machine, under the other policy */
        :: sign(STRICT); t.k = K_OUT; t.affirms = 0; t.nonce = 1      /* and under this one: a token that says no */
        :: NO_TWO_JUDGES -> sign(STRICT); t.k = K_OUT; t.affirms = 1; t.nonce = 1 /* a judge that he took over */
        :: NO_CHANNEL_OF_FRONT -> sign(STRICT); t.k = K_OUT; t.affirms = 1; t.nonce = 1 /* evidence of the honest one, key of his */
        :: NO_ARCHIVED -> sign(STRICT); t.k = K_C; t.affirms = 1; t.nonce = 0; t.lived = 0 /* old evidence, no challenge */
        :: sign(LAB); t.key = LAB; t.k = K_OUT; t.nonce = 1; if :: t.affirms = 0 :: NO_SIMULATED -> t.affirms = 1 fi
        :: t.there -> t.fresh = 0; t.lived = 0 /* time goes by */
        :: t.there = 1; t.key = 3; t.iss = STRICT; t.policy = STRICT; t.aud = 0; t.k = K_OUT; t.affirms = 1; t.nonce = 1;
           t.fresh = 1; t.bearer = 0 /* he signs himself */
        fi
       }
    :: break
    od;
    atomic {
        if :: peer = K_C :: peer = K_OUT fi;
        /* The proxy. Its keys are those of the issuer that it pins; a trust file of the lab's is nobody's here. */
        if
        :: t.there &&
           (NO_KEYS || t.key == STRICT || (t.key == LAB && NO_LAB_KEYS)) &&
           (NO_ISSUER || t.iss == STRICT) &&
           (NO_AUDIENCE || t.aud == 0) &&
           (NO_POLICY || t.policy == STRICT) &&
           (NO_STATUS || t.affirms) &&
           (NO_EXPIRY || t.fresh) &&
           (!ASKED || NO_NONCE || t.nonce) &&
           (NO_CNF || t.k == peer || t.bearer) ->
            assert(peer == K_C);                  /* who comes in is the honest machine, */
            assert(t.policy == STRICT && t.aud == 0); /* of a yes that was meant for this door, */
            assert(t.lived);                          /* which answered in the life of a token, */
            assert(t.nonce || !ASKED)                 /* and where the client asked with a nonce: that one */
        :: else
        fi
    }
}
