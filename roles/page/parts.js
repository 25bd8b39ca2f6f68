// What the page is made of: elements, times for people, buttons that copy.

// What is not seen, or moves what is (controls, marks of direction, signs without width), is told, as the report's sentence does.
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export function plain(text) {
  return String(text).replace(hidden, c => `<U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);
}

export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  for (const child of children)
    if (child !== null && child !== undefined) node.append(child instanceof Node ? child : plain(child));
  return node;
}

export function list(items) {
  return element("ul", {}, ...items.map(parts => element("li", {}, ...parts)));
}

// Names and their values; those without a value are left out.
export function pairs(rows, how) {
  return element("dl", { class: how }, ...rows.filter(([, value]) => value !== undefined && value !== null && value !== "")
    .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, element("bdi", {}, value))]));
}

export function moment(text) {
  return text.replace("T", " ").replace(/:\d\dZ$/, " UTC");
}

// A span of milliseconds, in its two largest units.
export function left(ms) {
  let rest = Math.max(0, Math.ceil(ms / 1000));
  const parts = [];
  for (const [unit, seconds] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const n = Math.floor(rest / seconds);
    rest -= n * seconds;
    if (n) parts.push(`${n} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

export function ago(ms) {
  return ms > 0 ? `in ${left(ms)}` : `${left(-ms)} ago`;
}

// Where the browser lends no clipboard (plain http to another host), the text is selected instead.
export function copier(text, what, label = "Copy") {
  const button = element("button", { type: "button", class: "small", "aria-label": label === "Copy" ? `Copy ${what}` : null }, label);
  button.addEventListener("click", async () => {
    const said = document.getElementById("status");
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const beside = button.closest("tr, .command")?.querySelector("td.mono, code");
      if (beside) getSelection().selectAllChildren(beside);
      button.textContent = "Selected";
    }
    said.textContent = "";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
  return button;
}
