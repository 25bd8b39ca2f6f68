// The page: hands in evidence, and shows the report that comes back. Everything is text; nothing of a report becomes markup.
import { draw } from "/draw.js";
import { fleet, fleetSentence, states } from "/fleet.js";
import { machine } from "/machine.js";
import { ago, copier, element as el, left, list, moment, pairs } from "/parts.js";

const by = id => document.getElementById(id);
const state = { policies: [], session: null, timer: 0 };

// What was wrong with a challenge, by the word of the problem (roles/serve/world/talk_status.def); of others its own words.
const wrong = { "session-unknown": "Your challenge is not known here any more: the service was restarted since, or did not give it",
  "session-spent": "Your challenge was answered already", "session-expired": "Your challenge has expired",
  "session-policy": "Your challenge was given for another policy", "session-elsewhere": "Your challenge was given by another server of this service" };

// A problem of the service's (RFC 9457), or of ours.
function complain(problem) {
  const known = wrong[problem.type?.split(":").pop()];
  const p = known ? { title: known, hint: "get a new challenge, let the machine answer it, and upload what it writes" } : problem;
  const says = [["What was wrong", p.detail], ["Where", p.field], ["Expected", p.expected], ["Got", p.got], ["What to do", p.hint]];
  by("problem").replaceChildren(el("div", { class: "problem" }, el("p", {}, el("strong", {}, `${p.title[0].toUpperCase()}${p.title.slice(1)}.`)),
    pairs(says)));
  by("status").textContent = "";
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", credentials: "omit", ...options });
  } catch {
    complain({ title: "The service does not answer", hint: "see that you are connected, and try again" });
    return null;
  }
  const text = await answer.text();
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    complain({ title: "The answer cannot be read", got: `status ${answer.status}`, hint: "try again" });
    return null;
  }
  if (!answer.ok) {
    complain(value);
    return null;
  }
  return { value, text, location: answer.headers.get("Content-Location") };
}

// What a policy asks for, by the names of its proofs.
const asked = {
  genuine: "a genuine chip", live: "an approved image, running now", bound: "a machine whose place somebody vouches for",
  "host-measured": "approved software beneath the image", "co-located": "that it runs on that very machine",
  listed: "a machine on a list", owned: "a machine whose owner is named", vouched: "another verifier’s word" };

function policy() {
  return state.policies.find(p => p.name === by("policy").value);
}

function tellPolicy() {
  const p = policy();
  by("asks").textContent = p ? `It asks for: ${p.require.map(r => asked[r] ?? r).join("; ")}.` : "";
  by("simulated").hidden = !(p?.simulated);
  forget();
}

// The challenge ends with its time, with its answer, and with another policy.
function forget() {
  state.session = null;
  clearInterval(state.timer);
  by("nonce").replaceChildren();
  by("challenge").textContent = "Get a challenge";
}

async function challenge() {
  const got = await ask("/v1/challenge", { method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ policy: by("policy").value }) });
  if (!got) return;
  forget();
  by("problem").replaceChildren();
  const command = `situs attest --nonce=${got.value.nonce} -o evidence.cmw`, rest = el("span", { class: "left" });
  by("nonce").replaceChildren(el("p", {}, "On the machine, run this, and upload the file that it writes:"),
    el("div", { class: "command" }, el("code", { tabindex: 0 }, command), copier(command, "command")),
    el("p", {}, "Expires in ", rest, "."));
  by("challenge").textContent = "Get another challenge";
  state.session = got.value.session;
  const end = Date.parse(got.value.expires), tick = () => {
    rest.textContent = left(end - Date.now());
    if (Date.now() < end) return;
    forget();
    by("nonce").replaceChildren(el("p", {}, "The challenge has expired. Get another one."));
  };
  state.timer = setInterval(tick, 1000);
  tick();
}

