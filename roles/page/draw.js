// The drawing: from the two roots, the chip's maker and who answers for the machine, down to the answer.
import { fill, plain } from "/parts.js";

const GAP = 26, PAD = 9, LINE = 17, EDGE = 6;

const here = "Now, and with you";

// What stands where: column (chip, machine, both), what it is called, and which checks decide it: an id, or what one begins with.
const boxes = [
  ["chip", "Key of the chip", ["tdx.pck-chain", "sgx.pck-chain", "snp.vek-chain", "tdx.tcb", "sgx.tcb", "snp.tcb"]],
  ["chip", "What the chip signed", ["tdx.", "sgx.", "snp."]],
  ["chip", "Registers: the image", ["ref.", "log.rtmr"]],
  ["machine", "Word on the machine", ["poe.", "list."]],
  ["machine", "Key of the security chip (TPM)", ["ak."]],
  ["machine", "What the security chip (TPM) signed", ["tpm."]],
  ["machine", "Registers: how it started", ["log.", "host.image"]],
  ["both", "One machine, one start", ["bind.ak-in-td", "bind.td-in-tpm", "bind.measurements", "host.co-located", "machine.same"]],
  ["both", here, ["fresh.", "bind."]],
  ["both", "Another verifier’s word", ["vouch."]],
  ["both", "Nothing else against it", [""]],
];

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

// Lines of at most so many letters; a longer word is cut.
function wrap(text, most) {
  const lines = [""];
  for (const whole of plain(text).split(" ")) {
    const word = whole.length > most ? `${whole.slice(0, most - 1)}…` : whole, last = lines.length - 1;
    if (!lines[last]) lines[last] = word;
    else if (lines[last].length + 1 + word.length <= most) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines.length > 5 ? [...lines.slice(0, 5), "…"] : lines;
}

// The checks of a report by box, each in the first that takes it. A box that nothing was asked of is left out.
// A row that could not run since another failed breaks nothing.
function decide(report, broken) {
  const failed = report.checks.some(c => c.outcome === "fail" && broken.has(c.id));
  const left = new Set(report.checks);
  return boxes.map(([column, title, takes]) => {
    const own = [...left].filter(c => takes.some(t => c.id === t || ((t === "" || t.endsWith(".")) && c.id.startsWith(t))));
    own.forEach(c => left.delete(c));
    const refusing = own.filter(c => broken.has(c.id)), passed = own.filter(c => c.outcome === "pass").length;
    const bad = refusing.find(c => c.outcome === "fail") ?? (failed ? null : refusing[0]), open = refusing[0];
    return { column, title, how: bad ? "broken" : open ? "none" : "ok", asked: open || passed,
      text: bad ? bad.plain : open ? `not checked, because ${open.reason}` : count(passed) };
  }).filter(b => b.asked);
}

function count(n) {
  return n === 1 ? "1 check passed" : `${n} checks passed`;
}

function rootOf(report, root, title, below) {
  const names = [...new Set(report.parties.filter(p => p.root === root && p.name).map(p => p.name))];
  const broken = !names.length && below[0]?.how === "broken";
  const nobody = !below.length ? "was not asked" : broken ? "nobody whom you trust" : "counts only with the rest";
  return { title, text: names.join(", ") || nobody, how: names.length ? "ok" : broken ? "broken" : "none", root: true };
}

function box(b, x, y, width) {
  const title = wrap(b.title, Math.floor((width - 3 * PAD - 10) / 8)), marks = { ok: "✓", broken: "✕", none: "–", then: "–" };
  const lines = [...title, ...b.text ? wrap(b.text, Math.floor((width - 2 * PAD) / 7.4)) : []];
  b.height = 2 * PAD + LINE * lines.length;
  const g = svg("g", { class: `${b.how}${b.root ? " root" : ""}` },
    svg("rect", { x, y, width, height: b.height, rx: 8 }),
    svg("text", { class: "mark", x: x + width - PAD - 10, y: y + PAD + 12 }, marks[b.how]));
  lines.forEach((line, i) => g.append(svg("text", { class: i < title.length ? "title" : "small", x: x + PAD,
    y: y + PAD + 12 + LINE * i }, line)));
  return g;
}

// A link below these boxes, as good as the worst of them; it breaks right below one that is broken.
function link(above, x, from, to) {
  const how = ["broken", "none", "then", "ok"].find(h => above.some(b => b.how === h));
  const g = svg("g", {}, svg("line", { class: how, x1: x, y1: from, x2: x, y2: to }));
  if (above.at(-1).how === "broken") g.append(svg("text", { class: "mark broken", x: x + 7, y: (from + to) / 2 + 5 }, "✕"));
  return g;
}

// A column of boxes from y on, each linked to the one above; its end.
function stack(into, column, x, y, width) {
  column.forEach((b, i) => {
    if (i) into.append(link(column.slice(0, i), x + width / 2, y - GAP, y));
    into.append(box(b, x, y, width));
    y += b.height + GAP;
  });
  return y - GAP;
}

// past: what held is told as what was. In a simulation the drawing says that it is one.
export function draw(report, broken, width, past) {
  const all = decide(report, broken), of = column => all.filter(b => b.column === column), now = all.find(b => b.title === here);
  const chip = [rootOf(report, "chip", "Chip’s maker", of("chip")), ...of("chip")];
  const machine = [rootOf(report, "machine", "Owner’s side", of("machine")), ...of("machine")];
  const answer = { title: "The answer", text: report.sentence, how: past ? "then" : report.verdict === "trusted" ? "ok" : "broken", root: true };
  if (past && now?.how === "ok") Object.assign(now, { title: "Then, and with who asked", how: "then", text: "was true then" });
  const both = [...of("both"), answer], half = (width - 2 * EDGE - 14) / 2, x = [EDGE, width - EDGE - half];
  const picture = svg("svg", { class: `chain${report.simulated ? " simulation" : ""}`, width, role: "img", "aria-labelledby": "chain-title chain-text" });
  const says = column => column.map(b => `${b.title}: ${b.text || (b.how === "ok" ? "holds" : "")}${b.how === "broken" ? " (broken)" : ""}`).join("; ");
  picture.append(svg("title", { id: "chain-title" }, `${report.simulated ? "Simulation: " : ""}How the answer rests on its two roots`),
    svg("desc", { id: "chain-text" }, `From the chip's maker: ${says(chip)}. From the owner's side: ${says(machine)}. Together: ${says(both)}.`));
  const ends = [stack(picture, chip, x[0], EDGE, half), stack(picture, machine, x[1], EDGE, half)], y = Math.max(...ends) + GAP;
  [chip, machine].forEach((column, i) => picture.append(link(column, x[i] + half / 2, ends[i], y)));
  const height = stack(picture, both, EDGE, y, width - 2 * EDGE) + EDGE;
  picture.setAttribute("height", height);
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return picture;
}
