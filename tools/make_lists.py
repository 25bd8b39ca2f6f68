#!/usr/bin/env python3
"""Writes the lists of sources, tests and fuzz harnesses in the meson.build files from what is there, one
name a line, sorted. --check: says whether they are as it would write them."""
import glob
import os
import re
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
CHECK = '--check' in sys.argv
stale = []


def found(folder, pattern, cut=0):
    names = (os.path.relpath(p, folder) for p in glob.glob(f'{folder}/{pattern}', recursive=True))
    return ''.join(f"  '{n[:len(n) - cut]}',\n" for n in sorted(names))


def write(path, *lists):
    old = text = open(path).read()
    for head, end, rows in lists:
        text = re.sub(re.escape(head) + r'\n.*?\n?' + re.escape(end) + '\n', lambda m: f'{head}\n{rows}{end}\n',
                      text, count=1, flags=re.S)
    if text != old:
        stale.append(path)
        if not CHECK:
            open(path, 'w').write(text)


for layer in ('base', 'codec', 'crypto', 'model', 'evidence', 'endorse', 'appraise', 'situs'):
    if not CHECK:  # a union merge may have left two lists
        open(f'src/{layer}/meson.build', 'w').write('situs_sources += files(\n)\n')
    write(f'src/{layer}/meson.build', ('situs_sources += files(', ')', found(f'src/{layer}', '**/*.c')))
write('tests/meson.build', ('support_sources = files(', ')', found('tests', 'support/*.c')),
      ('tests = [', ']', found('tests', '*/test_*.c', 2)), ('scripts = [', ']', found('tests', '*/test_*.py', 3)))
write('fuzz/meson.build', ('harnesses = [', ']', found('fuzz', 'fuzz_*.c', 2)))
if CHECK and stale:
    sys.exit('stale lists, run tools/make_lists.py: ' + ' '.join(stale))
