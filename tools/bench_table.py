#!/usr/bin/env python3
"""bench_table.py BENCH [DOCUMENT]: runs BENCH five times and prints the medians as a table of Markdown, then once more,
then how costs grow. With DOCUMENT the tables take the place of what stands there between the lines
<!-- figures --> and <!-- end -->, and the curves are drawn beside it, in performance/*.svg."""
import datetime
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

RUNS = int(os.environ.get("RUNS", "5"))
WIDTH, HEIGHT, LEFT, TOP = 420, 220, 60, 30


def run(bench, option):
    with tempfile.NamedTemporaryFile() as f:
        subprocess.run([bench, option, f.name], check=True, stdout=subprocess.DEVNULL)
        return json.load(f)


def machine():
    """What it ran on, and how busy that was before."""
    with open("/proc/cpuinfo") as f:
        names = [line.split(":", 1)[1].strip() for line in f if line.startswith(("model name", "CPU part"))]
    openssl = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    return (f"{os.cpu_count()} processors, {names[0] if names else 'unknown'}, OpenSSL {openssl}; "
            f"load before: {os.getloadavg()[0]:.1f}")


def verdict(missed):
    if not missed:
        return "Every goal is met in both."
    return "Missed in at least one: " + ", ".join(f"{n} ({g} %)" for n, g in missed.items()) + "."


def table(bench, missed):
    """Rows that miss their goal are added to missed."""
    runs = [{r["name"]: r for r in run(bench, "--short")["rows"]} for _ in range(RUNS)]
    yield "| row | per second | signatures, counted | share of the limit, % | goal |"
    yield "|---|---|---|---|---|"
    for name, first in runs[0].items():
        rows = [r[name] for r in runs if name in r]
        rate = statistics.median(r["per_second"] for r in rows)
        ratio = statistics.median(r["ratio"] for r in rows) * 100
        counted = f'{first["counted"]:.0f}' if "counted" in first else ""
        goal = f'{"met" if ratio >= first["goal"] else "missed"}, {first["goal"]}' if first.get("goal") else ""
        if first.get("goal") and ratio < first["goal"]:
            missed[name] = first["goal"]
        share = f"{ratio:.1f}" if first["signatures"] else ""
        yield f"| {name} | {rate:.0f} | {counted} | {share} | {goal} |"


def growth(curves):
    for c in curves:
        yield f'| {c["name"]}, by {c["of"]} | ' + ", ".join(
            f"{n}: {cost:.1f}" for n, cost in c["points"]) + f' {c["unit"]} |'


def draw(curve):
    """Both axes are logarithmic: what is linear has a slope of one."""
    points = [(math.log10(x), math.log10(y)) for x, y in curve["points"]]
    x0, x1 = math.floor(min(x for x, _ in points)), math.ceil(max(x for x, _ in points))
    y0, y1 = math.floor(min(y for _, y in points)), math.ceil(max(y for _, y in points))

    def place(x, y):
        return (LEFT + (x - x0) / max(x1 - x0, 1) * (WIDTH - LEFT - 20),
                HEIGHT - TOP - (y - y0) / max(y1 - y0, 1) * (HEIGHT - 2 * TOP))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           'font-family="sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="8" y="16">{curve["name"]}: {curve["unit"]} by {curve["of"]}</text>']
    for x in range(x0, x1 + 1):
        px, py = place(x, y0)
        out.append(f'<path d="M{px:.0f} {py:.0f}V{TOP}" stroke="#ddd"/>'
                   f'<text x="{px:.0f}" y="{py + 14:.0f}" text-anchor="middle">{10 ** x}</text>')
    for y in range(y0, y1 + 1):
        px, py = place(x0, y)
        out.append(f'<path d="M{px:.0f} {py:.0f}H{WIDTH - 20}" stroke="#ddd"/>'
                   f'<text x="{px - 4:.0f}" y="{py + 4:.0f}" text-anchor="end">{10 ** y:g}</text>')
    line = " ".join(f"{px:.1f},{py:.1f}" for px, py in (place(*p) for p in points))
    out.append(f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>')
    out += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="#06c"/>' for px, py in (place(*p) for p in points)]
    return "\n".join(out + ["</svg>", ""])


def main():
    bench, document = sys.argv[1], pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    runs = "" if RUNS == 5 else f" RUNS={RUNS}"
    missed, lines = {}, [f"Measured on {datetime.date.today()} by `make bench-table{runs}`: {machine()}."]
    for which in ("First", "Second"):
        lines += ["", f"{which} {RUNS} runs, medians:" if RUNS > 1 else f"{which} run:", ""]
        for line in table(bench, missed):
            lines.append(line)
            print(line, flush=True)
    lines.insert(1, verdict(missed))
    curves = run(bench, "--growth")["curves"]
    lines += ["", "| growth | how many: cost |", "|---|---|", *growth(curves), ""]
    print("\n".join(growth(curves)))
    if not document:
        return
    pictures = document.parent / "performance"
    pictures.mkdir(exist_ok=True)
    for i, curve in enumerate(curves, 1):
        (pictures / f"growth-{i}.svg").write_text(draw(curve))
        lines.append(f'![{curve["name"]}](performance/growth-{i}.svg)')
    before, rest = document.read_text().split("<!-- figures -->\n")
    document.write_text(before + "<!-- figures -->\n" + "\n".join(lines) + "\n<!-- end -->" + rest.split("<!-- end -->")[1])


main()