async function verify(event) {
  event.preventDefault();
  const file = by("file").files[0], text = by("text").value;
  by("problem").replaceChildren();
  if (!file && !text.trim()) {
    complain({ title: "There is no evidence yet", hint: "paste it into the field, or choose a file" });
    by("text").focus();
    return;
  }
  const query = new URLSearchParams({ policy: by("policy").value });
  if (state.session) query.set("session", state.session);
  if (by("keep").checked) query.set("keep", "report");
  by("status").textContent = "Judging…";
  const got = await ask(`/v1/verify?${query}`, { method: "POST", body: file ?? new TextEncoder().encode(text),
    headers: { "Content-Type": "application/octet-stream", Accept: "application/json" } });
  forget();
  if (got) show(got.value, got.text, got.location);
}

function choose(file) {
  by("chosen").textContent = file ? `${file.name}, ${file.size} bytes` : "";
  if (file) by("text").value = "";
}

function anew() {
  if (location.pathname !== "/") {
    location.assign("/");
    return;
  }
  clearInterval(state.shown);
  by("answer").hidden = true;
  by("ask").hidden = false;
  by("file").value = by("text").value = by("chosen").textContent = "";
  document.title = "situs: what runs where, and who says so";
  tellPolicy();
  by("policy").focus();
}

const words = { yes: "Proven", then: "Was proven then", no: "Not proven" };

// What an end is called by who knows none of our words, where the report's word is not plain.
const ends = { "the root CRL": "the chip maker's list of withdrawn authorities (root CRL)",
  "the PCK CRL": "the chip maker's list of withdrawn chips (PCK CRL)",
  "the TCB info": "the chip maker's list of security updates (TCB info)",
  "the AK certificate": "the certificate of the security chip's key (AK certificate)",
  "the chain or CRL of the AK certificate": "what vouches for the key of the security chip, or the list of withdrawn ones (chain or CRL of the AK certificate)" };

function says(report) {
  const who = [["chip", "Chip"], ["image", "Software"], ["machine", "Place"], ["verifier", "Another verifier"]]
    .map(([root, title]) => [title, [...new Set(parties(report).filter(p => p.root === root && p.name).map(p => p.name))]])
    .filter(([, names]) => names.length);
  const rest = el("span", { class: "left", id: "left" });
  return el("dl", { class: "short" },
    ...who.length ? [el("dt", {}, "Says who"), el("dd", {}, ...who.map(([title, names]) =>
      el("div", {}, `${title}: `, el("bdi", {}, names.join(", ")))))] : [],
    ...report.until ? [el("dt", {}, "Valid until"), el("dd", {}, el("time", { datetime: report.until.at }, moment(report.until.at)),
      " ", el("span", { class: "whole" }, "(", rest, ")"))] : []);
}

// A challenge is given on this page, not by a command.
function todo(why) {
  return why.check === "fresh.nonce" && why.outcome === "not-run" ?
    "go back, get a challenge, let the machine answer it, and upload what it writes" : why.hint;
}

function verdict(report, how) {
  const box = el("div", { class: `verdict ${how}${report.simulated ? " simulated-answer" : ""}` },
    how === "no" || report.simulated ? null : el("p", { class: "word" }, words[how]),
    el("h1", { tabindex: -1 }, report.sentence), how === "yes" ? says(report) : null,
    el("p", { class: "quiet" }, `Judged ${how === "then" ? "as of " : ""}${moment(report.at)}, by the policy `,
      el("bdi", {}, report.policy), ` of ${location.host}`));
  if (how === "no" && report.why)
    box.append(el("div", { class: "todo" }, pairs([["Expected", report.why.expected], ["Got", report.why.got],
      ["What to do", todo(report.why)]])));
  return box;
}

const roots = [["chip", "The chip's maker"], ["machine", "Who answers for the machine"], ["image", "Who made the software"], ["verifier", "Another verifier"]];

// What was asked for and holds rests on these.
function parties(report) {
  return report.parties.filter(p => p.proofs.some(name => report.proofs[name].required));
}

