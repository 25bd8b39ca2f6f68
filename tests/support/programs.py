"""Which program of the build a command is of (cli/test_programs): a start under sanitizers is dear, and situs would be one
more."""
import os
import re

SITUS = os.environ["SITUS"]
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
with open(os.path.join(SOURCE, "roles", "program", "commands.def")) as commands:
    PROGRAM_OF = {name: program for program, name in re.findall(r'^COMMAND\((\w+), "([^"]+)"', commands.read(), re.M)}


def program_of(words):
    """The program that situs becomes for these words."""
    program = PROGRAM_OF.get(" ".join(words[:2]), PROGRAM_OF.get(words[0] if words else "", "situs"))
    own = os.path.join(os.path.dirname(SITUS), "situs-" + program)
    return own if os.path.exists(own) else SITUS
