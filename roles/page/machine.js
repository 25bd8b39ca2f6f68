// A machine that the service watches: its state in a sentence, and what happened to it.
import { timeline } from "/fleet.js";
import { element as el, left, moment, pairs } from "/parts.js";

const events = { began: "The watch began", "re-endorsed": "Vouched for anew: a new span", restarted: "Restarted: a new span",
  broken: "Broken", refused: "An older word mended nothing", alarm: "Another claimed to be this machine, and was refused" };
const reasons = { "appraisal-refused": "what it answered was refused", silence: "it fell silent", "ak-name-changed": "the key of its security chip (TPM) changed",
  "ek-name-changed": "its security chip (TPM) changed", "platform-changed": "its processors changed", "launch-changed": "what was started on it changed",
  "key-changed": "its own key changed", "counters-changed": "it was started anew", "counters-went-back": "the counters of its security chip (TPM) went back",
  "tpm-clock-not-up": "the clock of its security chip (TPM) did not go up", "word-ended": "what vouches for it ended",
  "not-observed": "it was not observed", "clock-stepped": "the service's clock was set", "verifier-restored": "the service's records are older than they were",
  "not-watched": "it was not watched" };

function why(reason, whose) {
  return `${reasons[reason] ?? reason} (on the side of the ${whose})`;
}

function sentence(m) {
  const since = m.span && `since ${moment(m.span.since)}, for ${left(Date.parse(m.at) - Date.parse(m.span.since))}`;
  if (m.state === "live") return [`Watched without a gap ${since}.`, "yes", "Watched"];
  if (m.state === "late") return [`An answer is missing. Until the last one it was watched without a gap ${since}.`, "then", "Answer missing"];
  if (m.state === "broken") return [`Not proven: the watch broke ${moment(m.broken_at)}, for ${why(m.reason, m.whose)}.`, "no", "Broken"];
  if (m.state === "elsewhere") return ["Not known here: another server watches it since.", "then", "Elsewhere"];
  return ["Not proven: it gave no good answer yet.", "no", "New"];
}

export function machine(m, told) {
  const [says, how, state] = sentence(m), rows = [], simulated = m.policy.startsWith("simulated-");
  const word = simulated ? `Simulation · ${state.toLowerCase()}` : state;
  for (const e of [...told].reverse())
    rows.push(el("li", { class: `check ${{ broken: "fail", alarm: "fail", refused: "fail" }[e.event] ?? "pass"}` },
      el("time", { datetime: e.at }, moment(e.at)), ": ", events[e.event] ?? e.event, e.reason ? `: ${why(e.reason, e.whose)}` : "",
      el("span", { class: "quiet" }, ` span ${e.span}`)));
  const facts = [["Where it stands", m.site && `“${m.site}”, as whoever runs this service wrote it down`], ["Last good answer", m.span && moment(m.span.last)], ["Longest gap", m.span && left(m.span.longest_gap_ms)],
    ["Answers of this span", m.span?.answers], ["Allowed gap", left(m.within_seconds * 1000)],
    ["Others who claimed to be it, or noise", m.others_answers || null], ["Last alarm", m.alarm_at && moment(m.alarm_at)]];
  return { word, simulated, nodes: [
    el("div", { class: `verdict ${how}${simulated ? " simulated-answer" : ""}` }, el("p", { class: "word" }, word),
      el("h1", { tabindex: -1 }, simulated ? "SIMULATED, no real machine: " : "", el("bdi", {}, `“${m.machine}”`), `: ${says}`),
      pairs([["Policy", m.policy], ["Ends next", m.until && `${moment(m.until)}${m.ends ? `: ${m.ends}` : ""}`]], "short"), el("p", { class: "quiet" }, `As of ${moment(m.at)}`)),
    el("section", {}, el("h2", {}, "What is known"), pairs(facts)),
    el("section", {}, el("p", {}, "Who says so: this service, which asked the machine again and again under that policy. Who vouches for the place itself is told with each ",
      el("a", { href: "/" }, "answer about its evidence"), ".")),
    el("section", {}, el("h2", {}, "What happened"), timeline(told, m.at), rows.length ? el("ul", {}, ...rows) : el("p", {}, "Nothing yet."))] };
}