function trust(report, how) {
  const all = how === "yes" ? parties(report) : report.parties;
  const box = el("section", { class: "trust" }, el("h2", {}, how === "yes" ? "Whom you have to trust" : "Whom you have to trust for what holds"));
  for (const [root, title] of roots) {
    const some = all.filter(p => p.root === root);
    if (some.length)
      box.append(el("h3", {}, title), list(some.map(p => p.name ? [el("strong", {}, el("bdi", {}, p.name)), `: ${p.trusted_for}`]
        : [p.trusted_for])));
  }
  if (!all.length) box.append(el("p", {}, "Nobody: nothing holds."));
  return box;
}

function until(report, how) {
  if (!report.until || how === "no") return null;
  const what = ends[report.until.what] ?? report.until.what;
  if (how === "then")
    return el("section", {}, el("h2", {}, Date.parse(report.until.at) < Date.now() ? "These papers ended " : "These papers end ",
      el("time", { datetime: report.until.at }, moment(report.until.at)), ": that does not make it true today"),
    el("p", { class: "until" }, `The first to end: ${what}.`));
  const end = Date.parse(report.until.at), line = el("p", { class: "until" }, "Until ", el("time", { datetime: report.until.at }, moment(report.until.at)), ", when ",
    what, " ends first.");
  const tick = () => {
    const now = Date.now(), rest = document.getElementById("left");
    if (rest) rest.textContent = now < end ? `${left(end - now)} left` : "that was";
    if (now < end) return;
    clearInterval(state.shown);
    ended(report);
  };
  state.shown = setInterval(tick, 1000);
  queueMicrotask(tick);
  return el("section", {}, el("h2", {}, "Until when it holds"), line,
    el("p", { class: "quiet" }, "This was true when it was checked. Check again to know about now."));
}

// What was said ends: from now on it is told as what was.
function ended(report) {
  const box = document.querySelector(".verdict.yes");
  if (!box || !report.sentence_past) return;
  box.classList.replace("yes", "then");
  if (!report.simulated) box.querySelector(".word").textContent = words.then;
  box.querySelector("h1").textContent = report.sentence = report.sentence_past;
  state.redraw("then");
}

function next(report, how) {
  if (how !== "yes") return null;
  const dated = report.ends.slice(0, 4).map(e => [moment(e.at), ": ", ends[e.what] ?? e.what, ` (${ago(Date.parse(e.at) - Date.now())})`]);
  const all = [...dated, ...report.breaks.map(b => [`At any time: ${b}`])];
  return all.length ? el("section", { class: "dots" }, el("h2", {}, "What would end it next"), list(all)) : null;
}

function open(report) {
  return el("section", { class: "dots" }, el("h2", {}, "What this does not prove"), list(report.does_not_prove.map(w => [w])));
}

function chain(report, broken, how) {
  const box = el("figure", { class: report.simulated ? "simulation" : null }), wide = matchMedia("(min-width: 44rem)");
  const redraw = () => box.replaceChildren(...report.simulated ? [el("p", { class: "word" }, "Simulation")] : [],
    draw(report, broken, wide.matches ? 700 : 340, how === "then"), el("figcaption", {}, "From the two roots down to the answer: each box rests on those above it."));
  wide.onchange = redraw;
  state.redraw = since => {
    how = since;
    redraw();
  };
  redraw();
  return el("section", {}, el("h2", {}, "How the proof is built"), box);
}

function check(c, broken) {
  const how = c.outcome === "not-run" ? "open" : c.outcome;
  const says = { pass: "passed", fail: "failed", open: broken.has(c.id) ? `not checked, because ${c.reason}` : "was not looked at" }[how];
  const more = c.outcome === "fail" ? [["Expected", c.expected], ["Got", c.got], ["What to do", c.hint],
    ["Where", [c.part, c.field, c.at === null ? "" : `at byte ${c.at}`].filter(Boolean).join(" ")], ["Code", c.code]]
    : how === "open" && !broken.has(c.id) ? [["Why not", c.reason]] : [];
  return el("li", { class: `check ${how}`, id: `check-${c.id}` }, c.sentence, " ", el("code", {}, c.id),
    el("span", { class: "quiet" }, ` ${says}`), more.length ? pairs(more) : null);
}

