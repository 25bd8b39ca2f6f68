#!/usr/bin/env python3
"""man3.py PAGE HEADER...: prints the page with what the headers say, so that it stands in one place only.

A line of the page that is one of these is replaced:
  @synopsis      the prototypes of the functions that the page is about (its line under # NAME)
  @functions     what the comments above them say
  @struct NAME   (or @enum NAME) the comment and the definition
  @rules         the comment at the top of the first
  @codes         the rows of SITUS_CODES
"""
import pathlib
import re
import sys


def prose(comment):
    """The text of a comment as paragraphs and list items of scdoc."""
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in comment.splitlines()]
    text = re.sub(r"\n *(?=[^\s-])", " ", re.sub(r"\n\s*- ", "\n\n- ", "\n".join(lines)))
    text = "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())
    text = re.sub(r"\n\n(?=- )", "\n", text).replace("\n- ", "\n\n- ", 1)
    return re.sub(r"\bsitus_\w*\w\b", r"*\g<0>*", re.sub(r"[\\*]", r"\\\g<0>", text))


def prototype(declaration):
    text = " ".join(re.sub(r"\b(SITUS_API|SITUS_MUST_CHECK)\b", "", declaration).split())
    if len(text) <= 76:
        return text
    head, arguments = text.split("(", 1)
    return f"{head}(\n    " + arguments.replace(", ", ",\n    ")


def declarations(header):
    """[(functions, prototypes, comment)]: what stands under one comment."""
    found = []
    for comment, group in re.findall(r"/\*((?:(?!\*/).)*)\*/\n((?:SITUS_API[^;]*;\n)+)", header, re.S):
        prototypes = [prototype(one) for one in group.split(";")[:-1]]
        found.append(([re.search(r"(\w+)\(", one)[1] for one in prototypes], prototypes, comment))
    return found


def definition(header, kind, name):
    match = re.search(rf"(?:/\*((?:(?!\*/).)*)\*/\n)?^{kind} {name} \{{.*?\}};$", header, re.S | re.M)
    if not match:
        sys.exit(f"man3: {kind} {name} is not in the header")
    shown = match[0][match[0].index(f"{kind} {name} {{"):]
    return (prose(match[1]) + "\n\n" if match[1] else "") + f"```\n{shown}\n```"


def codes(header):
    rows = re.findall(r'X\([A-Z_]+, "([^"]+)",\s+"([^"]+)"\)', header)
    return "\n\n".join(f"*{word}*\n\t{hint}" for word, hint in rows)


def expand(header, names, line):
    about = [(functions, prototypes, comment) for functions, prototypes, comment in declarations(header)
             if set(functions) & set(names)]
    if line == "@synopsis":
        shown = [one for functions, prototypes, _ in about for f, one in zip(functions, prototypes) if f in names]
        return "```\n#include <situs.h>\n\n" + "\n\n".join(f"{one};" for one in shown) + "\n```"
    if line == "@functions":
        return "\n\n".join(prose(comment) for _, _, comment in about)
    if line == "@rules":
        return prose(re.match(r"/\*(.*?)\*/", header, re.S)[1])
    if line == "@codes":
        return codes(header)
    kind, name = line[1:].split()
    return definition(header, kind, name)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    page, *headers = (pathlib.Path(name).read_text("utf-8") for name in sys.argv[1:])
    header = "".join(headers)
    names = page.splitlines()[4].split(" - ")[0].split(", ")
    print("\n".join(expand(header, names, line) if line.startswith("@") else line for line in page.splitlines()))


main()
