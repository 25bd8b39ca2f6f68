// All machines that the service watches, by site, with what is so now; and the time of one as a picture.
import { element as el, fill, left, moment } from "/parts.js";

export const states = { live: ["Watched", "yes"], late: ["Answer missing", "then"], broken: ["Broken", "no"], new: ["New", "no"],
  elsewhere: ["Watched by another server", "then"] };

const simulated = m => m.policy.startsWith("simulated-");

export function stateWord(m) {
  const word = (states[m.state] ?? [m.state])[0];
  return simulated(m) ? `Simulation · ${word.toLowerCase()}` : word;
}

function since(m) {
  if (m.state === "broken") return `broken ${moment(m.broken_at)}: ${m.reason}`;
  return m.span ? `${moment(m.span.since)}, for ${left(Date.parse(m.at) - Date.parse(m.span.since))}` : "";
}

const heads = ["Machine", "State", "Since", "Ends next", "Last good answer"];

function row(m) {
  const [, how] = states[m.state] ?? ["", "no"];
  const cells = [since(m), m.until ? `${moment(m.until)}${m.ends ? `: ${m.ends}` : ""}` : "", m.span ? moment(m.span.last) : ""];
  return el("tr", { class: `machine ${simulated(m) ? "then" : how}` }, el("th", { scope: "row" }, el("a", { href: `/m/${m.machine}` }, el("bdi", {}, m.machine))),
    el("td", { class: "state" }, stateWord(m)), ...cells.map((c, i) => el("td", { class: c ? null : "none", "data-head": heads[i + 2] }, c)));
}

// The sentence speaks of what is watched without a gap, and of nothing else.
export function fleetSentence(list) {
  const live = list.filter(m => m.state === "live").length, bad = list.filter(m => m.state === "broken").length;
  const word = list.some(simulated) ? "SIMULATED, no real machines: " : "";
  if (!list.length) return "No machine is watched here.";
  if (live === list.length) return `${word}${list.length === 1 ? "The one machine is" : `All ${list.length} machines are`} watched without a gap.`;
  return `${word}${live} of ${list.length} machine${list.length === 1 ? "" : "s"} watched without a gap${bad ? `; ${bad} broken` : ""}.`;
}

export function fleet(list, only) {
  const sites = new Map();
  for (const m of list)
    if ((!only.state || m.state === only.state) && (!only.text || `${m.machine} ${m.site ?? ""}`.toLowerCase().includes(only.text.toLowerCase())))
      sites.set(m.site ?? "", [...sites.get(m.site ?? "") ?? [], m]);
  return [...sites].sort(([a], [b]) => a < b ? -1 : 1).map(([site, some]) => el("table", { class: "fleet" },
    el("caption", {}, site ? el("bdi", {}, `“${site}”`) : "No site is said", `: ${some.length}`),
    el("thead", {}, el("tr", {}, ...heads.map(h => el("th", { scope: "col" }, h)))), el("tbody", {}, ...some.map(row))));
}

const starts = ["began", "re-endorsed", "restarted"];

// The spans and what lies between them, by the events; what is not on record is nothing.
export function spans(events, now) {
  const parts = [];
  for (const e of events) {
    const last = parts.at(-1), at = Date.parse(e.at), how = starts.includes(e.event) ? "watched" : e.event === "broken" ? "gap" : null;
    if (!how || how === last?.how) continue;
    if (last) last.to = at;
    parts.push({ how, from: at, to: now, what: e });
  }
  return parts;
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

export function timeline(events, at) {
  const now = Date.parse(at), parts = spans(events, now), width = 700, from = parts[0]?.from;
  if (!parts.length) return null;
  const x = t => now > from ? Math.round((t - from) / (now - from) * width) : 0;
  const says = parts.map(p => `${p.how === "watched" ? "watched" : "not watched"} from ${moment(new Date(p.from).toISOString().replace(/\.\d+/, ""))}, for ${left(p.to - p.from)}`);
  return el("figure", {}, svg("svg", { class: "timeline", viewBox: `0 0 ${width} 40`, role: "img", "aria-label": `${says.join("; ")}.` },
    ...parts.map(p => svg("rect", { class: p.how, x: x(p.from), y: p.how === "watched" ? 6 : 14, height: p.how === "watched" ? 28 : 12,
      width: Math.max(2, x(p.to) - x(p.from)) }))),
  el("figcaption", {}, `From ${moment(parts[0].what.at)} to now: high is a span without a gap, low is a time for which nothing is proven.`));
}