function checks(report, broken) {
  const groups = [["Failed", c => c.outcome === "fail", true], ["Needed, but not checked", c => c.outcome === "not-run" && broken.has(c.id), true],
    ["Passed", c => c.outcome === "pass", false],
    ["Not asked for, or not given", c => c.outcome === "not-run" && !broken.has(c.id), false]];
  const box = el("section", {}, el("h2", {}, "Every check"));
  for (const [title, belongs, openly] of groups) {
    const some = report.checks.filter(belongs);
    if (some.length)
      box.append(el("details", { open: openly || null }, el("summary", {}, `${title}: ${some.length}`),
        el("ul", {}, ...some.map(c => check(c, broken)))));
  }
  if (report.error)
    box.append(el("p", {}, "Reading stopped:"), pairs([["Where", `${report.error.part} ${report.error.field}`],
      ["Expected", report.error.expected], ["Got", report.error.got], ["What to do", report.error.hint]]));
  return box;
}

function table(title, rows) {
  const body = el("tbody");
  for (const [name, value] of rows) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    body.append(el("tr", {}, el("th", { scope: "row" }, el("code", {}, name)), el("td", { class: "mono" }, el("bdi", {}, text)),
      el("td", {}, copier(text, name))));
  }
  return el("table", {}, el("caption", {}, title), body);
}

function values(report, text) {
  const hashes = Object.entries(report).filter(([name, value]) => value && (name.endsWith("_sha256") || name === "nonce") && value.length);
  const box = el("details", {}, el("summary", {}, "Raw values"),
    el("p", { class: "row" }, copier(text, "the whole report (JSON)", "Copy the whole report (JSON)")),
    table("Claims of the evidence, each by the authority in which its chain ends", Object.entries(report.claims)),
    table("What was judged, and by what", [...hashes, ["situs_version", report.situs_version]]));
  if (report.notes.length) box.append(el("h3", {}, "Notes"), list(report.notes.map(n => [n])));
  return el("section", {}, el("h2", {}, "Details"), box);
}

// Where the answer is kept.
function link(path) {
  const url = `${location.origin}/r/${path.split("/").pop()}`;
  return el("section", {}, el("h2", {}, "A link to this answer"), el("div", { class: "command" }, el("code", { tabindex: 0 }, url),
    copier(url, "the link")), el("p", { class: "quiet" }, "Whoever has it sees this answer, as of its time. It is listed nowhere."));
}

// The answer. What was kept (at its own address) is of its time, and told as what was.
function show(given, text, kept) {
  const stored = location.pathname !== "/", trusted = given.verdict === "trusted";
  const how = trusted && !stored ? "yes" : trusted || given.held_as_of ? "then" : "no";
  const report = how === "then" && trusted ? { ...given, sentence: given.sentence_past } : given, broken = new Set(report.checks.filter(c => c.refuses).map(c => c.id));
  const again = el("p", { class: "again" }, el("button", { type: "button" }, "Check something else"));
  again.firstChild.addEventListener("click", anew);
  clearInterval(state.shown);
  by("simulated").hidden = !report.simulated && !policy()?.simulated;
  by("status").textContent = "";
  by("answer").replaceChildren(...[verdict(report, how), trust(report, how), until(report, how), next(report, how), open(report),
    chain(report, broken, how), checks(report, broken), values(report, text), kept ? link(kept) : null, again].filter(Boolean));
  by("ask").hidden = true;
  by("answer").hidden = false;
  document.title = `${report.simulated ? "Simulated: " : ""}${words[how]} · situs`;
  by("answer").querySelector("h1").focus();
  scrollTo(0, 0);
}

function drops() {
  const box = by("drop");
  addEventListener("dragover", e => { e.preventDefault(); box.classList.add("over"); });
  addEventListener("dragleave", e => e.relatedTarget === null && box.classList.remove("over"));
  addEventListener("drop", e => {
    e.preventDefault();
    box.classList.remove("over");
    if (by("ask").hidden) return;
    if (e.dataTransfer.files.length) {
      by("file").files = e.dataTransfer.files;
      choose(e.dataTransfer.files[0]);
    } else {
      by("text").value = e.dataTransfer.getData("text/plain");
    }
  });
}

