#!/usr/bin/env python3
"""embed_sql.py SCHEMA NAME: prints C: the migrations of a schema file ("-- migration N" starts one)."""
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text("utf-8")
parts = re.split(r"^-- migration (\d+)\n", text, flags=re.M)[1:]
numbers, bodies = [int(n) for n in parts[0::2]], parts[1::2]
if numbers != list(range(1, len(numbers) + 1)):
    sys.exit(f"{sys.argv[1]}: migrations are not numbered 1, 2, 3 ...: {numbers}")
print(f'/* Made by tools/embed_sql.py from schema.sql. */\nextern const char *const {sys.argv[2]}[];')
print(f"const char *const {sys.argv[2]}[] = {{")
for body in bodies:
    lines = [line.split("--")[0].rstrip() for line in body.splitlines()]
    for line in filter(None, lines):
        print('    "' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"')
    print("    ,")
print("    0,\n};")
