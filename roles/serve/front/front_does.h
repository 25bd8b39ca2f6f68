/* What serves the rows of front_paths.def. Each answers, or asks the keeper and answers then. */
#ifndef SITUS_SERVE_FRONT_DOES_H
#define SITUS_SERVE_FRONT_DOES_H

struct front_call;
struct json_out;

/* The page for people, and the policies that they choose from. */
void front_page(struct front_call *c);
void front_v1_policies(struct front_call *c);
void front_v1_report(struct front_call *c);

/* /v1: plain JSON. */
void front_v1_challenge(struct front_call *c);
void front_v1_verify(struct front_call *c);
void front_v1_connect(struct front_call *c);

/* Veraison's challenge-response API. */
void front_new_session(struct front_call *c);
void front_submit(struct front_call *c);
void front_session(struct front_call *c);
void front_forget(struct front_call *c);
void front_veraison(struct front_call *c);

/* front_media_types writes the media types of evidence that a session of it takes. */
void front_media_types(struct json_out *o, const struct front_call *c);

/* Keys of issuers, and where they are. */
void front_jwks(struct front_call *c);
void front_discovery(struct front_call *c);

/* Watched machines. */
void front_fleet(struct front_call *c);
void front_machine(struct front_call *c);
void front_events(struct front_call *c);
void front_stream(struct front_call *c);
void front_badge_report(struct front_call *c);
void front_badge_machine(struct front_call *c);

/* Whether whoever is at a proxy's door shows a token and holds its key. */
void front_token_check(struct front_call *c);

/* The alliance's. */
void front_get_jwt(struct front_call *c);
void front_verify_token(struct front_call *c);
void front_check_quote(struct front_call *c);
void front_alliance_jwks(struct front_call *c);

/* A registrar. */
void front_enrol(struct front_call *c);
void front_activate(struct front_call *c);

/* Of the service itself. */
void front_healthz(struct front_call *c);
void front_readyz(struct front_call *c);
void front_metrics(struct front_call *c);
void front_openapi(struct front_call *c);

#endif