// A report that was kept; where the browser can, it is held to the digest by which it is asked for.
async function stored(digest) {
  const got = await ask(`/v1/reports/${digest}`);
  if (!got) return;
  if (crypto.subtle) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(got.text)));
    if ([...hash].map(b => b.toString(16).padStart(2, "0")).join("") !== digest) {
      complain({ title: "This is not the answer that the link names", hint: "do not believe it; judge the evidence anew" });
      return;
    }
  }
  show(got.value, got.text);
}

// A machine that is watched, and all of its events, which come by the hundred.
async function watched(name) {
  const m = await ask(`/v1/machines/${name}`), events = [];
  for (let more = m !== null; more;) {
    const got = await ask(`/v1/machines/${name}/events?after=${events.at(-1)?.number ?? 0}`);
    events.push(...got?.value.events ?? []);
    more = got?.value.more;
  }
  if (!m) return;
  const { word, simulated, nodes } = machine(m.value, events);
  by("problem").replaceChildren();
  by("simulated").hidden = !simulated;
  by("answer").replaceChildren(...nodes);
  by("answer").hidden = false;
  document.title = `${word}: ${m.value.machine} · situs`;
}

// Runs again when something happens to a machine, and every ten seconds; one that is running already is run once more.
function live(again) {
  let running = false, more = false;
  const run = async () => {
    more = running;
    if (running) return;
    running = true;
    await again();
    running = false;
    if (more) run();
  };
  const events = new EventSource("/v1/events");
  events.onmessage = run;
  setInterval(run, 10000);
  return run();
}

const only = { state: "", text: "" }, shown = { list: [] };

function filters() {
  const which = el("select", { id: "state" }, el("option", { value: "" }, "every state"),
    ...Object.entries(states).map(([value, [word]]) => el("option", { value }, word.toLowerCase())));
  const text = el("input", { id: "name", type: "search", autocomplete: "off", spellcheck: "false" });
  const box = el("div", { class: "row" }, el("label", { for: "state" }, "Show "), which, el("label", { for: "name" }, "with "), text);
  which.onchange = text.oninput = () => {
    only.state = which.value;
    only.text = text.value;
    by("machines").replaceChildren(...fleet(shown.list, only));
  };
  return box;
}

// All machines, by pages.
async function machines() {
  const list = [];
  for (let more = true; more;) {
    const got = await ask(`/v1/machines?after=${list.at(-1)?.machine ?? ""}`);
    if (!got) return;
    list.push(...got.value.machines);
    more = got.value.more;
  }
  shown.list = list;
  by("problem").replaceChildren();
  by("simulated").hidden = !list.some(m => m.policy.startsWith("simulated-"));
  if (by("answer").hidden)
    by("answer").replaceChildren(el("h1", { tabindex: -1 }), filters(), el("div", { id: "machines" }), el("p", { class: "quiet", id: "asof" }));
  by("answer").querySelector("h1").textContent = fleetSentence(list);
  by("machines").replaceChildren(...fleet(list, only));
  by("asof").textContent = list.length ? `As of ${moment(list[0].at)}` : "";
  by("answer").hidden = false;
  document.title = `${list.filter(m => m.state === "live").length} of ${list.length} watched · situs`;
}

async function begin() {
  by("host").textContent = location.host;
  by("form").addEventListener("submit", verify);
  by("challenge").addEventListener("click", challenge);
  by("policy").addEventListener("change", tellPolicy);
  by("file").addEventListener("change", () => choose(by("file").files[0]));
  by("text").addEventListener("input", () => { by("file").value = by("chosen").textContent = ""; });
  drops();
  const [, kind, name] = location.pathname.split("/");
  if (kind === "r") return stored(name);
  if (kind === "m") return live(name ? () => watched(name) : machines);
  const got = await ask("/v1/policies");
  if (!got) return;
  state.policies = got.value.policies;
  by("policy").append(...state.policies.map(p => el("option", { value: p.name, selected: p.default || null }, p.name)));
  by("ask").hidden = false;
  tellPolicy();
}

begin();
