#!/usr/bin/env python3
"""completion.py bash|zsh SITUS: a completion for that shell, of what the program SITUS itself says it takes.

The options are those that "situs COMMAND --help" prints, which it prints from the table that its parser reads.
"""
import re
import subprocess
import sys

ROW = re.compile(r"  (?:-(\w), |    )--([\w-]+)(?: (\S+))? +(.+)")


def ask(situs, *words):
    return subprocess.run([situs, *words], capture_output=True, text=True, check=True).stdout.splitlines()


def commands(situs):
    """Each command's name, with its help and its options: (letter or "", name, argument or "", help)."""
    table = {}
    for line in ask(situs, "help"):
        row = re.fullmatch(r"  ([a-z]+(?: [a-z-]+)?)  +(\S.*)", line)
        if row:
            lines = ask(situs, *row[1].split(), "--help")
            options = [m.groups(default="") for m in map(ROW.fullmatch, lines) if m]
            table[row[1]] = (row[2], options)
    return table


def choices(argument):
    """The words that an argument may be, where it is one of some: "platform|processor"."""
    return argument.split("|") if re.fullmatch(r"[a-z0-9-]+(\|[a-z0-9-]+)+", argument) else []


def kinds(table):
    """First words of two, each with the second ones."""
    found = {}
    for name in table:
        first, _, second = name.partition(" ")
        if second:
            found.setdefault(first, []).append(second)
    return found


def bash(table):
    first = sorted({name.split()[0] for name in table})
    yield "# bash completion for situs, made by situs from its options."
    yield "_situs()\n{"
    yield "    local word=$2 before=$3 command=${COMP_WORDS[1]-} words=''"
    yield "    COMPREPLY=()"
    yield "    [[ $word == -* ]] || case $COMP_CWORD-$command in"
    yield f"    1-*) words='{' '.join(first)}' ;;"
    for kind, seconds in kinds(table).items():
        yield f"    2-{kind}) words='{' '.join(seconds)}' ;;"
    yield "    2-help) words='" + " ".join(first) + "' ;;"
    yield "    esac"
    pairs = "|".join(f"'{name}'" for name in table if " " in name)
    yield f"    case \"$command ${{COMP_WORDS[2]-}}\" in {pairs}) command+=\" ${{COMP_WORDS[2]-}}\" ;; esac"
    yield "    if [ -z \"$words\" ]; then"
    yield "        case \"$command $before\" in"
    for name, (_, options) in table.items():
        for letter, long, argument, _ in options:
            if choices(argument):
                marks = [f"'{name} --{long}'"] + ([f"'{name} -{letter}'"] if letter else [])
                yield f"        {'|'.join(marks)}) words='{' '.join(choices(argument))}' ;;"
    yield "        esac\n    fi"
    yield "    if [ -z \"$words\" ] && [[ $word == -* ]]; then"
    yield "        case $command in"
    for name, (_, options) in table.items():
        yield f"        '{name}') words='{' '.join('--' + long for _, long, _, _ in options)}' ;;"
    yield "        esac\n    fi"
    yield "    [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")"
    yield "}\ncomplete -o bashdefault -o default -F _situs situs"


def zsh(table):
    def quoted(text, special):
        return re.sub(f"([{special}])", r"\\\1", text).replace("'", "'\\''")

    def described(rows):
        return " ".join(f"'{name}:{quoted(said, ':')}'" for name, said in rows)

    yield "#compdef situs\n# zsh completion for situs, made by situs from its options."
    first = {name: said for name, (said, _) in table.items() if " " not in name}
    for kind, seconds in kinds(table).items():
        first.setdefault(kind, ", ".join(seconds))
    yield "_situs()\n{"
    yield "    local -a commands"
    yield f"    commands=({described(first.items())})"
    yield "    if (( CURRENT == 2 )); then _describe command commands; return; fi"
    yield "    local command=$words[2]"
    yield "    case $command in"
    for kind, seconds in kinds(table).items():
        yield f"    {kind})"
        yield f"        commands=({described((s, table[kind + ' ' + s][0]) for s in seconds)})"
        if kind in table:  # it is a command, too: what follows may be its own
            yield "        if (( CURRENT == 3 )) && [[ $words[3] != -* ]]; then _describe command commands; _files; return; fi"
            yield f"        case $words[3] in {'|'.join(seconds)})"
            yield "        command+=\" $words[3]\"\n        shift words\n        (( CURRENT-- )) ;; esac ;;"
            continue
        yield "        if (( CURRENT == 3 )); then _describe command commands; return; fi"
        yield "        command+=\" $words[3]\"\n        shift words\n        (( CURRENT-- )) ;;"
    yield "    esac"
    yield "    shift words\n    (( CURRENT-- ))"
    yield "    case $command in"
    for name, (_, options) in table.items():
        yield f"    '{name}') _arguments -S \\"
        for letter, long, argument, said in options:
            repeated = "*" if said.endswith(" (may be repeated)") else ""
            takes = f":{quoted(argument, ':')}:" if argument else ""
            takes += f"({' '.join(choices(argument))})" if choices(argument) else "_files" if argument else ""
            for mark in ([f"-{letter}"] if letter else []) + [f"--{long}"]:
                alone = "" if repeated or not letter else f"(-{letter} --{long})"
                yield f"        '{repeated or alone}{mark}[{quoted(said, '][')}]{takes}' \\"
        yield "        '*:argument:_files' ;;"
    yield "    esac\n}\n_situs \"$@\""


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("bash", "zsh"):
        sys.exit(__doc__)
    print(*{"bash": bash, "zsh": zsh}[sys.argv[1]](commands(sys.argv[2])), sep="\n")


main()
